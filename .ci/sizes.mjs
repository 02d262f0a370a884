// Prints what a browser downloads, compressed as the server sends it, and fails when it is over its budget (DESIGN §6).
// `node .ci/sizes.mjs --record` keeps the figures in .ci/sizes.json, from which later runs show the growth.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const root = join(import.meta.dirname ?? ".", "..");
const recordPath = join(root, ".ci/sizes.json");
const parts = [
  { name: "wasm", folders: ["target/site"], ending: ".wasm", budget: 520_000 },
  { name: "js", folders: ["target/site", "server/assets"], ending: ".js" },
  { name: "css", folders: ["style"], ending: ".css" },
];

const kb = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

function filesIn(folder, ending) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  const names = readdirSync(path, { recursive: true }).filter((name) => name.endsWith(ending));
  return names.sort().map((name) => readFileSync(join(path, name)));
}

// Quality and window are those of server/build.rs.
function brotliBytes({ folders, ending }) {
  const bytes = Buffer.concat(folders.flatMap((folder) => filesIn(folder, ending)));
  if (bytes.length === 0) return 0;
  return brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_LGWIN]: 24,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  }).length;
}

const before = existsSync(recordPath) ? JSON.parse(readFileSync(recordPath, "utf8")) : {};
const now = {};
for (const part of parts) {
  const size = brotliBytes(part);
  now[part.name] = size;
  const ofBudget = part.budget ? ` of ${part.budget / 1000} KB` : "";
  const growth = size - (before[part.name] ?? size);
  const grown = growth === 0 ? "" : ` (${growth > 0 ? "+" : "−"}${kb(Math.abs(growth))} since it was last recorded)`;
  console.log(`${part.name} ${kb(size)} brotli${ofBudget}${grown}`);
  if (part.budget && size === 0) {
    console.error(`${part.name}: nothing in ${part.folders}; run 'make site' first`);
    process.exitCode = 1;
  }
  if (part.budget && size > part.budget) {
    // What is over its budget may shrink and may not grow: by more than compilers differ, it fails.
    console.error(`${part.name} is ${kb(size - part.budget)} over its budget`);
    if (size > (before[part.name] ?? part.budget) * 1.01) process.exitCode = 1;
  }
}
if (process.argv.includes("--record")) writeFileSync(recordPath, `${JSON.stringify(now, null, 2)}\n`);

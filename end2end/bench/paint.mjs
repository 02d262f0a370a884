// How long until something is seen: node paint.mjs NAME=URL … prints, as JSON, what each load of each page took.
// Slow 4G, a processor a quarter as fast, and nothing in the cache (DESIGN §6). `make bench` calls it and makes the table.

import { chromium } from "@playwright/test";

const LOADS = 15;
const LATENCY_MS = 150;
const BYTES_PER_S = 1_600_000 / 8;
const CPU_SLOWDOWN = 4;
const LOAD_MAX_MS = 20_000;

const pages = process.argv.slice(2).map((page) => page.split(/=(.*)/, 2));

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
});
try {
  const loads = Object.fromEntries(pages.map(([name]) => [name, []]));
  // They take turns, so that what else the machine does falls on all; the first turn warms the browser up.
  for (let turn = 0; turn <= LOADS; turn += 1) {
    for (const [name, url] of pages) {
      const load = await loaded(url);
      if (turn > 0) loads[name].push(load);
    }
  }
  console.log(JSON.stringify(loads));
} finally {
  await browser.close();
}

/** One load by somebody who was never here: a new context has an empty cache and no connection. */
async function loaded(url) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send("Network.enable");
    await devtools.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: LATENCY_MS,
      downloadThroughput: BYTES_PER_S,
      uploadThroughput: BYTES_PER_S,
    });
    await devtools.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
    let requests = 0;
    let bytes = 0;
    devtools.on("Network.requestWillBeSent", () => (requests += 1));
    devtools.on("Network.loadingFinished", (finished) => (bytes += finished.encodedDataLength));
    const answer = await page.goto(url, { waitUntil: "load", timeout: LOAD_MAX_MS });
    if (answer?.status() !== 200) throw new Error(`${url} answered ${answer?.status()}`);
    return { paint_ms: await page.evaluate(firstContentfulPaint), requests, bytes };
  } finally {
    await context.close();
  }
}

/** Runs in the page. */
function firstContentfulPaint() {
  return new Promise((seen) => {
    new PerformanceObserver((entries) => {
      const paint = entries.getEntriesByName("first-contentful-paint")[0];
      if (paint) seen(paint.startTime);
    }).observe({ type: "paint", buffered: true });
  });
}

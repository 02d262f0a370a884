// Starts the app in the page that the server drew. The page can be read before this has run.

import init from "./drumbeat.js";

// Leptos looks here for data of its own streams. Pages carry theirs in the snapshot instead, so that no
// script stands inside a page and the content security policy can forbid it.
globalThis.__RESOLVED_RESOURCES ??= [];
globalThis.__PENDING_RESOURCES ??= [];
globalThis.__RESOURCE_RESOLVERS ??= [];
globalThis.__SERIALIZED_ERRORS ??= [];
globalThis.__INCOMPLETE_CHUNKS ??= [];

await init({ module_or_path: new URL("./drumbeat_bg.wasm", import.meta.url) });

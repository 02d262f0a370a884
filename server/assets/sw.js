// Lets a reload without a network open the app, which then shows the last known board and rooms from the device.
// It answers page loads of the app and its hashed files, and the page of who is signed out; for the door it stands in only
// when nobody answers. Nothing else: never a POST, /live, /sync or /status, nor a timeline that is saved as a file.
// No page that it keeps has anything of the record in it.

const CACHE = "drumbeat-{{hash}}";
const SHELL = "/app-shell";
const SIGNED_OUT = "/signed-out";
const ASSETS = ["{{assets}}"];
// On a network this slow the app from the device is of more use than a blank page.
const TIMEOUT_MS = 3000;

self.addEventListener("install", (event) => {
  const fresh = [SHELL, SIGNED_OUT, ...ASSETS].map((url) => new Request(url, { cache: "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(fresh)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const dropOld = (names) =>
    Promise.all(names.filter((name) => name.startsWith("drumbeat-") && name !== CACHE).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(dropOld).then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (url.pathname.startsWith("/pkg/")) {
    // Asked for past this worker (start.js).
    if (url.search) return;
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  } else if (request.mode === "navigate" && /^\/($|declare(\/|$)|incidents\/(?![^/]+\/timeline\.))/.test(url.pathname)) {
    event.respondWith(page(request));
  } else if (request.mode === "navigate" && url.pathname === SIGNED_OUT) {
    event.respondWith(caches.match(SIGNED_OUT).then((kept) => kept ?? fetch(request)));
  } else if (request.mode === "navigate" && url.pathname === "/sign-in") {
    event.respondWith(fetch(request).catch(async (lost) => (await caches.match(SIGNED_OUT)) ?? Promise.reject(lost)));
  }
});

// The network is back after a sign-out without one. The server ends only what was ended in this browser.
self.addEventListener("sync", (event) => {
  if (event.tag === "sign-out") event.waitUntil(fetch("/sign-out/pending", { method: "POST" }));
});

// The network first: its page has the data in it. The shell stands in when nobody answers, or only a broken gateway.
async function page(request) {
  const shell = await caches.match(SHELL);
  const network = fetch(request);
  if (!shell) return network;
  const late = new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS, shell));
  const led = network.then((answer) => (answer.type === "opaqueredirect" && mayHang(request) ? ledOn(request) : answer));
  const answered = led.then((answer) => (answer.status >= 502 && answer.status <= 504 ? shell : answer), () => shell);
  return Promise.race([answered, late]);
}

// WebKit (2.50) hangs for good where a worker answers the way back with a redirect, of whatever kind, and does not say which
// requests are the way back.
const mayHang = (request) => request.isHistoryNavigation !== false;

// A page that leads to where the redirects of a request end.
async function ledOn(request) {
  const { url } = await fetch(request.url, { credentials: "same-origin" });
  const to = url.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const html = `<!doctype html><meta http-equiv="refresh" content="0; url=${to}">`;
  return new Response(html, { headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" } });
}

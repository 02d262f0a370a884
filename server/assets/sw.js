// Lets a reload without a network open the app, which then shows the last known board and rooms from the device.
// It answers page loads of the app and its hashed files, and nothing else: never a POST, /live, /sync, /sign-in or /status,
// nor a timeline that is saved as a file.

const CACHE = "drumbeat-{{hash}}";
const SHELL = "/app-shell";
const ASSETS = ["{{assets}}"];
// On a network this slow the app from the device is of more use than a blank page.
const TIMEOUT_MS = 3000;

self.addEventListener("install", (event) => {
  const fresh = [SHELL, ...ASSETS].map((url) => new Request(url, { cache: "no-cache" }));
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
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  } else if (request.mode === "navigate" && /^\/($|declare(\/|$)|incidents\/(?![^/]+\/timeline\.))/.test(url.pathname)) {
    event.respondWith(page(request));
  }
});

// The network first: its page has the data in it. The shell stands in when nobody answers, or only a broken gateway.
async function page(request) {
  const shell = await caches.match(SHELL);
  const network = fetch(request);
  if (!shell) return network;
  const late = new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS, shell));
  const answered = network.then((answer) => (answer.status >= 502 && answer.status <= 504 ? shell : answer), () => shell);
  return Promise.race([answered, late]);
}

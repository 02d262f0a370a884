// Keeps a page to the session that it was opened in. When that session ends, here, in another tab or on the server, the
// page is hidden and left, and the device forgets the record (D4). What was not sent and texts half written stay: they
// wait for their author.

// The cookie beside the token that pages can read (server/src/http/mark.rs): the session that is open in this browser, or
// that it was ended here while the server was out of reach.
// Browsers take one without TLS only under a plain name. On the machine itself the server uses that, and the page says so; it is
// believed there only. Of two spellings one is read (server/src/http/cookies.rs).
const root = document.documentElement;
const isLoopback = ["127.0.0.1", "localhost", "[::1]"].includes(location.hostname);
const isToldPlain = root.dataset.cookies === "plain";
const isPlain = isLoopback && isToldPlain;
const COOKIE = isPlain ? "drumbeat-open" : "__Host-drumbeat-open";
const ENDED = "ended";
const ENDED_EVERYWHERE = "ended-everywhere";
// As long as browsers keep a cookie. The session ends sooner.
const ENDED_MAX_AGE_S = 400 * 24 * 60 * 60;
// The database of app/src/replica/device.rs. All of its stores are of the record, but for what one person wrote.
const DATABASE = "drumbeat";
const OF_PERSONS = ["outbox", "drafts"];
// Where it says of which session the record is.
const LAST = "last";
const SESSION = "session";
// How long a page waits for the device to forget before it is left. The next page forgets what is still there.
const FORGET_MAX_MS = 1000;
// A cookie that runs out is told by no event.
const LOOK_EVERY_MS = 15000;
// A session that ends elsewhere is told to the app by its stream, and to other pages by nobody: they ask.
const ASK_EVERY_MS = 60000;
const SIGNED_OUT = 401;

const mark = () => {
  const cookie = document.cookie.split("; ").find((cookie) => cookie.startsWith(`${COOKIE}=`));
  return cookie?.slice(COOKIE.length + 1) ?? "";
};
const isEnded = (mark) => mark === ENDED || mark === ENDED_EVERYWHERE;
export const isOpen = () => mark() !== "" && !isEnded(mark());

// The session that was open here, where the server says that it has ended: elsewhere, while no page of ours was open.
const gone = document.querySelector("[data-ended]")?.dataset.ended;
if (gone && mark() === gone) put(ENDED);

// The session of this page; empty when none was open.
const session = isOpen() ? mark() : "";
const tabs = new BroadcastChannel("drumbeat-rights");
let isLeft = false;

function put(ended) {
  const secure = isPlain ? "" : " Secure;";
  document.cookie = `${COOKIE}=${ended}; Path=/;${secure} SameSite=Lax; Max-Age=${ENDED_MAX_AGE_S}`;
}

// Deletes all that the device keeps of the record, unless it is that of the session that is open.
function forget() {
  return new Promise((done) => {
    const asked = indexedDB.open(DATABASE);
    // There is none: it is not made here.
    asked.onupgradeneeded = () => asked.transaction.abort();
    asked.onerror = (event) => {
      event.preventDefault();
      done();
    };
    asked.onsuccess = () => {
      const database = asked.result;
      database.onversionchange = () => database.close();
      const end = () => {
        database.close();
        done();
      };
      const stores = [...database.objectStoreNames].filter((name) => !OF_PERSONS.includes(name));
      if (!stores.includes(LAST)) return end();
      // On the disk before the page is left: a power cut must not bring it back.
      const work = database.transaction(stores, "readwrite", { durability: "strict" });
      work.oncomplete = work.onabort = end;
      const kept = work.objectStore(LAST).get(SESSION);
      kept.onsuccess = () => {
        if (isOpen() && kept.result === mark()) return;
        for (const name of stores) work.objectStore(name).clear();
      };
    };
    // Where a browser has no databases, nothing is kept.
  }).catch(() => {});
}

// Hides this page and leaves it, at once in this tab and as soon as they hear of it in the others.
function leave(then) {
  if (isLeft) return;
  isLeft = true;
  root.style.display = "none";
  document.title = "Drumbeat";
  tabs.postMessage("");
  const late = new Promise((done) => setTimeout(done, FORGET_MAX_MS));
  const to = then ? `/signed-out?then=${encodeURIComponent(then)}` : "/signed-out";
  Promise.race([forget(), late]).finally(() => location.replace(to));
}

const here = () => location.pathname + location.search;

// Has the session of this page ended? Where one signs in nothing of the record is shown, and whoever does is on their way:
// they are not led back there.
function look() {
  if (location.pathname === "/sign-in") return;
  if (session && mark() !== session) leave(here());
}

// Has the server end what was ended here, whoever is in by now. True when it answered.
export async function report() {
  try {
    const answer = await fetch("/sign-out/pending", { method: "POST", signal: AbortSignal.timeout(5000) });
    return answer.status === 204;
  } catch {
    return false;
  }
}

// A page that is of no use without a session asks this first. False: it is being left.
export function stay() {
  // Led to the door, one would only come back here.
  if (isToldPlain && !isLoopback) throw new Error("The proxy of this server has to pass the Host header on.");
  if (!session) leave(here());
  return !isLeft;
}

root.dataset.session = session;
root.dataset.mark = COOKIE;
for (const shown of ["pageshow", "focus"]) addEventListener(shown, look);
for (const shown of ["visibilitychange", "resume"]) document.addEventListener(shown, look);
tabs.addEventListener("message", look);
setInterval(look, LOOK_EVERY_MS);

// The server said that the session of this page is over.
function end() {
  // Not if somebody signed in meanwhile: that session is theirs.
  if (session && mark() === session) put(ENDED);
  leave(here());
}

// It told the app (app/src/replica/rights.rs).
addEventListener("drumbeat-signed-out", end);

let isAsking = false;

// Asks whether the session of this page is still open. What is no clear answer changes nothing.
async function ask() {
  if (isAsking || isLeft || !session || mark() !== session || "hydrated" in root.dataset || document.hidden) return;
  isAsking = true;
  try {
    const answer = await fetch("/session", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    // A proxy may want its own sign-in: it does not speak of ours.
    const isOurs = answer.headers.has("x-request-id");
    // Where one signs in nobody is led back to.
    if (answer.status === SIGNED_OUT && isOurs && mark() === session && location.pathname !== "/sign-in") end();
  } catch {
    // Out of reach.
  } finally {
    isAsking = false;
  }
}

for (const shown of ["pageshow", "focus"]) addEventListener(shown, ask);
for (const shown of ["visibilitychange", "resume"]) document.addEventListener(shown, ask);
setInterval(ask, ASK_EVERY_MS);

addEventListener("submit", (event) => {
  // Not `form.action`: a field of that name would stand in its place.
  const path = new URL(event.target.getAttribute("action") ?? "", location).pathname;
  // Without a mark there is nothing to write on: the form does it alone.
  if (!session || (path !== "/sign-out" && path !== "/sign-out-everywhere")) return;
  event.preventDefault();
  if (mark() === session) put(path === "/sign-out" ? ENDED : ENDED_EVERYWHERE);
  // Where browsers can: the worker reports it when the network is back, if no page does.
  navigator.serviceWorker?.ready.then((worker) => worker.sync?.register("sign-out")).catch(() => {});
  leave();
});

// Pages of a session that is not this one's look when they hear that a page was opened.
tabs.postMessage("");
forget();
if (isEnded(mark())) report();

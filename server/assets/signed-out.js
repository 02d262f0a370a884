// Goes on from the page of who is signed out: to the door once the server has heard of it, or back to where it came from
// when somebody is signed in.

import { isOpen, report } from "./rights.js";

// Waits between tries; the last one repeats. A network that is back is heard of at once.
const WAITS_MS = [1000, 2000, 4000, 8000, 15000];

const asked = new URLSearchParams(location.search).get("then") ?? "";
// A path of ours: browsers drop tabs and line ends from an address, and what is left may name another host.
const then = /^\/(?![/\\])[^\u0000-\u0020\\]*$/.test(asked) ? asked : "/";

for (let tries = 0; ; tries++) {
  if (isOpen()) {
    location.replace(then);
    break;
  }
  if (await report()) {
    location.replace(`/sign-in?then=${encodeURIComponent(then)}`);
    break;
  }
  document.getElementById("pending").textContent =
    "The server is out of reach. This device is locked all the same, and tells the server as soon as it answers.";
  await new Promise((done) => {
    setTimeout(done, WAITS_MS[Math.min(tries, WAITS_MS.length - 1)]);
    addEventListener("online", done, { once: true });
  });
}

// Starts the app in the place of the page that the server drew. That page can be read, and its links followed, before
// this has run; where the cursor stood goes over, and what was unfolded stays so. What keeps the app from starting is
// shown in the line that the server drew for it (app/src/shell.rs).

const line = document.getElementById("unstarted");
const why = line.lastElementChild;

// Once the app stands in the place of the page, the line is gone with it.
function failed(error) {
  if (!line.isConnected) return;
  line.dataset.shown = "";
  why.textContent = `What went wrong: ${error?.message ?? error}`;
}
addEventListener("error", ({ error, message }) => failed(error ?? message));
addEventListener("unhandledrejection", ({ reason }) => failed(reason));

// A worker that is replaced while it hands the program on breaks off in the middle (Firefox calls that an AbortError). The
// second try is past the worker, which answers no query, and past what the browser keeps.
async function program() {
  const path = new URL("./drumbeat_bg.wasm", import.meta.url);
  try {
    return await WebAssembly.compileStreaming(fetch(path));
  } catch (lost) {
    console.warn("The program is fetched once more:", lost);
    return WebAssembly.compileStreaming(fetch(`${path}?again`, { cache: "reload" }));
  }
}

// Not at the top: what fails to load there fails without a word.
async function start() {
  const { stay } = await import("./rights.js");
  // A page that is being left starts nothing more.
  if (!stay()) return;

  // Both are drawn from the same data, so the same place has the same link or button.
  const places = () => [...document.querySelectorAll("a[href], button, summary")];
  let stood = places().indexOf(document.activeElement);
  const follow = ({ target }) => (stood = places().indexOf(target));
  addEventListener("focusin", follow);
  const folds = () => [...document.querySelectorAll("details")];
  const drawn = folds();

  const [{ default: init }, module] = await Promise.all([import("./drumbeat.js"), program()]);
  await init({ module_or_path: module });

  removeEventListener("focusin", follow);
  folds().forEach((fold, i) => (fold.open ||= drawn[i]?.open ?? false));
  if (document.activeElement === document.body) places()[stood]?.focus({ preventScroll: true });
  // The style needs these; the program runs without.
  if (!CSS.supports("color", "light-dark(red, red)") || !CSS.supports("selector(:has(a))")) {
    line.dataset.shown = "";
    line.textContent = "This browser is older than Safari 17.5, Firefox 121 and Chrome 123: not everything is shown as it should be. Update it.";
    document.body.prepend(line);
  }
}

start().catch(failed);

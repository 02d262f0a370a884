// Starts the app in the place of the page that the server drew. That page can be read, and its links followed, before
// this has run; where the cursor stood goes over, and what was unfolded stays so.

import init from "./drumbeat.js";
import { stay } from "./rights.js";

// A page that is being left starts nothing more.
if (!stay()) await new Promise(() => {});

// Both are drawn from the same data, so the same place has the same link or button.
const places = () => [...document.querySelectorAll("a[href], button, summary")];
let stood = places().indexOf(document.activeElement);
const follow = ({ target }) => (stood = places().indexOf(target));
addEventListener("focusin", follow);
const folds = () => [...document.querySelectorAll("details")];
const drawn = folds();

await init({ module_or_path: new URL("./drumbeat_bg.wasm", import.meta.url) });

removeEventListener("focusin", follow);
folds().forEach((fold, i) => (fold.open ||= drawn[i]?.open ?? false));
if (document.activeElement === document.body) places()[stood]?.focus({ preventScroll: true });

// @ts-check
/* Keys for those who want them; nothing needs one, and none does anything while one types.

   [data-key="a"]     a link or button of the page that the key presses
   [data-palette]     button: opens the command palette, as Ctrl+K and / do
   onKey("j", …)      what a page does itself */
import { all } from "../dom.js";
import { EVERYWHERE, LIST_KEYS, ORDER_KEYS, isShortcut } from "./shortcuts.js";

/** @typedef {() => boolean | void} Handler answers false where the key does nothing */

/** @type {Map<string, Handler>} */
const handlers = new Map();

/**
 * Let a key do something on this page.
 *
 * @param {string} key
 * @param {Handler} handler
 */
export function onKey(key, handler) {
  handlers.set(key, handler);
}

function keysOfPage() {
  const list = document.querySelector("[data-live-list]"), order = document.querySelector("[data-live-order]");
  return [...(list ? LIST_KEYS : []), ...(order ? ORDER_KEYS : []), ...EVERYWHERE];
}

function showKeys() {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog keys";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = document.createElement("h2"), table = document.createElement("dl"), close = document.createElement("button");
  title.id = "keys-title";
  title.textContent = "Keys";
  table.className = "facts";
  table.append(...keysOfPage().flatMap(([key, meaning]) => {
    const term = document.createElement("dt"), what = document.createElement("dd"), cap = document.createElement("kbd");
    cap.textContent = key;
    term.append(cap);
    what.textContent = meaning;
    return [term, what];
  }));
  close.className = "btn";
  close.textContent = "Close";
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.append(title, table, close);
  document.body.append(dialog);
  dialog.showModal();
}

/* Loaded when it is wanted first: most pages are left without it. */
const hasPalette = () => document.querySelector(".side-search") !== null;
/** @type {string | null} what was typed for the palette while it is loaded; null where nobody waits for it */
let typedAhead = null;
async function showPalette() {
  if (typedAhead !== null) return;
  typedAhead = "";
  try {
    const { openPalette } = await import("./palette.js");
    openPalette([
      { group: "Help", label: "Show the keys of this page", key: "?", run: showKeys },
      ...[...handlers].filter(([key]) => key === "t").map(([key, run]) => ({ group: "Help", label: "Exact times, and back", key, run })),
    ], typedAhead);
  } finally {
    typedAhead = null;
  }
}
// Whoever types on before it is there means the palette, not the keys of the page: an "a" must approve nothing.
document.addEventListener("keydown", (event) => {
  if (typedAhead === null || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key.length === 1) typedAhead += event.key;
  else if (event.key === "Backspace") typedAhead = typedAhead.slice(0, -1);
  event.preventDefault();
}, true);

// From anywhere, and while one types too; on a Mac with Command.
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || !hasPalette()) return;
  event.preventDefault();
  showPalette();
});
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-palette]")) showPalette();
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]") || !isShortcut(event)) return;
  const { key } = event;
  const control = all(`[data-key="${CSS.escape(key)}"]`).find((one) => !one.matches(":disabled") && one.getClientRects().length);
  const handler = handlers.get(key);
  if (handler) {
    if (handler() === false) return;
  } else if (key === "?") showKeys();
  else if (key === "/" && hasPalette()) showPalette();
  else if (control) control.click();
  else return;
  event.preventDefault();
});

// @ts-check
/**
 * Small conveniences of every page. Each page works without them; each is switched on by an attribute: those of forms
 * are in page/forms.js, of lists and their rows in page/rows.js, of suggestions in page/combo.js. And here:
 *
 *   data-copy="text"      button: copies the text (data-copied: what to call it, where it is long)
 *   data-problems         what is wrong with a form: has the focus from the start
 *   details.menu          a menu: closes on a click elsewhere, and on Escape
 */
import { all } from "./dom.js";
import { ask, toast } from "./page/dialogs.js";
import { again } from "./page/forms.js";
import { addRow, openRow, removeRow, step } from "./page/rows.js";

/** @param {HTMLElement} button */
async function copy(button) {
  const text = button.dataset.copy ?? "";
  try {
    await navigator.clipboard.writeText(text);
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 1500);
    toast(`Copied ${button.dataset.copied || text}`);
  } catch {
    toast("Copying is not allowed here. Select the text instead.");
  }
}

/**
 * The open menus that do not hold the element.
 *
 * @param {EventTarget | null} target
 */
const openMenus = (target) =>
  all("details.menu[open]", document, HTMLDetailsElement).filter((menu) => !(target instanceof Node && menu.contains(target)));

// The click that closes a menu does nothing else.
let closing = false;
document.addEventListener(
  "pointerdown",
  (event) => {
    closing = openMenus(event.target).length > 0;
  },
  true,
);

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (button?.dataset.copy) copy(button);
  else if (button?.dataset.step) step(button);
  else if (button && "addRow" in button.dataset) addRow(button);
  else if (button && "removeRow" in button.dataset) removeRow(button);
  else if (!closing) openRow(event, event.ctrlKey || event.metaKey);
  closing = false;
  for (const menu of openMenus(event.target)) menu.open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || !(event.target instanceof Element)) return;
  const menu = event.target.closest("details.menu[open]");
  if (!(menu instanceof HTMLDetailsElement)) return;
  menu.open = false;
  menu.querySelector("summary")?.focus();
});

// The tab one is at, in sight: on a small screen the tabs are wider than it.
for (const tab of all(".tabs [aria-current]")) {
  const tabs = tab.parentElement;
  if (tabs) tabs.scrollLeft = tab.offsetLeft - tabs.offsetLeft - 24;
}

// What is wrong with a form is read first; its links lead to the fields.
const problems = document.querySelector("[data-problems]");
if (problems instanceof HTMLElement) problems.focus();

window.hw = { toast, ask, again };

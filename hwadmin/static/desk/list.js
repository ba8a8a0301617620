// @ts-check
/* The list of orders: what is chosen and what it comes to, and where one is in the list.

   input[name=order][data-sums][data-can]       the box of a row: what it costs, and what can be done to it
   .selection-bar                               shown while something is chosen
     [data-chosen] [data-chosen-total]          how many, and what they cost together
     button[data-action]                        enabled while it can be done to one of them
     button[data-choose-none] */
import { all, one } from "../dom.js";
import "./in_place.js";
import { onKey } from "./keys.js";
import { nextPlace, possible, totalOf } from "./selection.js";

const boxes = () => all("tbody input[name=order]", document, HTMLInputElement);
const rows = () => all("tbody tr[data-href]", document, HTMLTableRowElement);

/** @returns {HTMLTableRowElement | null} the row that has the focus */
function currentRow() {
  return document.activeElement?.closest("tbody tr[data-href]") ?? null;
}

/** @param {HTMLTableRowElement | undefined} row */
function focusRow(row) {
  row?.querySelector("a")?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

/** Say that boxes were ticked or cleared by a script. */
function announceChoice() {
  boxes()[0]?.dispatchEvent(new Event("change", { bubbles: true }));
}

function showChosen() {
  const bar = all(".selection-bar")[0];
  if (!bar) return;
  const chosen = boxes().filter((box) => box.checked);
  bar.hidden = !chosen.length;
  one("[data-chosen]", bar).textContent = `${chosen.length} selected`;
  one("[data-chosen-total]", bar).textContent = totalOf(chosen.map((box) => box.dataset.sums ?? ""));
  const counts = possible(chosen.map((box) => box.dataset.can ?? ""));
  for (const button of all("button[data-action]", bar, HTMLButtonElement)) {
    const count = counts[button.dataset.action ?? ""] || 0;
    button.disabled = !count;
    one("[data-count]", button).textContent = count && count < chosen.length ? ` ${count}` : "";
  }
}
document.addEventListener("change", showChosen);
document.addEventListener("click", (event) => {
  if (!(event.target instanceof Element) || !event.target.closest("[data-choose-none]")) return;
  for (const box of boxes()) box.checked = false;
  announceChoice();
  focusRow(rows()[0]);
});

/* Where one was, and what was chosen, when the list is shown anew. */
let place = -1;
let reference = "";
/** @type {Set<string>} */
let chosen = new Set();
document.addEventListener("hw:leaving", () => {
  const row = currentRow();
  place = row ? rows().indexOf(row) : -1;
  reference = row?.dataset.href || "";
  chosen = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
});
document.addEventListener("hw:shown", () => {
  for (const box of boxes()) box.checked = chosen.has(box.value);
  announceChoice();
  showChosen();
  const now = rows();
  if (place >= 0) focusRow(now.find((row) => row.dataset.href === reference) || now[nextPlace(place, now.length)]);
});
addEventListener("pageshow", showChosen);
showChosen();

/* Keys */
/** @param {number} by how many rows to go down */
function step(by) {
  const current = currentRow();
  const now = rows();
  const here = current ? now.indexOf(current) : -1;
  focusRow(now[here < 0 ? 0 : Math.min(Math.max(here + by, 0), now.length - 1)]);
}
onKey("j", () => step(1));
onKey("k", () => step(-1));
onKey("x", () => {
  const row = currentRow();
  const box = row && all("input[name=order]", row, HTMLInputElement)[0];
  if (!box) return false;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
});
onKey("a", () => {
  const row = currentRow();
  const several = all(".selection-bar:not([hidden]) button[data-action=approve]:not(:disabled)")[0];
  const button = several || (row && all("button[formaction$='/approve']", row)[0]);
  if (!button) return false;
  button.click();
  return true;
});

/* For the pages of the orders: which ones are beside each in this list. */
const remember = () => sessionStorage.setItem("orders list", JSON.stringify({
  address: location.pathname + location.search, orders: rows().map((row) => (row.dataset.href ?? "").split("/").pop()),
}));
document.addEventListener("hw:shown", remember);
remember();

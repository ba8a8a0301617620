/* The list of orders: what is chosen and what it comes to, and where one is in the list.

   input[name=order][data-sums][data-can]       the box of a row: what it costs, and what can be done to it
   .selection-bar                               shown while something is chosen
     [data-chosen] [data-chosen-total]          how many, and what they cost together
     button[data-action]                        enabled while it can be done to one of them
     button[data-choose-none] */
import "./in_place.js";
import { onKey } from "./keys.js";
import { nextPlace, possible, totalOf } from "./selection.js";

const boxes = () => [...document.querySelectorAll("tbody input[name=order]")];
const rows = () => [...document.querySelectorAll("tbody tr[data-href]")];
export const currentRow = () => document.activeElement?.closest?.("tbody tr[data-href]") || null;

export function focusRow(row) {
  row?.querySelector("a")?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
}

function showChosen() {
  const bar = document.querySelector(".selection-bar");
  if (!bar) return;
  const chosen = boxes().filter((box) => box.checked);
  bar.hidden = !chosen.length;
  bar.querySelector("[data-chosen]").textContent = `${chosen.length} selected`;
  bar.querySelector("[data-chosen-total]").textContent = totalOf(chosen.map((box) => box.dataset.sums));
  const counts = possible(chosen.map((box) => box.dataset.can));
  bar.querySelectorAll("button[data-action]").forEach((button) => {
    const count = counts[button.dataset.action] || 0;
    button.disabled = !count;
    button.querySelector("[data-count]").textContent = count && count < chosen.length ? ` ${count}` : "";
  });
}
document.addEventListener("change", showChosen);
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-choose-none]")) return;
  boxes().forEach((box) => { box.checked = false; });
  boxes()[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  focusRow(rows()[0]);
});

/* Where one was, and what was chosen, when the list is shown anew. */
let place = -1, reference = "", chosen = new Set();
document.addEventListener("hw:leaving", () => {
  const row = currentRow();
  place = rows().indexOf(row);
  reference = row?.dataset.href || "";
  chosen = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
});
document.addEventListener("hw:shown", () => {
  boxes().forEach((box) => { box.checked = chosen.has(box.value); });
  boxes()[0]?.dispatchEvent(new Event("change", { bubbles: true }));
  showChosen();
  const all = rows();
  if (place >= 0) focusRow(all.find((row) => row.dataset.href === reference) || all[nextPlace(place, all.length)]);
});
addEventListener("pageshow", showChosen);
showChosen();

/* Keys */
function step(by) {
  const all = rows(), here = all.indexOf(currentRow());
  focusRow(all[here < 0 ? 0 : Math.min(Math.max(here + by, 0), all.length - 1)]);
}
onKey("j", () => step(1));
onKey("k", () => step(-1));
onKey("x", () => {
  const box = currentRow()?.querySelector("input[name=order]");
  if (!box) return false;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
});
onKey("a", () => {
  const several = document.querySelector(".selection-bar:not([hidden]) button[data-action=approve]:not(:disabled)");
  const button = several || currentRow()?.querySelector("button[formaction$='/approve']");
  if (!button) return false;
  button.click();
  return true;
});

/* For the pages of the orders: which ones are beside each in this list. */
const remember = () => sessionStorage.setItem("orders list", JSON.stringify({
  address: location.pathname + location.search, orders: rows().map((row) => row.dataset.href.split("/").pop()),
}));
document.addEventListener("hw:shown", remember);
remember();

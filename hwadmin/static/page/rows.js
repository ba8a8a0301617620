// @ts-check
/**
 * Rows of lists: opening, choosing, adding and removing them.
 *
 *   data-href="/orders/1"         row: opens on click, in a new tab with Ctrl or the middle button
 *   data-step="-1"                button in .stepper: changes the number beside it
 *   data-select-all="name"        checkbox: ticks all boxes of that name
 *   data-selected="name"          text: "2 selected"
 *   data-needs-selected="name"    button: disabled while none is
 *   data-selection="name"         bar: shown while one is
 *   data-rows="lines"             list: data-add-row copies its <template>, data-remove-row removes the [data-row] around it
 */
import { all, one } from "../dom.js";
import { combo } from "./combo.js";

// ---- Rows that open

const CONTROLS = "a, button, input, select, textarea, label, summary, dialog";

/**
 * Open the page of the row that was clicked, unless a control in it was, or text is being selected.
 *
 * @param {MouseEvent} event
 * @param {boolean} newTab
 */
export function openRow(event, newTab) {
  if (!(event.target instanceof Element)) return;
  const address = event.target.closest("[data-href]")?.getAttribute("data-href");
  if (!address || event.target.closest(CONTROLS) || String(getSelection())) return;
  if (newTab) window.open(address, "_blank", "noopener");
  else location.assign(address);
}
document.addEventListener("auxclick", (event) => {
  if (event.button === 1) openRow(event, true);
});

// ---- Quantity steppers

/** @param {HTMLElement} button one of the two beside the number */
export function step(button) {
  const input = one("input", button.parentElement ?? document, HTMLInputElement);
  const before = input.value;
  if (Number(button.dataset.step) > 0) input.stepUp();
  else input.stepDown();
  if (input.value === before) return;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

// ---- Choosing rows

/** @param {string} name */
const boxesOf = (name) => all(`input[type=checkbox][name="${CSS.escape(name)}"]:not(:disabled)`, document, HTMLInputElement);

/** @param {string} name of the boxes whose count is shown */
function showSelected(name) {
  const boxes = boxesOf(name);
  const count = boxes.filter((box) => box.checked).length;
  for (const box of all(`[data-select-all="${name}"]`, document, HTMLInputElement)) {
    box.checked = count > 0 && count === boxes.length;
    box.indeterminate = count > 0 && count < boxes.length;
  }
  for (const text of all(`[data-selected="${name}"]`)) text.textContent = `${count} selected`;
  for (const button of all(`[data-needs-selected="${name}"]`, document, HTMLButtonElement)) button.disabled = !count;
  for (const bar of all(`[data-selection="${name}"]`)) bar.hidden = !count;
  for (const box of boxes) box.closest("tr")?.classList.toggle("chosen", box.checked);
}

document.addEventListener("change", (event) => {
  const box = event.target;
  if (!(box instanceof HTMLInputElement) || box.type !== "checkbox") return;
  if (box.dataset.selectAll) {
    for (const other of boxesOf(box.dataset.selectAll)) other.checked = box.checked;
    showSelected(box.dataset.selectAll);
  } else if (box.name && document.querySelector(`[data-select-all="${CSS.escape(box.name)}"]`)) {
    showSelected(box.name);
  }
});

function showAllSelected() {
  for (const name of new Set(all("[data-select-all]").map((box) => box.dataset.selectAll ?? ""))) showSelected(name);
}
addEventListener("pageshow", showAllSelected);
showAllSelected();

// ---- Rows added and removed

const NUMBERED = ["name", "id", "for", "aria-describedby", "aria-labelledby"];

/** @param {HTMLElement} list whose rows are numbered from 0 again */
function renumber(list) {
  const prefix = list.dataset.rows;
  const pattern = new RegExp(`(^| )${prefix}-\\d+(?=-|$)`, "g");
  all("[data-row]", list).forEach((row, n) => {
    for (const element of [row, ...all(NUMBERED.map((attribute) => `[${attribute}]`).join(), row, Element)]) {
      for (const attribute of NUMBERED) {
        const value = element.getAttribute(attribute);
        if (value) element.setAttribute(attribute, value.replace(pattern, `$1${prefix}-${n}`));
      }
    }
  });
}

/** @param {HTMLElement} button with data-add-row, in its list or with the list's name as its value */
export function addRow(button) {
  const list = button.closest("[data-rows]") ?? one(`[data-rows="${button.dataset.addRow}"]`);
  const template = one("template", list, HTMLTemplateElement);
  const holder = document.createElement("template");
  holder.innerHTML = template.innerHTML.replaceAll("__n__", String(all("[data-row]", list).length));
  const row = /** @type {HTMLElement} */ (holder.content.firstElementChild);
  template.before(row);
  all("[data-combo]", row, HTMLInputElement).forEach(combo);
  all("input:not([type=hidden]), select, textarea", row)[0]?.focus();
  row.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @param {HTMLElement} button with data-remove-row, in the row */
export function removeRow(button) {
  const row = button.closest("[data-row]");
  const list = /** @type {HTMLElement | null | undefined} */ (row?.closest("[data-rows]"));
  if (!row || !list) return;
  const next = row.nextElementSibling?.matches("[data-row]") ? row.nextElementSibling : row.previousElementSibling;
  row.remove();
  renumber(list);
  (next && all("[data-remove-row]", next)[0] || all("[data-add-row]", list)[0])?.focus();
  list.dispatchEvent(new Event("input", { bubbles: true }));
}

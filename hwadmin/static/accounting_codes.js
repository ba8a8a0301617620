// @ts-check
/* Rows of accounting codes of a unit ([data-codes]): shows one to type into, and what the shares make. */
import { all, one } from "./dom.js";

/** @param {HTMLElement} row */
const share = (row) => one(".percent-field input", row, HTMLInputElement).value.trim().replace(",", ".").replace("%", "");

/**
 * In a row of a table a second code is asked for only where the first does not take all.
 * @param {HTMLElement} box
 */
export function drawCodes(box) {
  const rows = all(".code-row", box);
  /** @param {HTMLElement} row */
  const blank = (row) => all("input", row, HTMLInputElement).every((input) => !input.value.trim());
  const last = rows.map((row) => !blank(row)).lastIndexOf(true);
  const takesAll = box.dataset.codes === "row" && last === 0 && [0, 100].includes(+share(rows[0]));
  rows.forEach((row, at) => {
    row.hidden = at > 0 && (takesAll || last < 0 || (at > last + 1 && blank(row)));
  });
  const shares = rows.filter((row) => !blank(row)).map(share);
  const sum = shares.reduce((total, percent) => total + Math.round((+percent || 0) * 100), 0) / 100;
  const place = one("[data-split-sum]", box);
  place.textContent = shares.length > 1 ? `The shares make ${sum} %${sum === 100 ? "." : "; they must make 100 %."}` : "";
  place.classList.toggle("warn-text", shares.length > 1 && sum !== 100);
  // What the server wrote of them is not repeated, and no longer once they are changed.
  place.hidden = all(":scope > .error", box).some((error) => !error.hidden);
}

/** @param {Event} event an input, of a code or of anything else */
export function codesChanged({ target }) {
  const box = target instanceof Element ? target.closest("[data-codes]") : null;
  if (!(box instanceof HTMLElement)) return;
  for (const error of all(":scope > .error", box)) error.hidden = true;
  drawCodes(box);
}

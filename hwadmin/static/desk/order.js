// @ts-check
/* The page of an order: the orders beside it in the list one came from, and its totals while lines are edited.

   [data-neighbours] > a[rel=prev], span, a[rel=next]     filled where the list is known; hidden otherwise
   form[data-approve]                                     gets "Approve and next", and saves edited lines first
   #lines tr[data-unit][data-monthly]                     prices in cents; td[data-line-total] is what they come to
   [data-order-total]  [data-unsaved]  [data-discard]
   #add-line                                              the item that is added, with the choices of its model */
import { all, one } from "../dom.js";
import { money, price } from "../money.js";
import { drawChoices, variantsOf } from "../variants.js";
import "./keys.js";
import { neighbours, totalsOf } from "./line_totals.js";

const reference = one("[data-live-order]").dataset.liveOrder ?? "";
const approve = all("form[data-approve]", document, HTMLFormElement)[0];
const form = all("#lines", document, HTMLFormElement)[0];

// ---- The list one came from

/** @type {{ address: string, orders: string[] } | null} */
const list = JSON.parse(sessionStorage.getItem("orders list") || "null");
const beside = list && neighbours(list.orders, reference);
if (list && beside) {
  const nav = one("[data-neighbours]");
  nav.hidden = false;
  one("span", nav).textContent = `${beside.place} of ${beside.count}`;
  for (const [rel, order] of [["prev", beside.previous], ["next", beside.next]]) {
    const link = one(`[rel=${rel}]`, nav, HTMLAnchorElement);
    if (order) link.href = `/orders/${order}`;
    else link.removeAttribute("href");
  }
  for (const link of all(".crumbs a[href='/orders/']", document, HTMLAnchorElement)) link.href = list.address;
  if (approve && beside.next) {
    const button = document.createElement("button");
    button.className = "btn";
    button.name = "then";
    button.value = beside.next;
    button.textContent = "Approve and next";
    approve.append(" ", button);
  }
}

if (form) {
  showTotals(form);
  offerChoices(one("#add-line"), one("[name=add_sku]", form, HTMLInputElement));
}

/**
 * Totals while one edits, and approving what is edited.
 *
 * @param {HTMLFormElement} lines
 */
function showTotals(lines) {
  const rows = all("tr[data-unit]", lines);
  const inputs = () => all("input:not([type=hidden])", lines, HTMLInputElement);
  const original = new Map(inputs().map((input) => [input, input.defaultValue]));
  const unsaved = () => inputs().some((input) => input.value !== original.get(input) && input.name !== "add_quantity");
  const symbol = lines.dataset.symbol ?? "";

  /**
   * @param {HTMLElement | undefined} cell
   * @param {{ now: number, monthly: number }} amounts in cents
   */
  const write = (cell, { now, monthly }) => {
    if (!cell?.firstChild) return;
    cell.firstChild.nodeValue = money(symbol, now);
    const sub = cell.querySelector(".sub");
    if (sub) sub.textContent = `${money(symbol, monthly)} a month`;
  };
  const show = () => {
    const totals = totalsOf(
      rows.map((row) => ({
        unit: Number(row.dataset.unit),
        monthly: Number(row.dataset.monthly),
        text: one("input[name=quantity]", row, HTMLInputElement).value,
      })),
    );
    for (const [at, row] of rows.entries()) write(all("[data-line-total]", row)[0], totals.each[at]);
    write(all("[data-order-total]", lines)[0], totals);
    one("[data-unsaved]").hidden = !unsaved();
  };
  lines.addEventListener("input", show);
  one("[data-discard]").addEventListener("click", () => {
    for (const input of inputs()) input.value = original.get(input) ?? "";
    lines.dispatchEvent(new Event("hw:saved", { bubbles: true }));
    show();
  });
  show();

  // What is approved is what is seen: edited lines are saved with it, once one has agreed to that.
  approve?.addEventListener("submit", async (event) => {
    if (!unsaved()) return;
    event.preventDefault();
    event.stopPropagation();
    const button = event.submitter;
    const next = button instanceof HTMLButtonElement && button.name === "then" ? button.value : "";
    const question = "The items were changed and are not saved yet. Save the changes and approve the order?";
    if (!(await window.hw.ask(question, "Save and approve"))) return;
    for (const [name, value] of [["approve", "1"], ["then", next]]) {
      lines.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    lines.requestSubmit();
  });
}

/**
 * Another item has other choices: the page draws them, and what was typed beside them stays.
 *
 * @param {HTMLElement} adding the place of the item that is added
 * @param {HTMLInputElement} item
 */
function offerChoices(adding, item) {
  const draw = () => {
    const box = one("[data-variant]", adding);
    const place = all("[data-variant-price]", adding)[0];
    /** @type {import("../variants.js").Facts | null} */
    const facts = JSON.parse(box.dataset.facts || "null");
    const chosen = drawChoices(box, facts ? variantsOf(facts) : []);
    if (facts && chosen && place) place.textContent = `${price(facts.symbol, chosen)} each`;
  };
  item.addEventListener("change", async () => {
    const address = `${location.pathname}?${new URLSearchParams({ add: item.value })}`;
    const response = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!response?.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const part of all("[data-variant], [data-variant-price], .error", adding)) part.remove();
    adding.append(...page.querySelectorAll("#add-line :is([data-variant], [data-variant-price])"));
    draw();
  });
  adding.addEventListener("change", (event) => {
    if (event.target !== item) draw();
  });
  draw();
}

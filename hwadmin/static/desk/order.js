/* The page of an order: the orders beside it in the list one came from, and its totals while lines are edited.

   [data-neighbours] > a[rel=prev], span, a[rel=next]     filled where the list is known; hidden otherwise
   form[data-approve]                                     gets "Approve and next", and saves edited lines first
   #lines tr[data-unit][data-monthly]                     prices in cents; td[data-line-total] is what they come to
   [data-order-total]  [data-unsaved]  [data-discard]
   #add-line                                              the item that is added, with the choices of its model */
import "./keys.js";
import { neighbours, totalsOf } from "./line_totals.js";
import { money, price } from "../money.js";
import { drawChoices, variantsOf } from "../variants.js";

const reference = document.querySelector("[data-live-order]").dataset.liveOrder;
const approve = document.querySelector("form[data-approve]");

/* ---- The list one came from */
const list = JSON.parse(sessionStorage.getItem("orders list") || "null");
const beside = list && neighbours(list.orders, reference);
if (beside) {
  const nav = document.querySelector("[data-neighbours]");
  nav.hidden = false;
  nav.querySelector("span").textContent = `${beside.place} of ${beside.count}`;
  for (const [rel, order] of [["prev", beside.previous], ["next", beside.next]]) {
    const link = nav.querySelector(`[rel=${rel}]`);
    if (order) link.href = `/orders/${order}`;
    else link.removeAttribute("href");
  }
  document.querySelectorAll(".crumbs a[href='/orders/']").forEach((link) => { link.href = list.address; });
  if (approve && beside.next) {
    const button = document.createElement("button");
    button.className = "btn";
    button.name = "then";
    button.value = beside.next;
    button.textContent = "Approve and next";
    approve.append(" ", button);
  }
}

/* ---- Totals while one edits */
const form = document.getElementById("lines");
if (form) {
  const rows = [...form.querySelectorAll("tr[data-unit]")];
  const inputs = () => [...form.querySelectorAll("input:not([type=hidden])")];
  const original = new Map(inputs().map((input) => [input, input.defaultValue]));
  const unsaved = () => inputs().some((input) => input.value !== original.get(input) && input.name !== "add_quantity");
  const symbol = form.dataset.symbol;
  const write = (cell, now, monthly) => {
    if (!cell) return;
    cell.firstChild.nodeValue = money(symbol, now);
    const sub = cell.querySelector(".sub");
    if (sub) sub.textContent = `${money(symbol, monthly)} a month`;
  };
  const show = () => {
    const totals = totalsOf(rows.map((row) => ({
      unit: Number(row.dataset.unit), monthly: Number(row.dataset.monthly), text: row.querySelector("input[name=quantity]").value,
    })));
    for (const [at, row] of rows.entries()) {
      write(row.querySelector("[data-line-total]"), totals.each[at].now, totals.each[at].monthly);
    }
    write(form.querySelector("[data-order-total]"), totals.now, totals.monthly);
    document.querySelector("[data-unsaved]").hidden = !unsaved();
  };
  form.addEventListener("input", show);
  document.querySelector("[data-discard]").addEventListener("click", () => {
    inputs().forEach((input) => { input.value = original.get(input); });
    form.dispatchEvent(new Event("hw:saved"));
    show();
  });
  show();

  /* Another item has other choices: the page draws them, and what was typed beside them stays. */
  const adding = document.getElementById("add-line"), item = form.elements.add_sku;
  const drawAdding = () => {
    const box = adding.querySelector("[data-variant]"), place = adding.querySelector("[data-variant-price]");
    const facts = box.dataset.facts && JSON.parse(box.dataset.facts);
    const chosen = drawChoices(box, facts ? variantsOf(facts) : []);
    if (chosen && place) place.textContent = `${price(facts.symbol, chosen)} each`;
  };
  item.addEventListener("change", async () => {
    const answer = await fetch(`${location.pathname}?${new URLSearchParams({ add: item.value })}`, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    adding.querySelectorAll("[data-variant], [data-variant-price], .error").forEach((part) => { part.remove(); });
    adding.append(...page.querySelectorAll("#add-line :is([data-variant], [data-variant-price])"));
    drawAdding();
  });
  adding.addEventListener("change", (event) => { if (event.target !== item) drawAdding(); });
  drawAdding();

  /* What is approved is what is seen: edited lines are saved with it, once one has agreed to that. */
  approve?.addEventListener("submit", async (event) => {
    if (!unsaved()) return;
    event.preventDefault();
    event.stopPropagation();
    const next = event.submitter?.name === "then" ? event.submitter.value : "";
    if (!await window.hw.ask("The items were changed and are not saved yet. Save the changes and approve the order?", "Save and approve")) return;
    for (const [name, value] of [["approve", "1"], ["then", next]]) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      form.append(field);
    }
    form.requestSubmit();
  });
}

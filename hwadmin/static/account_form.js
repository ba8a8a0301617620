/* The account form as one types: rows, units, totals, warnings. Without it the server does all of this at the
   press of a button; with it the same buttons do it here. What the server computes is what counts.

   A row's number in its field names is its name for good, so units point to rows by it. Units of a line are
   made when its <details> is opened, fifty at a time; what is typed of units that are not made is kept in hidden
   fields. */
import { codesChanged, drawCodes } from "./accounting_codes.js";
import { money } from "./money.js";
import { orderWarnings } from "./order_warnings.js";
import { drawChoices, variantsOf, wordsOf } from "./variants.js";

function start() {
  const form = document.querySelector("[data-account-form]");
  if (!form) return;
  const all = (selector, root = form) => [...root.querySelectorAll(selector)];
  const one = (selector, root = form) => root.querySelector(selector);
  const part = (row, name) => row.querySelector(`[name$="-${name}"]`);
  const rows = (section) => all(`[data-section=${section}] > [data-key]`);
  const catalog = JSON.parse(one("[data-catalog]")?.dataset.catalog || "{}");
  for (const model of Object.values(catalog)) model.variants = variantsOf(model);
  const NOUNS = { locations: "location", employees: "employee", lines: "line item" };
  const MOST_UNITS = 2000, STEP = 50, MOST_BASES = 200, FEW = 4;

  const figure = (number) => number.toLocaleString("en-US");

  // ---- After Back, a reload, or signing in anew: what was typed goes to the server once more, which shows all of it

  const store = `typed ${location.pathname}`;
  const typed = () => [...new FormData(form)].filter(([name]) => name !== "csrf_token");
  const asText = (fields) => JSON.stringify(fields.filter(([name]) => name !== "submission_key"));
  const kept = JSON.parse((window.hw.again && sessionStorage.getItem(store)) || "null");
  if (kept && asText(kept) !== asText(typed())) {
    const again = Object.assign(document.createElement("form"), { method: "post", action: form.action, hidden: true });
    [["csrf_token", form.elements.csrf_token.value], ...kept, ["add", "again"]].forEach(([name, value]) => {
      again.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    });
    document.body.append(again);
    again.submit();
    return;
  }
  addEventListener("pagehide", () => sessionStorage.setItem(store, JSON.stringify(typed())));
  form.addEventListener("submit", (event) => { if (event.submitter?.matches("[data-send]")) sessionStorage.setItem("sent", location.pathname); });

  // ---- What is typed

  const count = (line) => { const text = part(line, "quantity").value.trim(); return /^[0-9]{1,9}$/.test(text) ? +text : 0; };
  const itemOf = (line) => catalog[part(line, "sku").value];
  /* The size, color and so on that are chosen; lines that have all of them in common are one in the order. */
  const variantOf = (line) => line.variant;
  const groupOf = (line) => [part(line, "sku").value, ...(variantOf(line) ? [wordsOf(variantOf(line))] : [])].join(" ");
  const unitsBox = (line) => one(`[data-units-of="${line.dataset.key}"]`);
  const units = (line) => itemOf(line) ? Math.min(count(line), MOST_UNITS) : 0;

  function named(section) {
    return rows(section).map((row) => {
      const number = part(row, "employee_number")?.value.trim();
      const name = part(row, "name").value.trim();
      return [row.dataset.key, name && number ? `${name} · ${number}` : name];
    });
  }

  /* Every base unit in line order; numbers count on where another line has the same variant. */
  function baseUnits() {
    const counted = {}, found = [];
    for (const line of rows("lines")) {
      const item = itemOf(line);
      if (item?.kind !== "dect_base") continue;
      const group = groupOf(line);
      for (let n = 1; n <= units(line); n += 1) {
        counted[group] = (counted[group] || 0) + 1;
        found.push({ value: `${line.dataset.key}.${n}`, label: `${item.model} #${counted[group]}`, group });
      }
    }
    return found;
  }

  function choices(bases) {
    return {
      employee: named("employees"),
      location: named("locations"),
      base: bases.slice(0, MOST_BASES).map((base) => [base.value, base.label]),
    };
  }

  /* Of a unit: a plan (employee, location, base), or a row of its accounting codes (code-0, percent-0 …). */
  const name = (line, number, what) => `lines-${line.dataset.key}-units-${number}-${what}`;
  const control = (line, number, what) => form.elements[name(line, number, what)];
  const planned = (line, number, what) => control(line, number, what)?.value || "";

  function keep(line, number, what, value) {
    const field = control(line, number, what);
    if (field) field.value = value;
    if (field?.value === value || !value) return;
    field?.remove();
    const hidden = document.createElement("input");
    Object.assign(hidden, { type: "hidden", name: name(line, number, what), value });
    one("[data-kept]", unitsBox(line)).append(hidden);
  }

  // ---- Units

  function fill(select, list, empty = "–") {
    // A name that is being typed anew keeps its place; a row that is gone takes its plans with it.
    const value = select.dataset.wants ?? select.value;
    delete select.dataset.wants;
    const wanted = [["", empty], ...list.filter(([key, label]) => label || key === value)];
    const sign = JSON.stringify(wanted);
    if (select.sign === sign && select.value === value) return;
    select.sign = sign;
    select.replaceChildren(...wanted.map(([key, label]) => new Option(label || "(no name yet)", key)));
    select.value = wanted.some(([key]) => key === value) ? value : "";
  }

  const whatOf = (field) => field.name.split("-").slice(4).join("-");

  function makeUnit(line, number, item) {
    const holder = document.createElement("template");
    holder.innerHTML = one("[data-new-unit]").innerHTML.replaceAll("__n__", line.dataset.key).replaceAll("__u__", number);
    const unit = holder.content.firstElementChild;
    unit.dataset.unit = number;
    const asked = [...item.plans, ...(item.plans.includes("employee") ? ["codes"] : [])];
    all("[data-plan]", unit).filter((plan) => !asked.includes(plan.dataset.plan)).forEach((plan) => { plan.remove(); });
    all("[name]", unit).forEach((field) => {
      const kept = form.elements[field.name];
      if (field.matches("select")) field.dataset.wants = kept?.value || "";
      else field.value = kept?.value || "";
      kept?.remove();
    });
    return unit;
  }

  function dropUnit(line, unit) {
    const values = all("[name]", unit).map((field) => [whatOf(field), field.value]);
    unit.remove();
    for (const [what, value] of values) keep(line, +unit.dataset.unit, what, value);
  }

  function drawUnits(line, before, list) {
    const item = itemOf(line), details = unitsBox(line), box = one(".unit-rows", details), total = units(line);
    const shown = part(details, "shown");
    details.hidden = !total;
    all(".unit", box).forEach((unit) => {
      const fits = item && all("select", unit).map(whatOf).join() === item.plans.join();
      if (!fits || +unit.dataset.unit > total) dropUnit(line, unit);
    });
    if (!item) return;
    one("[data-model]", details).textContent = item.title;
    one("[data-variant-words]", details).textContent = wordsOf(variantOf(line));
    let decided = 0;
    for (let number = 1; number <= total; number += 1) if (item.plans.some((plan) => planned(line, number, plan))) decided += 1;
    one("[data-planned]", details).textContent = `${decided} of ${figure(total)} planned`;
    // A few units are shown unasked; many wait for somebody to open them.
    if (!details.dataset.asked && !decided && !one(".error", details)) details.open = total <= FEW;
    if (details.open) {
      const made = new Map(all(".unit", box).map((unit) => [+unit.dataset.unit, unit]));
      for (let number = 1; number <= Math.min(total, +shown.value); number += 1) {
        if (!made.has(number)) {
          box.append(makeUnit(line, number, item));
        }
      }
      all(".unit", box).forEach((unit) => {
        one(".unit-label", unit).textContent = `${item.model} #${before + +unit.dataset.unit}`;
        all("select", unit).forEach((select) => {
          // Pairing takes a single base without being told.
          const plan = whatOf(select);
          fill(select, list[plan], plan === "base" && list.base.length === 1 ? "The only base" : "–");
        });
        all("[data-codes]", unit).forEach(drawCodes);
      });
    }
    one("[data-more]", details).hidden = all(".unit", box).length >= total;
    one("[data-spread]", details).hidden = total < 2 || !item.plans.includes("employee") || !list.employee.some(([, label]) => label);
  }

  function spread(line) {
    const total = units(line), numbers = Array.from({ length: total }, (_, n) => n + 1);
    const taken = new Set(numbers.map((number) => planned(line, number, "employee")));
    const rest = choices([]).employee.filter(([key, label]) => label && !taken.has(key)).map(([key]) => key);
    numbers.filter((number) => !planned(line, number, "employee")).slice(0, rest.length).forEach((number, at) => {
      const select = control(line, number, "employee");
      if (select?.tagName === "SELECT") fill(Object.assign(select, { sign: "" }), choices([]).employee);
      keep(line, number, "employee", rest[at]);
    });
  }

  // ---- Totals and warnings

  /* Draws the choices of a line's model and keeps what is chosen. */
  function drawVariant(line) {
    const item = itemOf(line), box = one("[data-variant]", line);
    line.variant = drawChoices(box, item ? item.variants : []);
  }

  const monthly = (symbol, { month }) => (month ? `+ ${money(symbol, month)} a month` : "");

  function drawTotals(lines) {
    const sums = new Map(), list = one("[data-sums]"), drawn = [];
    for (const line of lines) {
      const item = itemOf(line), each = variantOf(line), total = item && { now: each.now * count(line), month: each.month * count(line) };
      for (const [name, amounts] of [["price", each], ["total", total]]) {
        const month = one(`[data-${name}-month]`, line);
        one(`[data-${name}]`, line).textContent = item ? money(item.symbol, amounts.now) : "–";
        month.textContent = item ? monthly(item.symbol, amounts) : "";
        month.hidden = !month.textContent;
      }
      if (!item) continue;
      const sum = sums.get(item.symbol) || { now: 0, month: 0 };
      sums.set(item.symbol, { now: sum.now + total.now, month: sum.month + total.month });
      const title = Object.assign(document.createElement("dt"), { textContent: `${figure(count(line))} × ${item.title}` });
      if (wordsOf(each)) title.append(Object.assign(document.createElement("span"), { className: "sub", textContent: wordsOf(each) }));
      const cost = Object.assign(document.createElement("dd"), { textContent: money(item.symbol, total.now) });
      if (total.month) cost.append(Object.assign(document.createElement("span"), { className: "sub money", textContent: monthly(item.symbol, total) }));
      drawn.push(title, cost);
    }
    list.replaceChildren(...drawn);
    list.hidden = !drawn.length;
    all("[data-no-items]").forEach((place) => { place.hidden = drawn.length > 0; });
    const write = (name, text) => all(`[data-sum-${name}], [data-bar-${name}]`).forEach((place) => { if (place.textContent !== text) place.textContent = text; });
    write("now", [...sums].map(([symbol, { now }]) => money(symbol, now)).join(" + ") || "–");
    write("month", [...sums].filter(([, { month }]) => month).map(([symbol, { month }]) => money(symbol, month)).join(" + "));
    const items = lines.filter(itemOf).reduce((total, line) => total + count(line), 0);
    write("count", `${figure(items)} ${items === 1 ? "item" : "items"}`);
    all("[data-monthly]").forEach((place) => { place.hidden = ![...sums.values()].some(({ month }) => month); });
    const send = one("[data-send]");
    if (send.dataset.without) {
      send.textContent = drawn.length ? send.dataset.with : send.dataset.without;
      one("[data-order-note]").hidden = !drawn.length;
    }
  }

  function drawWarnings(lines, bases) {
    // The order makes one line of all lines of a variant, and numbers its bases so.
    const order = [...new Set(bases.map((base) => base.group))];
    const numbers = new Map(order.flatMap((group) => bases.filter((base) => base.group === group)).map((base, at) => [base.value, at + 1]));
    const facts = new Map();
    for (const line of lines) {
      const item = itemOf(line), group = groupOf(line);
      if (!item) continue;
      const fact = facts.get(group) || { ...item, quantity: 0, chosen: [] };
      for (let number = 1; number <= units(line); number += 1) fact.chosen.push(numbers.get(planned(line, number, "base")) || null);
      fact.quantity += units(line);
      facts.set(group, fact);
    }
    const sentences = orderWarnings([...facts.values()]), box = one("[data-warnings]"), text = sentences.join("\n");
    if (box.shown === text) return;
    box.shown = text;
    const notice = Object.assign(document.createElement("div"), { className: "notice notice-warning" });
    if (sentences.length > 1) {
      const list = document.createElement("ul");
      list.append(...sentences.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
      notice.append(list);
    } else notice.textContent = text;
    box.replaceChildren(...(sentences.length ? [notice] : []));
    box.hidden = !sentences.length;
  }

  function draw() {
    const lines = rows("lines");
    lines.forEach(drawVariant);
    const bases = baseUnits(), list = choices(bases), before = {};
    for (const line of lines) {
      const group = groupOf(line);
      drawUnits(line, before[group] || 0, list);
      before[group] = (before[group] || 0) + count(line);
    }
    one("#codes")?.replaceChildren(...[...new Set(all(".code-field > input").map((field) => field.value.trim()))].filter(Boolean).map((code) => new Option("", code)));
    const to = form.elements.ship_to;
    if (to) fill(to, list.location, "Choose a location…");
    if (lines.length || one("[data-sums]")) { drawTotals(lines); drawWarnings(lines, bases); }
    for (const section of Object.keys(NOUNS)) rows(section).forEach((row, at) => {
      one("[data-place]", row).textContent = at + 1;
      one("[name=remove]", row).setAttribute("aria-label", `Remove ${NOUNS[section]} ${at + 1}`);
    });
  }

  // ---- Rows

  const next = Object.fromEntries(Object.keys(NOUNS).map((section) => [section, Math.max(-1, ...rows(section).map((row) => +row.dataset.key)) + 1]));

  function add(section) {
    const key = next[section]++, copy = (template) => {
      const holder = document.createElement("template");
      holder.innerHTML = template.innerHTML.replaceAll("__n__", key);
      const row = holder.content.firstElementChild;
      template.before(row);
      return row;
    };
    const row = copy(one("template", one(`[data-section=${section}]`)));
    if (section === "lines") copy(one("[data-new-line]"));
    draw();
    one("input:not([type=hidden]), select", row).focus();
  }

  function remove(section, key) {
    const row = one(`[data-section=${section}] > [data-key="${key}"]`), beside = row.nextElementSibling?.matches("[data-key]") ? row.nextElementSibling : row.previousElementSibling;
    if (section === "lines") unitsBox(row).remove();
    row.remove();
    draw();
    (beside ? one("[name=remove]", beside) : one(`[name=add][value=${section}]`)).focus();
  }

  form.addEventListener("click", (event) => {
    const summary = event.target.closest(".line-units > summary"), button = event.target.closest("button[name]");
    if (summary) summary.parentElement.dataset.asked = "yes";
    if (!button) return;
    const [what, key] = button.value.split("-"), line = key && one(`[data-section=lines] > [data-key="${key}"]`);
    if (button.name === "remove") remove(what, key);
    else if (what in NOUNS) add(what);
    else if (what === "units") {
      const box = unitsBox(line), shown = part(box, "shown"), first = +shown.value;
      shown.value = Math.min(first + STEP, MOST_UNITS);
      draw();
      one(`[data-unit="${first + 1}"] select`, box)?.focus();
    } else if (what === "spread") { spread(line); draw(); } else return;
    event.preventDefault();
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // ---- The step one is at, in the list of steps above the form

  const steps = document.querySelector(".order-steps");
  const markStep = (hash) => [...(hash && steps ? steps.children : [])].forEach((step) => {
    if (one("a", step).hash === hash) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  });
  form.addEventListener("focusin", ({ target }) => {
    const step = target.closest("[data-form-step]");
    if (step) markStep(`#${step.id}`);
  });
  steps?.addEventListener("click", ({ target }) => { markStep(target.closest("a")?.hash); });

  let waiting;
  form.addEventListener("input", (event) => {
    codesChanged(event);
    clearTimeout(waiting); waiting = setTimeout(draw, 60);
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "platform") form.requestSubmit(one("[data-platform]"));
    else draw();
  });
  // "toggle" does not bubble.
  form.addEventListener("toggle", draw, true);
  addEventListener("pageshow", draw);
  draw();
}

start();

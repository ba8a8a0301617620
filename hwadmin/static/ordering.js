/* The ordering pages. Everything works without this file; with it

   data-offers        form: shows the price of what is chosen of size and term
   data-selection     the page of a device: computes what it comes to, with its accessories
   data-basket        the basket's form: sends each change at once and shows what comes of it
   data-pick-sends    form: goes on as soon as an account is picked
   data-pick-employee field: fills in name, number and accounting codes of who is picked
   data-codes         rows of accounting codes: shows one to type into, and what the shares make
   data-hold          form: what was typed and not saved is there again after signing in anew, Back or a reload
   data-saves         such a form of a step: leaving by any link saves it first, and what could not be saved is there
                      again however one comes back; its value is what it sends for that */
import { codesChanged, drawCodes } from "./accounting_codes.js";
import { money, price } from "./money.js";
import { narrow, ORDER, variantsOf, wordsOf } from "./variants.js";

const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];

const figure = (text) => (/^\d{1,6}$/.test(text.trim()) ? +text : 0);

// ---- Size, color, carrier and term
const value = (form, name) => form.elements[name]?.value ?? "";

function drawOffer(form, facts) {
  const { variant, offered } = narrow(facts.variants, Object.fromEntries(ORDER.map((name) => [name, value(form, name)])));
  for (const name of ORDER) {
    all(`input[type=radio][name="${name}"], select[name="${name}"] > option`, form).forEach((choice) => {
      choice.disabled = !offered[name].has(choice.value);
      if (choice.value === variant[name]) choice[choice.matches("option") ? "selected" : "checked"] = true;
    });
  }
  return variant;
}

function drawSelection(form, facts, option) {
  const count = form.elements.quantity ? figure(form.elements.quantity.value) : 1;
  let now = option.now * count, month = option.month * count;
  one("[data-selected-count]").textContent = count;
  one("[data-selected-now]").textContent = money(facts.symbol, now);
  one("[data-selected-words]").textContent = wordsOf(option);
  const list = one("[data-selected-extras]"), lines = [];
  all("[data-extra]", form).forEach((row) => {
    const extra = JSON.parse(row.dataset.extra), some = figure(one("input", row).value);
    row.classList.toggle("chosen", some > 0);
    if (!some) return;
    now += extra.now * some;
    month += extra.month * some;
    const line = document.createElement("li"), what = document.createElement("div"), cost = document.createElement("span"), title = document.createElement("span");
    what.className = "basket-what";
    cost.className = "money";
    title.textContent = [`${some} × ${extra.title}`, one("select", row)?.value].filter(Boolean).join(" · ");
    cost.textContent = money(facts.symbol, extra.now * some);
    what.append(title, cost);
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-quiet btn-small", textContent: "✕ Remove" });
    button.dataset.without = extra.id;
    button.setAttribute("aria-label", `Remove ${extra.title}`);
    line.append(what, button);
    lines.push(line);
  });
  list.replaceChildren(...lines);
  // Beside the form, and on a small screen below it.
  all("[data-sum-now], [data-bar-now]").forEach((place) => { place.textContent = money(facts.symbol, now); });
  all("[data-sum-month], [data-bar-month]").forEach((place) => { place.textContent = money(facts.symbol, month); });
  all("[data-monthly]").forEach((place) => { place.hidden = !month; });
}

all("form[data-offers]").forEach((form) => {
  const facts = JSON.parse(form.dataset.offers);
  facts.variants = variantsOf(facts);
  const place = one("[data-price-of]", form);
  const draw = () => {
    const option = drawOffer(form, facts);
    if (place) place.textContent = price(facts.symbol, option);
    if ("selection" in form.dataset) drawSelection(form, facts, option);
  };
  form.addEventListener("input", draw);
  form.addEventListener("change", draw);
  addEventListener("pageshow", draw);
  if ("selection" in form.dataset) {
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-without]");
      if (!button) return;
      event.preventDefault();
      const field = form.elements[`acc-${button.dataset.without}`];
      field.value = "0";
      draw();
      field.focus();
    });
  }
  draw();
});

// ---- The basket
let sending, again = false;
async function sendBasket(form) {
  if (sending) { again = true; return; }
  const focused = document.activeElement?.id;
  sending = fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/html" } });
  try {
    const answer = await sending;
    // A session that has ended, or anything else unexpected: let the browser show it.
    if (!answer.ok) { sending = null; form.submit(); return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!again) {
      ["basket", "total-bar"].forEach((id) => { const fresh = page.getElementById(id); if (fresh) document.getElementById(id)?.replaceWith(fresh); });
      all("main > .notice").forEach((notice) => { notice.remove(); });
      one("main > .page-head")?.after(...all("main > .notice", page));
      if (focused) document.getElementById(focused)?.focus();
    }
  } catch {
    window.hw.toast("The basket could not be saved. Check the connection and try again.");
  }
  sending = null;
  if (again) { again = false; const now = one("form[data-basket]"); if (now) sendBasket(now); }
}
let waiting;
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-basket]");
  if (!form) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => { waiting = undefined; sendBasket(one("form[data-basket]") ?? form); }, 250);
});
// Who leaves at once loses nothing.
addEventListener("pagehide", () => {
  const form = waiting && one("form[data-basket]");
  if (form) navigator.sendBeacon(form.action, new URLSearchParams(new FormData(form)));
});

// ---- The account
document.addEventListener("combo:pick", (event) => {
  const form = event.target.closest("form[data-pick-sends]");
  if (form) form.requestSubmit();
});

// ---- Accounting codes
document.addEventListener("input", codesChanged);
all("[data-codes]").forEach(drawCodes);

// ---- The employee
document.addEventListener("combo:pick", async (event) => {
  if (!("pickEmployee" in event.target.dataset)) return;
  const unit = event.target.closest("[data-unit]"), form = unit.closest("form");
  const answer = await fetch(form.dataset.employees.replace(/0$/, event.detail.id), { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) { window.hw.toast("This employee could not be read. Type the name instead."); return; }
  const facts = await answer.json(), set = (part, text) => { const field = one(`[name="${unit.id}-${part}"]`, unit); if (field) field.value = text; };
  set("name", facts.name);
  set("number", facts.number);
  all(".code-row", unit).forEach((_row, at) => {
    set(`code-${at}`, facts.codes[at]?.code ?? "");
    set(`percent-${at}`, facts.codes[at]?.percent ?? "");
  });
  all("[data-codes]", unit).forEach(drawCodes);
  unit.dispatchEvent(new Event("input", { bubbles: true }));
  window.hw.toast(`Filled in ${facts.name}`);
});

// ---- A column pasted into a field of the table goes to the units from there on
document.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "", field = event.target;
  if (!("pastes" in (field.dataset ?? {})) || !text.trim().includes("\n")) return;
  event.preventDefault();
  const form = field.form, button = Object.assign(document.createElement("button"), { name: "go", value: `paste-${field.closest("[data-unit]").id}`, formNoValidate: true, hidden: true });
  form.elements.paste.value = text;
  form.append(button);
  form.requestSubmit(button);
});

// ---- What was typed and not saved
const arrival = performance.getEntriesByType("navigation")[0]?.type;
const returned = arrival === "back_forward" || arrival === "reload" || document.referrer.startsWith(`${location.origin}/sign-in`);
const storage = (form) => { const { pathname, search } = new URL(form.action); return `hold ${pathname}${search}`; };
// What was sent is kept until a page has come that is not the one to sign in on.
const sent = sessionStorage.getItem("sent step");
if (sent && !document.referrer.startsWith(`${location.origin}/sign-in`)) sessionStorage.removeItem(sent);
sessionStorage.removeItem("sent step");
const fields = (form) => [...form.elements].filter((field) => field.name && field.name !== "csrf_token" && field.matches("input, textarea, select"));
const state = (form) => Object.fromEntries(fields(form).filter((field) => field.type !== "radio" || field.checked).map((field) => [field.name, field.value]));
all("form[data-hold]").forEach((form) => {
  const key = storage(form);
  let shown = JSON.stringify(state(form));
  const kept = (returned || "saves" in form.dataset) && !one("[data-problems]") ? JSON.parse(sessionStorage.getItem(key) ?? "null") : null;
  sessionStorage.removeItem(key);
  if (kept) {
    fields(form).filter((field) => field.name in kept).forEach((field) => {
      if (field.type === "radio") field.checked = field.value === kept[field.name];
      else field.value = kept[field.name];
    });
    if (JSON.stringify(state(form)) !== shown) {
      const notice = Object.assign(document.createElement("div"), { className: "notice notice-info", textContent: "What you had typed is back. It is not saved yet." });
      notice.setAttribute("role", "status");
      form.prepend(notice);
      form.dispatchEvent(new Event("input", { bubbles: true }));
      all("[data-codes]", form).forEach(drawCodes);
    }
  }
  const hold = () => {
    const now = JSON.stringify(state(form));
    if (now !== shown) sessionStorage.setItem(key, now); else sessionStorage.removeItem(key);
  };
  addEventListener("pagehide", hold);
  form.addEventListener("submit", () => { hold(); if ("saves" in form.dataset) sessionStorage.setItem("sent step", key); });
  if (!("saves" in form.dataset)) return;
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]"), now = JSON.stringify(state(form));
    const plain = link && !event.defaultPrevented && !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey && !link.target && !link.hasAttribute("download");
    if (!plain || link.origin !== location.origin || link.pathname + link.search === location.pathname + location.search || now === shown) return;
    event.preventDefault();
    const body = new URLSearchParams(new FormData(form));
    body.set("go", form.dataset.saves);
    // It is saved if the answer leads on; otherwise it is held, and is there again.
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => null);
    if (answer?.type === "opaqueredirect") shown = now;
    location.assign(link.href);
  });
});

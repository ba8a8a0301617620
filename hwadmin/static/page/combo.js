// @ts-check
/**
 * Type-ahead, after the ARIA combobox pattern.
 *
 *   data-combo="/look-up?…"   text field in .combo, before a hidden field: the address answers ?query= with
 *                             [[id, text], …]; the choice goes to the hidden field, event "combo:pick" {id, text}
 *   data-combo-least="2"      nothing is looked up for fewer characters
 *   data-combo-goes           the ids are addresses: choosing opens one
 */
import { all } from "../dom.js";

/** Milliseconds without another key before what was typed is looked up. */
const TYPING_PAUSE = 120;

/**
 * Make a text field suggest.
 *
 * @param {HTMLInputElement} input
 */
export function combo(input) {
  const list = document.createElement("ul");
  const hidden = /** @type {HTMLInputElement} */ (input.nextElementSibling);
  /** @type {number | undefined} */
  let timer;
  let lookUps = 0;
  let active = -1;
  list.className = "combo-list";
  list.id = `${input.id}-list`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.getAttribute("aria-label") || input.labels?.[0]?.textContent || "Choices");

  /** @param {Record<string, string>} attributes */
  const set = (attributes) => {
    for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  };
  set({ role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id });
  list.hidden = true;
  hidden.after(list);

  const close = () => {
    list.hidden = true;
    active = -1;
    set({ "aria-expanded": "false", "aria-activedescendant": "" });
  };

  /** @param {number} n the option to mark, counted around both ends */
  const mark = (n) => {
    const options = [...list.children];
    if (!options.length || list.hidden) return;
    active = (n + options.length) % options.length;
    options.forEach((option, at) => {
      option.setAttribute("aria-selected", String(at === active));
    });
    options[active].scrollIntoView({ block: "nearest" });
    set({ "aria-activedescendant": options[active].id });
  };

  /** @param {HTMLElement} option */
  const pick = (option) => {
    if (option.dataset.id === undefined) return;
    if ("comboGoes" in input.dataset) {
      location.assign(option.dataset.id);
      return;
    }
    input.value = option.textContent ?? "";
    hidden.value = option.dataset.id;
    close();
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
    input.dispatchEvent(new CustomEvent("combo:pick", { bubbles: true, detail: { id: hidden.value, text: input.value } }));
  };

  async function load() {
    const mine = ++lookUps;
    if (input.value.trim().length < Number(input.dataset.comboLeast || 0)) {
      close();
      return;
    }
    const choices = await lookUp(input.dataset.combo ?? "", input.value);
    if (mine !== lookUps || document.activeElement !== input) return;
    list.replaceChildren(...(choices.length ? choices : [NOTHING]).map((choice, at) => optionOf(choice, `${list.id}-${at}`)));
    list.hidden = false;
    active = -1;
    set({ "aria-expanded": "true" });
  }

  input.addEventListener("input", () => {
    hidden.value = "";
    clearTimeout(timer);
    timer = setTimeout(load, TYPING_PAUSE);
  });
  input.addEventListener("blur", close);
  // Before blur would close the list under the pointer.
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const option = event.target instanceof Element ? event.target.closest("li") : null;
    if (option) pick(option);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && list.hidden) load();
    else if (event.key === "ArrowDown") mark(active + 1);
    else if (event.key === "ArrowUp") mark(active < 0 ? -1 : active - 1);
    else if (event.key === "Enter" && active >= 0) pick(/** @type {HTMLElement} */ (list.children[active]));
    else if (event.key === "Escape" && !list.hidden) close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

/** @typedef {[id: string | number | undefined, text: string]} Choice */

/** @type {Choice} */
const NOTHING = [undefined, "Nothing found"];

/**
 * What fits a text; nothing where it cannot be looked up.
 *
 * @param {string} path
 * @param {string} query
 * @returns {Promise<Choice[]>}
 */
async function lookUp(path, query) {
  const address = new URL(path, location.href);
  for (const [name, value] of Object.entries({ query, offset: "0", limit: "10" })) address.searchParams.set(name, value);
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    return response.ok ? await response.json() : [];
  } catch {
    return [];
  }
}

/**
 * @param {Choice} choice
 * @param {string} elementId
 */
function optionOf([id, text], elementId) {
  const option = document.createElement("li");
  option.id = elementId;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  if (id === undefined) option.setAttribute("aria-disabled", "true");
  else option.dataset.id = String(id);
  option.textContent = text;
  return option;
}

/**
 * Flask-Admin's look-up field is a bare hidden input, made for select2: put a text field before it.
 *
 * @param {HTMLInputElement} hidden
 */
function adoptLookUp(hidden) {
  const box = document.createElement("span");
  const input = document.createElement("input");
  box.className = "combo";
  input.type = "text";
  input.id = hidden.id;
  input.placeholder = hidden.dataset.placeholder ?? "";
  input.value = JSON.parse(hidden.dataset.json || "[]")[1] || "";
  input.dataset.combo = hidden.dataset.url;
  hidden.removeAttribute("id");
  hidden.replaceWith(box);
  box.append(input, hidden);
  combo(input);
}

all("[data-combo]", document, HTMLInputElement).forEach(combo);
all("input[data-role=select2-ajax]:not([data-multiple])", document, HTMLInputElement).forEach(adoptLookUp);

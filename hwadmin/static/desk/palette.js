// @ts-check
/* The command palette: what can be done on this page, the pages of the menu, and whatever the search finds. It lists
   what the page itself offers, so it offers nobody more than the page does.

   form.side-search[action], [data-combo]     the page that searches everything, and where its suggestions are */
import { one } from "../dom.js";
import { LEAST_SEARCHED, listed, placeOf } from "./palette_entries.js";

/** @typedef {import("./palette_entries.js").Entry} Entry */

const HERE = "main :is(.page-actions, .selection-bar:not([data-unsaved])) :is(a[href], button:not(:disabled, [data-choose-none]))";
const OF_ROW = "a[href], button:not(:disabled)";
// While somebody types on.
const PAUSE = 120;

/** @param {Element} element */
const words = (element) => (element.textContent ?? "").replace(/\s+/g, " ").trim();

/** @param {string} group @param {HTMLElement} control @param {string} [label] @returns {Entry} */
function pressing(group, control, label = words(control)) {
  const href = control instanceof HTMLAnchorElement ? control.href : undefined;
  return { group, label, key: control.dataset.key, control, href };
}

/** @param {string} selector @param {ParentNode} [root] @returns {HTMLElement[]} */
function shown(selector, root = document) {
  const elements = /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll(selector));
  return [...elements].filter((element) => !element.closest("[hidden]") && words(element));
}

/** What the page offers, as it is at this moment.
 * @param {Element | null} focused
 * @returns {Entry[]}
 */
function offered(focused) {
  const row = focused?.closest("tr[data-href]");
  const name = row && words(row.querySelector("a[href]") ?? row);
  return [
    ...(row ? shown(`:is(.row-actions, .row-step) :is(${OF_ROW})`, row) : [])
      .map((control) => pressing("This row", control, `${words(control)} ${name}`)),
    // What is done next is first, wherever on the page it stands.
    ...shown(HERE).sort((one, two) => Number(two.matches(".btn-primary")) - Number(one.matches(".btn-primary")))
      .map((control) => pressing("This page", control)),
    ...shown("main nav.tabs a:not([aria-current])").map((link) => pressing("Views of this page", link)),
    ...shown(".side nav li > a:first-child").map((link) => pressing("Go to", link, words(link).replace(/ \d[\d,+]* waiting$/, ""))),
    ...shown(".side-person a").map((link) => pressing("Go to", link, link.title)),
    ...shown(".side-person button").map((button) => pressing("Go to", button)),
  ];
}

/** @param {Entry[]} entries @returns {HTMLElement[]} the groups, with an option for each entry */
function drawn(entries) {
  /** @type {HTMLElement[]} */
  const groups = [];
  for (const [place, entry] of entries.entries()) {
    let group = groups.find((group) => group.getAttribute("aria-label") === entry.group);
    if (!group) {
      group = document.createElement("div");
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", entry.group);
      const title = document.createElement("p");
      title.className = "side-label";
      title.setAttribute("aria-hidden", "true");
      title.textContent = entry.group;
      group.append(title);
      groups.push(group);
    }
    const option = document.createElement("div");
    option.id = `palette-${place}`;
    option.className = "palette-option";
    option.setAttribute("role", "option");
    option.append(entry.label);
    if (entry.key) {
      const cap = document.createElement("kbd");
      cap.textContent = entry.key;
      option.append(" ", cap);
    }
    group.append(option);
  }
  return groups;
}

class Palette {
  /** @param {Entry[]} entries @param {Entry[]} everywhere offered besides what the page shows */
  constructor(entries, everywhere) {
    this.offered = [...entries, ...everywhere];
    const box = one(".side-search input[data-combo]", document, HTMLInputElement);
    this.suggestions = box.dataset.combo ?? "";
    this.search = box.form?.getAttribute("action") ?? "";
    /** @type {[string, string][]} */
    this.hits = [];
    /** @type {Entry | null} */
    this.chosen = null;
    this.asked = 0;
    this.timer = 0;
    this.dialog = document.createElement("dialog");
    this.dialog.className = "dialog palette";
    this.dialog.setAttribute("aria-label", "Commands and search");
    this.dialog.innerHTML = '<input type="search" role="combobox" aria-expanded="true" aria-autocomplete="list" aria-controls="palette-list" ' +
      'aria-label="Command, page, order, device, account or person" placeholder="Command, page, order, device, account…" ' +
      'autocomplete="off" spellcheck="false" maxlength="100"><div id="palette-list" role="listbox" aria-label="Commands and search"></div>' +
      '<p class="sr-only" role="status"></p>';
    this.input = one("input", this.dialog, HTMLInputElement);
    this.list = one("#palette-list", this.dialog);
    this.status = one("[role=status]", this.dialog);
    /** @type {Entry[]} */
    this.entries = [];
    this.active = 0;
  }

  /** @param {string} text what was typed for it before it was there */
  open(text) {
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.pressed(event));
    // The field keeps the focus, or a screen reader would lose the list.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target instanceof Element && event.target.closest("[role=option]");
      if (option) this.run(Number(option.id.split("-")[1]), event.ctrlKey || event.metaKey);
    });
    this.dialog.addEventListener("click", (event) => { if (event.target === this.dialog) this.close(); });
    this.dialog.addEventListener("close", () => this.close());
    document.body.append(this.dialog);
    this.input.value = text;
    this.typed();
    this.dialog.showModal();
  }

  /** Gone at once, and not with the event that follows: until then its field would keep the focus, and a key pressed. */
  close() {
    clearTimeout(this.timer);
    this.dialog.close();
    this.dialog.remove();
  }

  draw() {
    this.entries = listed(this.offered, this.hits, this.input.value, this.search);
    this.list.replaceChildren(...drawn(this.entries));
    this.mark(placeOf(this.entries, this.chosen));
    this.status.textContent = `${this.entries.length} ${this.entries.length === 1 ? "entry" : "entries"}`;
  }

  /** @param {number} place */
  mark(place) {
    this.active = (place + this.entries.length) % this.entries.length;
    for (const option of this.list.querySelectorAll("[role=option]")) option.setAttribute("aria-selected", String(option.id === `palette-${this.active}`));
    this.input.setAttribute("aria-activedescendant", `palette-${this.active}`);
    document.getElementById(`palette-${this.active}`)?.scrollIntoView({ block: "nearest" });
  }

  typed() {
    this.chosen = null;
    clearTimeout(this.timer);
    // What was found by less is shown until more is known.
    if (this.input.value.trim().length < LEAST_SEARCHED) this.hits = [];
    else this.timer = setTimeout(() => this.find(), PAUSE);
    this.draw();
  }

  async find() {
    this.asked += 1;
    const number = this.asked, text = this.input.value;
    const address = `${this.suggestions}?${new URLSearchParams({ query: text })}`;
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    const hits = answer?.ok && !answer.redirected ? await answer.json() : [];
    if (number !== this.asked || text !== this.input.value) return;
    this.hits = hits;
    this.draw();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.mark(this.active + (event.key === "ArrowDown" ? 1 : -1));
      this.chosen = this.entries[this.active];
    } else if (event.key === "Enter") this.run(this.active, event.ctrlKey || event.metaKey);
    else if (event.key === "k" && (event.ctrlKey || event.metaKey)) this.close();
    // A search field would only be emptied by it.
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} place @param {boolean} newTab */
  run(place, newTab) {
    const { href, control, run } = this.entries[place];
    this.close();
    if (href && newTab) window.open(href, "_blank", "noopener");
    else if (control) control.click();
    else if (href) location.assign(href);
    else run?.();
  }
}

/**
 * Opens the palette, where the page has a search box and no dialog is open.
 *
 * @param {Entry[]} everywhere what every page can do
 * @param {string} text what was typed for it before it was there
 */
export function openPalette(everywhere, text) {
  if (document.querySelector("dialog[open]") || !document.querySelector(".side-search")) return;
  new Palette(offered(document.activeElement), everywhere).open(text);
}

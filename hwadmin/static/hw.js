/* Small conveniences. Every page works without them; each is switched on by an attribute:

   data-copy="text"            button: copies the text (data-copied: what to call it, where it is long)
   data-href="/orders/1"       row: opens on click, in a new tab with Ctrl or the middle button
   data-confirm="sentence"     form or submit button: asks first (data-confirm-label: the word on the button); a field "sure" becomes "yes"
   data-step="-1"              button in .stepper: changes the number beside it
   data-select-all="name"      checkbox: ticks all boxes of that name
   data-selected="name"        text: "2 selected"; data-needs-selected="name" on a button: disabled while none is
   data-selection="name"       bar: shown while one is
   data-autosubmit             select or date: sends its form when changed
   data-skip-empty             GET form: leaves empty fields out of the address
   data-filter-op              select: its value becomes the name of the next control in the same line
   data-guard                  form: asks before leaving with unsaved changes
   data-enter="next"           form: Enter goes to the next field instead of sending (scanners end with Enter)
   data-keep                   form: what is typed into it is there again after Back, a reload, or signing in anew
   data-again                  POST form: may be sent twice (an export)
   data-combo="/look-up?…"     text field in .combo, before a hidden field: type-ahead; the address answers ?query= with
                               [[id, text], …]; the choice goes to the hidden field, event "combo:pick" {id, text}
   data-rows="lines"           list: data-add-row copies its <template>, data-remove-row removes the [data-row] around it */
(() => {
  "use strict";
  const on = (type, handler, options) => document.addEventListener(type, handler, options);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const named = (name) => all(`input[type=checkbox][name="${CSS.escape(name)}"]:not(:disabled)`);
  const CONTROLS = "a, button, input, select, textarea, label, summary, dialog";

  // ---- Toasts: one live region, filled when needed
  let toasts;
  function toast(text) {
    if (!toasts) {
      toasts = document.createElement("div");
      toasts.className = "toasts";
      toasts.setAttribute("role", "status");
      document.body.append(toasts);
    }
    const line = document.createElement("div");
    line.textContent = text;
    toasts.append(line);
    setTimeout(() => line.remove(), 4000);
  }

  // ---- Copy
  async function copy(button) {
    try {
      await navigator.clipboard.writeText(button.dataset.copy);
      button.classList.add("copied");
      setTimeout(() => button.classList.remove("copied"), 1500);
      toast(`Copied ${button.dataset.copied || button.dataset.copy}`);
    } catch {
      toast("Copying is not allowed here. Select the text instead.");
    }
  }

  // ---- Menus: the click that closes one does nothing else
  const openMenus = (target) => all("details.menu[open]").filter((menu) => !menu.contains(target));
  let closing = false;
  on("pointerdown", (event) => { closing = openMenus(event.target).length > 0; }, true);

  // ---- Rows that open
  function openRow(event, newTab) {
    const row = event.target.closest("[data-href]");
    if (!row || event.target.closest(CONTROLS) || String(getSelection())) return;
    if (newTab) window.open(row.dataset.href, "_blank", "noopener");
    else location.assign(row.dataset.href);
  }
  on("auxclick", (event) => { if (event.button === 1) openRow(event, true); });

  // ---- Confirmation
  function ask(text, label, danger) {
    return new Promise((resolve) => {
      const dialog = document.createElement("dialog");
      dialog.className = "dialog";
      dialog.setAttribute("aria-labelledby", "confirm-text");
      dialog.innerHTML = '<form method="dialog"><p id="confirm-text"></p><div class="form-actions">' +
        '<button class="btn" value="" autofocus>Go back</button><button class="btn btn-primary" value="yes"></button></div></form>';
      dialog.querySelector("p").textContent = text;
      const yes = dialog.querySelector("[value=yes]");
      yes.textContent = label;
      yes.classList.toggle("btn-danger", Boolean(danger));
      dialog.addEventListener("close", () => { dialog.remove(); resolve(dialog.returnValue === "yes"); });
      document.body.append(dialog);
      dialog.showModal();
    });
  }

  // ---- Sending forms: confirm first, then only once
  on("submit", (event) => {
    const form = event.target, button = event.submitter;
    const asks = button?.dataset.confirm ? button : form;
    if (event.defaultPrevented) return;
    if (asks.dataset.confirm && form.dataset.confirmed !== "yes") {
      event.preventDefault();
      ask(asks.dataset.confirm, asks.dataset.confirmLabel || button?.textContent.trim() || "Continue", button?.matches(".btn-danger")).then((yes) => {
        if (!yes) return;
        form.dataset.confirmed = "yes";
        // A form that asks by a page of its own where there are no scripts.
        if (form.elements.sure) form.elements.sure.value = "yes";
        form.requestSubmit(button);
      });
      return;
    }
    delete form.dataset.confirmed;
    if ("skipEmpty" in form.dataset) {
      const empty = [...form.elements].filter((control) => control.name && !control.value && !control.disabled);
      empty.forEach((control) => { control.disabled = true; });
      setTimeout(() => empty.forEach((control) => { control.disabled = false; }));
    }
    if (form.method !== "post" || "again" in form.dataset) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    // After this event, or the pressed button's own name and value would not be sent.
    setTimeout(() => all("button:not([type=button]), [type=submit]", form).concat(button ?? []).forEach((b) => {
      if (!b.disabled) { b.disabled = true; b.dataset.held = "yes"; }
    }));
  });
  // Coming back with the browser's Back shows the page as it was left: let go of what was held.
  on("DOMContentLoaded", release);
  addEventListener("pageshow", release);
  function release() {
    all("form[data-sent]").forEach((form) => { delete form.dataset.sent; });
    all("[data-held]").forEach((b) => { b.disabled = false; delete b.dataset.held; });
  }

  // ---- Unsaved changes
  let unsaved = false;
  on("input", (event) => { if (event.target.closest("form[data-guard]")) unsaved = true; });
  on("submit", (event) => { if (!event.defaultPrevented) unsaved = false; });
  addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

  // ---- What was typed, for as long as the tab is open
  // Browsers do not restore fields that are not to be completed, and nothing at all after signing in anew.
  const arrival = performance.getEntriesByType("navigation")[0]?.type;
  const again = arrival === "back_forward" || arrival === "reload" || document.referrer.startsWith(`${location.origin}/sign-in`);
  // A form that was sent for good led elsewhere: what was typed into it is done with.
  const sent = sessionStorage.getItem("sent");
  if (sent && location.pathname !== sent && !location.pathname.startsWith("/sign-in")) {
    sessionStorage.removeItem("sent");
    sessionStorage.removeItem(`typed ${sent}`);
  }
  all("form[data-keep]").forEach((form) => {
    const key = `typed ${location.pathname}`;
    const fields = () => [...form.elements].filter((control) => control.matches("input:not([type=hidden]), textarea"));
    const kept = again ? JSON.parse(sessionStorage.getItem(key) || "{}") : {};
    fields().filter((field) => !field.value && kept[field.name]).forEach((field) => { field.value = kept[field.name]; unsaved = true; });
    addEventListener("pagehide", () => sessionStorage.setItem(key, JSON.stringify(
      Object.fromEntries(fields().filter((field) => field.value).map((field) => [field.name, field.value])))));
  });

  // ---- Quantity steppers
  function step(button) {
    const input = button.parentElement.querySelector("input");
    const before = input.value;
    if (+button.dataset.step > 0) input.stepUp(); else input.stepDown();
    if (input.value === before) return;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  // ---- Selecting rows
  function showSelected(name) {
    const boxes = named(name), count = boxes.filter((box) => box.checked).length;
    all(`[data-select-all="${name}"]`).forEach((box) => {
      box.checked = count > 0 && count === boxes.length;
      box.indeterminate = count > 0 && count < boxes.length;
    });
    all(`[data-selected="${name}"]`).forEach((text) => { text.textContent = `${count} selected`; });
    all(`[data-needs-selected="${name}"]`).forEach((button) => { button.disabled = !count; });
    all(`[data-selection="${name}"]`).forEach((bar) => { bar.hidden = !count; });
    boxes.forEach((box) => box.closest("tr")?.classList.toggle("chosen", box.checked));
  }
  on("change", (event) => {
    const target = event.target;
    if (target.dataset.selectAll) {
      named(target.dataset.selectAll).forEach((box) => { box.checked = target.checked; });
      showSelected(target.dataset.selectAll);
    } else if (target.type === "checkbox" && target.name && document.querySelector(`[data-select-all="${CSS.escape(target.name)}"]`)) {
      showSelected(target.name);
    }
    if ("filterOp" in target.dataset) {
      const value = target.nextElementSibling;
      value.name = target.value;
      value.focus();
    }
    if ("autosubmit" in target.dataset) target.form.requestSubmit();
  });
  const selections = () => new Set(all("[data-select-all]").map((box) => box.dataset.selectAll)).forEach(showSelected);
  addEventListener("pageshow", selections);
  selections();

  // ---- Rows added and removed
  function renumber(list) {
    const prefix = list.dataset.rows, pattern = new RegExp(`(^| )${prefix}-\\d+(?=-|$)`, "g");
    all("[data-row]", list).forEach((row, n) => all("[name], [id], [for], [aria-describedby], [aria-labelledby]", row).concat(row).forEach((element) => {
      for (const attribute of ["name", "id", "for", "aria-describedby", "aria-labelledby"]) {
        const value = element.getAttribute(attribute);
        if (value) element.setAttribute(attribute, value.replace(pattern, `$1${prefix}-${n}`));
      }
    }));
  }
  function addRow(button) {
    const list = button.closest("[data-rows]") || document.querySelector(`[data-rows="${button.dataset.addRow}"]`);
    const template = list.querySelector("template"), count = all("[data-row]", list).length;
    const holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll("__n__", count);
    const row = holder.content.firstElementChild;
    template.before(row);
    all("[data-combo]", row).forEach(combo);
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    row.dispatchEvent(new Event("input", { bubbles: true }));
  }
  function removeRow(button) {
    const row = button.closest("[data-row]"), list = row.closest("[data-rows]");
    const next = row.nextElementSibling?.matches("[data-row]") ? row.nextElementSibling : row.previousElementSibling;
    row.remove();
    renumber(list);
    (next?.querySelector?.("[data-remove-row]") || list.querySelector("[data-add-row]"))?.focus();
    list.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // ---- Type-ahead, after the ARIA combobox pattern
  function combo(input) {
    const list = document.createElement("ul"), hidden = input.nextElementSibling;
    let asked = 0, timer, active = -1;
    list.className = "combo-list";
    list.id = `${input.id}-list`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", input.getAttribute("aria-label") || input.labels[0]?.textContent || "Choices");
    const set = (attributes) => Object.entries(attributes).forEach(([name, value]) => input.setAttribute(name, value));
    set({ role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id });
    list.hidden = true;
    hidden.after(list);
    const close = () => { list.hidden = true; active = -1; set({ "aria-expanded": "false", "aria-activedescendant": "" }); };
    const mark = (n) => {
      const options = [...list.children];
      if (!options.length || list.hidden) return;
      active = (n + options.length) % options.length;
      options.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
      options[active].scrollIntoView({ block: "nearest" });
      set({ "aria-activedescendant": options[active].id });
    };
    const pick = (option) => {
      if (option.dataset.id === undefined) return;
      if ("comboGoes" in input.dataset) { location.assign(option.dataset.id); return; }
      input.value = option.textContent;
      hidden.value = option.dataset.id;
      close();
      hidden.dispatchEvent(new Event("change", { bubbles: true }));
      input.dispatchEvent(new CustomEvent("combo:pick", { bubbles: true, detail: { id: hidden.value, text: input.value } }));
    };
    async function load() {
      const mine = ++asked;
      if (input.value.trim().length < (input.dataset.comboLeast || 0)) { close(); return; }
      const address = new URL(input.dataset.combo, location.href);
      Object.entries({ query: input.value, offset: 0, limit: 10 }).forEach(([name, value]) => address.searchParams.set(name, value));
      const found = await fetch(address, { headers: { Accept: "application/json" } }).then((answer) => answer.ok ? answer.json() : []).catch(() => []);
      if (mine !== asked || document.activeElement !== input) return;
      list.replaceChildren(...(found.length ? found : [[undefined, "Nothing found"]]).map(([id, text], at) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${at}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        if (id === undefined) option.setAttribute("aria-disabled", "true"); else option.dataset.id = id;
        option.textContent = text;
        return option;
      }));
      list.hidden = false;
      active = -1;
      set({ "aria-expanded": "true" });
    }
    input.addEventListener("input", () => { hidden.value = ""; clearTimeout(timer); timer = setTimeout(load, 120); });
    input.addEventListener("blur", close);
    // Before blur would close the list under the pointer.
    list.addEventListener("pointerdown", (event) => { event.preventDefault(); const option = event.target.closest("li"); if (option) pick(option); });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && list.hidden) load();
      else if (event.key === "ArrowDown") mark(active + 1);
      else if (event.key === "ArrowUp") mark(active < 0 ? -1 : active - 1);
      else if (event.key === "Enter" && active >= 0) pick(list.children[active]);
      else if (event.key === "Escape" && !list.hidden) close();
      else return;
      event.preventDefault();
      event.stopPropagation();
    });
  }
  all("[data-combo]").forEach(combo);
  // Flask-Admin's look-up field is a bare hidden input, made for select2.
  all("input[data-role=select2-ajax]:not([data-multiple])").forEach((hidden) => {
    const box = document.createElement("span"), input = document.createElement("input");
    box.className = "combo";
    Object.assign(input, { type: "text", id: hidden.id, placeholder: hidden.dataset.placeholder, value: JSON.parse(hidden.dataset.json || "[]")[1] || "" });
    input.dataset.combo = hidden.dataset.url;
    hidden.removeAttribute("id");
    hidden.replaceWith(box);
    box.append(input, hidden);
    combo(input);
  });

  // ---- Where one is, in sight: on a small screen the tabs are wider than it
  all(".tabs [aria-current]").forEach((tab) => { tab.parentElement.scrollLeft = tab.offsetLeft - tab.parentElement.offsetLeft - 24; });

  on("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.copy) copy(button);
    else if (button?.dataset.step) step(button);
    else if (button && "addRow" in button.dataset) addRow(button);
    else if (button && "removeRow" in button.dataset) removeRow(button);
    else if (!closing) openRow(event, event.ctrlKey || event.metaKey);
    closing = false;
    openMenus(event.target).forEach((menu) => { menu.open = false; });
  });

  on("keydown", (event) => {
    const target = event.target;
    if (event.key === "Escape") {
      const menu = target.closest("details.menu[open]");
      if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
    }
    if (event.key === "Enter" && target.matches("input") && target.form?.dataset.enter === "next") {
      event.preventDefault();
      const fields = [...target.form.elements].filter((c) => c.matches("input:not([type=hidden]), select, textarea") && !c.disabled);
      fields[fields.indexOf(target) + 1]?.focus();
    }
  });

  window.hw = { toast, ask, again };
})();

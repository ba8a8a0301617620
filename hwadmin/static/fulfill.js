/* The fulfill page as one scans: every scan and every typed text is sent in its order, and what the server says
   became of it is shown. No rule lives here; which unit a scan is for, and what is wrong with it, is the server's
   to say (hwadmin/lists/scanning.py, operations/drafting.py).

   What was not sent yet waits in localStorage, by person and order: a reload, a closed tab, a lost connection or a
   session that ended loses nothing. A scan may arrive twice ("again"); the second time it is in its unit already.
   Steps   {scan} · {unit, text} · {chosen, line} · {undo}, which becomes a text when its turn comes */
(() => {
  "use strict";
  const bar = document.querySelector("[data-scan]"), form = document.querySelector("form[data-fulfill]");
  if (!bar || !form) return;
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const box = find("#scan"), address = bar.dataset.scan, key = `entering ${bar.dataset.person} ${address}`;
  const MOST = 200, WAIT = 400, LOOK_AGAIN = 20_000, AT_IT = 120_000, SHOWN = 100;

  // ---- Fields, by unit
  const fields = new Map(all("input.code", form).map((input) => [Number(input.name.slice(5)), {
    input,
    row: input.closest("tr"),
    name: find("td", input.closest("tr")),
    check: document.getElementById(`check-${input.name.slice(5)}`),
    // What the server has, as far as we know.
    known: input.value,
  }]));
  fields.forEach((field, unit) => {
    const button = document.createElement("button"), label = field.name.textContent.trim();
    Object.assign(button, { type: "button", className: "unit-choice", textContent: label });
    button.dataset.unit = unit;
    button.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-label", `Scan into ${label}`);
    field.label = label;
    field.button = button;
    field.name.replaceChildren(button);
  });

  // ---- What is kept here until the server has it
  const stored = (where, name, fallback) => {
    try { return JSON.parse(where.getItem(name)) ?? fallback; } catch { return fallback; }
  };
  const store = (where, name, value) => {
    try { if (value.length) where.setItem(name, JSON.stringify(value)); else where.removeItem(name); } catch { /* full, or not allowed */ }
  };
  let queue = stored(localStorage, key, []).map((step) => ("scan" in step ? { ...step, again: true } : step));
  let undoable = stored(sessionStorage, `${key} undo`, []), refused = stored(sessionStorage, `${key} refused`, []);
  const keep = () => store(localStorage, key, queue);
  let chosen = null, line = null, busy = false, stopped = "", after = null, waited = 0, last = performance.now();

  function add(step) {
    last = performance.now();
    queue.push(step);
    keep();
    send();
  }

  // ---- Sending, one request at a time, in order
  async function send() {
    if (busy || stopped) return;
    settleUndo();
    const until = queue.findIndex((step) => step.undo), count = Math.min(until < 0 ? queue.length : until, MOST);
    if (!count && !send.wanted) { idle(); return; }
    send.wanted = false;
    busy = true;
    saved(count ? "Saving…" : null);
    const steps = queue.slice(0, count);
    let answer, said;
    try {
      answer = await fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": form.elements.csrf_token.value },
        body: JSON.stringify({ steps, chosen, line, open: openFields() }),
      });
      said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
    } catch {
      answer = null;
    }
    busy = false;
    if (!answer || answer.status >= 500 || answer.status === 429) { later(); return; }
    if (answer.status === 401 || answer.status === 400) { stop("Your session has ended.", "Sign in again", location.href); return; }
    if (answer.status === 409 || answer.status === 404 || answer.status === 403) {
      queue = [];
      keep();
      stop(said.said || "This order cannot be fulfilled any more.", "Open the order", address.replace(/\/fulfill\/draft$/, ""));
      return;
    }
    queue.splice(0, count);
    keep();
    waited = 0;
    trouble("");
    if (answer.ok) whenStill(() => show(said, steps));
    send();
  }

  // What changes on the page can move a button away between its pressing and its release: then it was not clicked.
  let pressed = false;
  const postponed = [];
  function whenStill(change) {
    if (pressed) postponed.push(change); else change();
  }
  addEventListener("pointerdown", () => { pressed = true; }, true);
  ["pointerup", "pointercancel"].forEach((released) => addEventListener(released, () => setTimeout(() => {
    pressed = false;
    postponed.splice(0).forEach((change) => change());
  }), true));

  function later() {
    queue.forEach((step) => { if ("scan" in step) step.again = true; });
    keep();
    waited = Math.min((waited || 500) * 2, 15_000);
    trouble("The server does not answer. Go on scanning: what is not saved yet is kept on this machine, and sent as soon as it answers.");
    setTimeout(send, waited);
  }

  function stop(said, label, target) {
    stopped = said;
    const link = document.createElement("a");
    Object.assign(link, { href: target, textContent: label });
    trouble(queue.length ? `${said} Nothing is lost: ${queue.length === 1 ? "the last entry is" : `the last ${queue.length} entries are`} kept on this machine. ` : `${said} `, link);
    after = null;
  }

  function trouble(text, ...more) {
    const notice = find("[data-trouble]");
    notice.hidden = !text;
    if (notice.textContent !== text || more.length) notice.replaceChildren(text, ...more);
    if (text) saved(null);
  }

  function idle() {
    saved("Everything is saved.");
    if (after) {
      const go = after;
      after = null;
      go();
    }
  }
  const saved = (text) => whenStill(() => { find("[data-saved]").textContent = text ? `${text} ` : ""; });

  // The last scan is known only when those before it were answered.
  function settleUndo() {
    while (queue[0]?.undo) {
      const scan = undoable.pop();
      store(sessionStorage, `${key} undo`, undoable);
      queue.shift();
      const field = scan && fields.get(scan.unit);
      if (!field || field.input.disabled || field.input.value !== scan.value) { tell("There is no scan left to undo.", 1); continue; }
      write(field, scan.former);
      queue.unshift({ unit: scan.unit, text: scan.former });
      keep();
      tell(`Undone: ${scan.value} is not in ${field.label} any more.`, 0);
      point(field);
    }
    find("[data-undo]").disabled = !undoable.length;
  }

  // ---- Showing what the server says
  const openFields = () => [...fields.values()].filter((field) => !field.input.disabled).length;
  const typing = new Map();
  const waiting = (unit) => typing.has(unit) || queue.some((step) => step.unit === unit && "text" in step);

  function write(field, text) {
    field.input.value = text;
    field.known = text;
  }

  function check(field, html, tone) {
    if (field.html !== html) {
      field.html = html;
      field.check.innerHTML = html;
    }
    field.input.closest("td").classList.toggle("has-error", tone === 2);
    if (tone === 2) field.input.setAttribute("aria-invalid", "true"); else field.input.removeAttribute("aria-invalid");
    field.tone = tone;
  }

  function show(said, steps) {
    const done = new Set(said.done);
    fields.forEach((field, unit) => {
      if (done.has(unit)) { finish(field); return; }
      const [text, place] = said.rows[unit] || ["", -1], [html, tone] = said.checks[place] || ['<span class="muted">not yet</span>', 0];
      if (waiting(unit)) return;
      if (text !== field.known) write(field, text);
      check(field, html, tone);
    });
    find("[data-entered]").textContent = said.entered;
    said.lines.forEach(([id, count]) => { find(`[data-line="${id}"] [data-done]`, bar).textContent = count; });
    find("[data-others]").textContent = said.others ? `Also on this order: ${said.others}.` : "";
    const valid = find("[data-valid]");
    valid.hidden = !(said.wrong && said.right);
    valid.textContent = `Write the ${said.right} that ${said.right === 1 ? "is" : "are"} right`;
    // What was chosen meanwhile counts more than what was chosen when this was sent.
    if (!queue.some((step) => "chosen" in step)) choose(said.chosen, said.line, false);
    said.results.forEach((result, place) => {
      if (result) scanned(result, steps[place].scan);
      else if ("text" in steps[place] && steps[place].spoken) typed(steps[place].unit);
    });
    if (refused.length) listRefused();
  }

  function finish(field) {
    if (field.input.disabled) return;
    write(field, "");
    field.input.disabled = true;
    field.button.disabled = true;
    check(field, '<span class="check ok">done by now</span>', 0);
  }

  function scanned(result, scan) {
    const field = fields.get(result.unit);
    if (result.taken === "chosen") {
      point(field);
      tell(`The next scan goes into ${result.label}${result.whose ? ` · ${result.whose}` : ""}.`, 0);
      return;
    }
    if (result.taken === "refused") {
      refused.unshift([scan, result.said]);
      refused.length = Math.min(refused.length, SHOWN);
      store(sessionStorage, `${key} refused`, refused);
      tell(`${scan}: ${result.said}`, 2);
      return;
    }
    undoable.push({ unit: result.unit, value: result.value, former: result.former });
    if (undoable.length > SHOWN) undoable.shift();
    store(sessionStorage, `${key} undo`, undoable);
    find("[data-undo]").disabled = false;
    point(field);
    tell(`${result.value} → ${result.label}${result.whose ? ` · ${result.whose}` : ""}${result.said ? `. ${result.said}` : ""}`, result.tone);
  }

  function typed(unit) {
    const field = fields.get(unit);
    tell(`${field.label}: ${field.check.textContent.trim()}`, field.tone);
  }

  const MARKS = ["✓", "⚠", "✕"], TONES = ["good", "look", "bad"];
  function tell(text, tone) {
    const result = find("[data-result]");
    result.textContent = `${MARKS[tone]} ${text}`;
    result.dataset.tone = TONES[tone];
    find(tone ? "[data-alert]" : "[data-status]").textContent = text;
    beep(tone);
  }

  let pointed;
  function point(field) {
    pointed?.row.classList.remove("chosen");
    pointed = field;
    field.row.classList.add("chosen");
    field.row.scrollIntoView({ block: "nearest" });
  }

  function listRefused() {
    const notice = find("[data-refused]"), list = find("ul", notice);
    notice.hidden = !refused.length;
    find("strong", notice).textContent = refused.length === 1 ? "1 scan was not taken:" : `${refused.length} scans were not taken:`;
    list.replaceChildren(...refused.map(([scan, why]) => {
      const item = document.createElement("li"), code = document.createElement("code");
      code.textContent = scan;
      item.append(code, `: ${why}`);
      return item;
    }));
  }

  // ---- Sounds: high for taken, twice for look, low for refused
  const SOUNDS = [[[1046, 0, 0.07]], [[784, 0, 0.09], [784, 0.14, 0.09]], [[196, 0, 0.35]]];
  const quiet = "scanning is quiet";
  let sound = stored(localStorage, quiet, "") !== "yes", voice;
  function beep(tone) {
    // A browser lets nothing sound before somebody has pressed a key or button.
    if (!sound || !navigator.userActivation?.hasBeenActive) return;
    voice ??= new AudioContext();
    SOUNDS[tone].forEach(([frequency, start, length]) => {
      const tune = voice.createOscillator(), volume = voice.createGain(), from = voice.currentTime + start;
      tune.frequency.value = frequency;
      tune.type = tone === 2 ? "square" : "sine";
      volume.gain.setValueAtTime(0.15, from);
      volume.gain.exponentialRampToValueAtTime(0.001, from + length);
      tune.connect(volume).connect(voice.destination);
      tune.start(from);
      tune.stop(from + length);
    });
  }
  function switchSound(to) {
    sound = to;
    store(localStorage, quiet, sound ? "" : "yes");
    find("[data-sound]").setAttribute("aria-pressed", String(sound));
  }

  // ---- Choosing a unit, or the item that is scanned
  function choose(unit, only, sending = true) {
    [chosen, line] = [unit, only];
    fields.forEach((field, id) => {
      field.button.setAttribute("aria-pressed", String(id === chosen));
      field.row.classList.toggle("next", id === chosen);
    });
    all("[data-line]", bar).forEach((button) => button.setAttribute("aria-pressed", String(Number(button.dataset.line) === line)));
    if (!sending) return;
    const field = fields.get(chosen), item = line && find(`[data-line="${line}"]`, bar).firstChild.textContent.trim();
    if (field) point(field);
    const where = field ? `into ${field.label}` : line ? `to the first open ${item}` : "to the first open unit it fits";
    find("[data-result]").textContent = `The next scan goes ${where}.`;
    delete find("[data-result]").dataset.tone;
    find("[data-status]").textContent = `The next scan goes ${where}.`;
    add({ chosen, line });
    box.focus();
  }
  const chooseLine = (item) => choose(null, item === line ? null : item);

  // ---- Entering
  function scan(text) {
    const lines = text.split(/[\r\n]+/).map((one) => one.trim()).filter(Boolean);
    lines.forEach((one) => add({ scan: one }));
  }
  function enter() {
    const text = box.value;
    box.value = "";
    scan(text);
  }
  function settle(unit, spoken = false) {
    const field = fields.get(unit);
    clearTimeout(typing.get(unit));
    typing.delete(unit);
    if (field.input.value === field.known && !spoken) return;
    field.known = field.input.value;
    add({ unit, text: field.input.value, spoken });
  }
  const settleAll = () => [...typing.keys()].forEach((unit) => settle(unit));

  async function clearAll() {
    const filled = [...fields].filter(([, field]) => field.input.value);
    const said = `Empty ${filled.length === 1 ? "the field" : `all ${filled.length} fields`} you have filled? Devices that are there already stay.`;
    if (filled.length && await window.hw.ask(said, "Empty them", true)) {
      filled.forEach(([unit, field]) => { write(field, ""); queue.push({ unit, text: "" }); });
      keep();
      send();
      [undoable, refused] = [[], []];
      store(sessionStorage, `${key} undo`, undoable);
      store(sessionStorage, `${key} refused`, refused);
      listRefused();
    }
    box.focus();
  }

  form.addEventListener("input", (event) => {
    const unit = Number(event.target.name?.slice(5));
    if (!fields.has(unit)) return;
    clearTimeout(typing.get(unit));
    typing.set(unit, setTimeout(() => settle(unit), WAIT));
  });
  form.addEventListener("focusin", (event) => { if (event.target.matches("input.code")) event.target.select(); });
  form.addEventListener("focusout", (event) => {
    const unit = Number(event.target.name?.slice(5));
    if (typing.has(unit)) settle(unit);
  });
  box.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text");
    if (!/[\r\n]/.test(text.trim())) return;
    event.preventDefault();
    scan(text);
  });
  box.addEventListener("keydown", (event) => {
    // Some scanners end with Tab. An empty box is left by it, as any other.
    const ends = (event.key === "Enter" && !event.ctrlKey && !event.metaKey) || (event.key === "Tab" && !event.shiftKey && box.value.trim());
    if (ends && !event.isComposing) {
      event.preventDefault();
      enter();
    } else if (event.key === "Escape") {
      if (box.value) box.value = "";
      else if (chosen !== null || line !== null) choose(null, null);
    }
  });
  bar.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.line) chooseLine(Number(button.dataset.line));
    else if ("undo" in button.dataset) add({ undo: true });
    else if ("clear" in button.dataset) { clearAll(); return; }
    else switchSound(!sound);
    box.focus();
  });
  form.addEventListener("click", (event) => {
    const unit = Number(event.target.closest("button[data-unit]")?.dataset.unit);
    if (unit) choose(unit === chosen ? null : unit, line);
  });
  find("[data-refused] button").addEventListener("click", () => {
    refused = [];
    store(sessionStorage, `${key} refused`, refused);
    find("[data-refused]").hidden = true;
    box.focus();
  });

  document.addEventListener("keydown", (event) => {
    const target = event.target, texts = "input, textarea, select, dialog *";
    if (event.altKey && !event.ctrlKey && !event.metaKey) {
      const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1], lines = all("[data-line]", bar);
      if (event.code === "KeyZ") add({ undo: true });
      else if (event.code === "KeyS") switchSound(!sound);
      else if (digit === "0") choose(null, null);
      else if (digit && lines[digit - 1]) chooseLine(Number(lines[digit - 1].dataset.line));
      else return;
      event.preventDefault();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      if (box.value.trim()) enter();
      form.requestSubmit(find("[name=do][value=all]", form));
      return;
    }
    if (event.key === "Enter" && target.matches("input.code")) {
      event.preventDefault();
      settle(Number(target.name.slice(5)), true);
      box.focus({ preventScroll: true });
      return;
    }
    // What a scanner types while nothing is in focus goes into the box, from its first character on.
    if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !target.matches(texts)) box.focus({ preventScroll: true });
  });
  // On a phone this would bring up its keyboard at every touch.
  if (matchMedia("(pointer: fine)").matches) {
    document.addEventListener("click", () => { if (document.activeElement === document.body && !String(getSelection())) box.focus({ preventScroll: true }); });
  }

  // ---- Writing: not before everything was sent. In the capture phase, before the form is taken for sent.
  document.addEventListener("submit", (event) => {
    if (event.target !== form) return;
    settleAll();
    if (!queue.length && !busy) return;
    event.preventDefault();
    const button = event.submitter;
    if (stopped) return;
    after = () => form.requestSubmit(button);
    send();
  }, true);
  addEventListener("beforeunload", (event) => { if (queue.length && stopped) event.preventDefault(); });
  addEventListener("pagehide", settleAll);
  addEventListener("pageshow", (event) => { if (event.persisted) { stopped = ""; look(); } });

  // ---- What others do shows within seconds, as long as somebody works here
  function look() {
    send.wanted = true;
    send();
  }
  setInterval(() => {
    if (!document.hidden && performance.now() - last < AT_IT) look();
  }, LOOK_AGAIN);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });

  switchSound(sound);
  listRefused();
  find("[data-undo]").disabled = !undoable.length;
  if (!location.hash) box.focus({ preventScroll: true });
  if (queue.length || [...fields.values()].some((field) => field.known) || find("[data-others]").textContent) look();
})();

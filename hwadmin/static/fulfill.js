// @ts-check
/**
 * The fulfill page as one scans: every scan and every typed text is sent in its order, and what the server says became
 * of it is shown. No rule lives here; which unit a scan is for, and what is wrong with it, is the server's to say
 * (hwadmin/list_import/matching/scan_session.py, operations/fulfillment/drafts.py). What waits to be sent is the
 * matter of scan_queue.js, sending it that of scan_client.js.
 */
import { all, one } from "./dom.js";
import { sendSteps } from "./scan_client.js";
import { ScanQueue, load, nextDelay, save, scansIn } from "./scan_queue.js";
import { beep } from "./scan_sound.js";

/**
 * @typedef {import("./scan_client.js").DraftState} DraftState
 * @typedef {import("./scan_client.js").ScanResult} ScanResult
 * @typedef {import("./scan_queue.js").Step} Step
 * @typedef {object} Field one unit that waits for its identifier
 * @property {HTMLInputElement} input
 * @property {HTMLElement} row
 * @property {HTMLElement} cell around the input
 * @property {HTMLElement} check what is said about the text
 * @property {HTMLButtonElement} button chooses the unit for the next scan
 * @property {string} label
 * @property {string} known the text the server has, as far as we know
 * @property {string} html what the check shows now
 * @property {number} tone 0 fine, 1 to be looked at, 2 refused
 */

/** Milliseconds: until what is typed is sent, between two looks at what others do, and after which we stop looking. */
const TYPING_PAUSE = 400;
const LOOK_EVERY = 20_000;
const AT_WORK = 120_000;
/** How many refused scans are listed, and how many scans can be undone. */
const MAX_LISTED = 100;

const bar = one("[data-scan]");
const form = one("form[data-fulfill]", document, HTMLFormElement);
const box = one("#scan", document, HTMLInputElement);
const address = bar.dataset.scan ?? "";
const storageName = `entering ${bar.dataset.person} ${address}`;
const undoName = `${storageName} undo`;
const refusedName = `${storageName} refused`;
const quietName = "scanning is quiet";

const queue = new ScanQueue(localStorage, storageName);
/** @type {{ unit: number, value: string, former: string }[]} */
let undoable = load(sessionStorage, undoName, []);
/** Scans that were not taken, with the reason. @type {[string, string][]} */
let refused = load(sessionStorage, refusedName, []);
/** @type {number | null} */
let chosenUnit = null;
/** @type {number | null} */
let chosenLine = null;
let sending = false;
let lookWanted = false;
/** Why nothing is sent any more; empty as long as it is. */
let stopped = "";
/** What to do as soon as everything is sent. @type {(() => void) | null} */
let whenSent = null;
let delay = 0;
let lastEntry = performance.now();
let soundOn = load(localStorage, quietName, /** @type {string} */ ("")) !== "yes";

// ---- Fields, by unit

/** @param {HTMLInputElement} input @returns {[number, Field]} */
function fieldOf(input) {
  const unit = unitOf(input);
  const row = /** @type {HTMLElement} */ (input.closest("tr"));
  const name = one("td", row);
  const label = name.textContent?.trim() ?? "";
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "unit-choice", textContent: label });
  button.dataset.unit = String(unit);
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-label", `Scan into ${label}`);
  name.replaceChildren(button);
  const cell = /** @type {HTMLElement} */ (input.closest("td"));
  const check = one(`#check-${unit}`);
  return [unit, { input, row, cell, check, button, label, known: input.value, html: "", tone: 0 }];
}

/** @param {EventTarget | null} control */
function unitOf(control) {
  return control instanceof HTMLInputElement ? Number(control.name.slice("unit-".length)) : Number.NaN;
}

const fields = new Map(all("input.code", form, HTMLInputElement).map(fieldOf));
const openFields = () => [...fields.values()].filter((field) => !field.input.disabled).length;

/** @param {...Step} steps */
function add(...steps) {
  lastEntry = performance.now();
  queue.add(...steps);
  send();
}

// ---- Sending, one request at a time, in order

async function send() {
  if (sending || stopped) return;
  settleUndo();
  const steps = queue.batch();
  if (!steps.length && !lookWanted) {
    everythingSent();
    return;
  }
  lookWanted = false;
  sending = true;
  showSaved(steps.length ? "Saving…" : "");
  const token = /** @type {HTMLInputElement} */ (form.elements.namedItem("csrf_token")).value;
  const [chosen, line] = queue.before;
  const answer = await sendSteps(address, token, { steps, chosen, line, open: openFields() });
  sending = false;
  if (answer.kind === "unreachable") {
    tryLater();
  } else if (answer.kind === "signed-out") {
    stop("Your session has ended.", "Sign in again", location.href);
  } else if (answer.kind === "closed") {
    queue.clear();
    stop(answer.message, "Open the order", address.replace(/\/fulfill\/draft$/, ""));
  } else {
    const state = answer.state;
    queue.remove(steps.length, state ?? undefined);
    delay = 0;
    showTrouble("");
    if (state) whenNothingIsPressed(() => show(state, steps));
    send();
  }
}

// What changes on the page can move a button away between its pressing and its release: then it was not clicked.
let pressed = false;
/** @type {(() => void)[]} */
const postponed = [];
/** @param {() => void} change */
function whenNothingIsPressed(change) {
  if (pressed) postponed.push(change);
  else change();
}
function showPostponed() {
  for (const change of postponed.splice(0)) change();
}
function release() {
  setTimeout(() => {
    pressed = false;
    showPostponed();
  });
}
addEventListener("pointerdown", () => { pressed = true; }, true);
addEventListener("pointerup", release, true);
addEventListener("pointercancel", release, true);

function tryLater() {
  queue.markAsSent();
  delay = nextDelay(delay);
  showTrouble("The server does not answer. Go on scanning: what is not saved yet is kept on this machine, and sent as soon as it answers.");
  setTimeout(send, delay);
}

/** @param {string} sentence @param {string} label @param {string} target where the link leads */
function stop(sentence, label, target) {
  stopped = sentence;
  whenSent = null;
  const link = document.createElement("a");
  Object.assign(link, { href: target, textContent: label });
  const kept = queue.length === 1 ? "the last entry is" : `the last ${queue.length} entries are`;
  showTrouble(queue.length ? `${sentence} Nothing is lost: ${kept} kept on this machine. ` : `${sentence} `, link);
}

/** @param {string} text @param {...Node} more */
function showTrouble(text, ...more) {
  const notice = one("[data-trouble]");
  notice.hidden = !text;
  if (notice.textContent !== text || more.length) notice.replaceChildren(text, ...more);
  if (text) showSaved("");
}

function everythingSent() {
  showSaved("Everything is saved.");
  const go = whenSent;
  whenSent = null;
  go?.();
}

/** @param {string} text */
function showSaved(text) {
  whenNothingIsPressed(() => { one("[data-saved]").textContent = text ? `${text} ` : ""; });
}

/** The last scan is known only when those before it were answered. */
function settleUndo() {
  while (queue.takeUndo()) {
    const scan = undoable.pop();
    save(sessionStorage, undoName, undoable);
    const field = scan && fields.get(scan.unit);
    if (!field || field.input.disabled || field.input.value !== scan.value) {
      tell("There is no scan left to undo.", 1);
      continue;
    }
    write(field, scan.former);
    queue.putFirst({ unit: scan.unit, text: scan.former });
    tell(`Undone: ${scan.value} is not in ${field.label} any more.`, 0);
    point(field);
  }
  allowUndo();
}

function allowUndo() {
  one("[data-undo]", bar, HTMLButtonElement).disabled = !undoable.length;
}

// ---- Showing what the server says

/** Fields somebody types into, with the timer after which the text is sent. @type {Map<number, number>} */
const typing = new Map();
const NOT_YET = '<span class="muted">not yet</span>';
const DONE = '<span class="check ok">done by now</span>';

/** @param {Field} field @param {string} text */
function write(field, text) {
  field.input.value = text;
  field.known = text;
}

/** @param {Field} field @param {string} html @param {number} tone @param {string} [theirs] what a colleague entered */
function showCheck(field, html, tone, theirs = "") {
  const shown = `${html}${theirs}`;
  if (field.html !== shown) {
    field.html = shown;
    field.check.innerHTML = html;
    if (theirs) field.check.append(takeOver(field, theirs));
  }
  field.cell.classList.toggle("has-error", tone === 2);
  if (tone === 2) field.input.setAttribute("aria-invalid", "true");
  else field.input.removeAttribute("aria-invalid");
  field.tone = tone;
}

/** What a colleague entered, and the button that takes it over. @param {Field} field @param {string} theirs */
function takeOver(field, theirs) {
  const line = document.createElement("span"), code = document.createElement("code"), button = document.createElement("button");
  line.className = "sub";
  code.textContent = theirs;
  Object.assign(button, { className: "btn btn-small", name: "take_unit", value: String(unitOf(field.input)), textContent: "Take over" });
  button.setAttribute("formaction", address.replace(/draft$/, "take-over"));
  button.setAttribute("aria-label", `Take over ${field.label}`);
  line.append(code, " ", button);
  return line;
}

/** @param {DraftState} state @param {Step[]} steps what it answers */
function show(state, steps) {
  const done = new Set(state.done);
  for (const [unit, field] of fields) {
    if (done.has(unit)) finish(field);
    else if (!typing.has(unit) && !queue.hasTextOf(unit)) {
      const [text, place, theirs] = state.rows[unit] ?? ["", -1];
      const [html, tone] = state.checks[place] ?? [NOT_YET, 0];
      if (text !== field.known) write(field, text);
      showCheck(field, html, tone, theirs);
    }
  }
  one("[data-entered]").textContent = String(state.entered);
  for (const [id, count] of state.lines) one(`[data-line="${id}"] [data-done]`, bar).textContent = String(count);
  one("[data-others]").textContent = state.others ? `Also on this order: ${state.others}.` : "";
  const valid = one("[data-valid]");
  valid.hidden = !(state.wrong && state.right);
  valid.textContent = `Write the ${state.right} that ${state.right === 1 ? "is" : "are"} right`;
  // What was chosen meanwhile counts more than what was chosen when this was sent.
  if (!queue.hasChoice) showChoice(state.chosen, state.line);
  state.results.forEach((result, place) => {
    const step = steps[place];
    if (result && "scan" in step) showScan(result, step.scan);
    else if ("text" in step && step.spoken) showText(step.unit);
  });
  if (refused.length) listRefused();
}

/** @param {Field} field whose unit has its device by now */
function finish(field) {
  if (field.input.disabled) return;
  write(field, "");
  field.input.disabled = true;
  field.button.disabled = true;
  showCheck(field, DONE, 0);
}

/** @param {ScanResult} result @param {string} scan */
function showScan(result, scan) {
  if (result.taken === "refused") {
    refused.unshift([scan, result.message ?? ""]);
    refused.length = Math.min(refused.length, MAX_LISTED);
    save(sessionStorage, refusedName, refused);
    tell(`${scan}: ${result.message}`, 2);
    return;
  }
  const field = fields.get(result.unit);
  const target = `${result.label}${result.whose ? ` · ${result.whose}` : ""}`;
  if (field) point(field);
  if (result.taken === "chosen") {
    tell(`The next scan goes into ${target}.`, 0);
    return;
  }
  undoable.push({ unit: result.unit, value: result.value, former: result.former });
  if (undoable.length > MAX_LISTED) undoable.shift();
  save(sessionStorage, undoName, undoable);
  allowUndo();
  tell(`${result.value} → ${target}${result.message ? `. ${result.message}` : ""}`, result.tone);
}

/** @param {number} unit */
function showText(unit) {
  const field = fields.get(unit);
  if (field) tell(`${field.label}: ${field.check.textContent?.trim()}`, field.tone);
}

const MARKS = ["✓", "⚠", "✕"];
const TONES = ["good", "look", "bad"];
/** @param {string} text @param {number} tone */
function tell(text, tone) {
  const result = one("[data-result]");
  result.textContent = `${MARKS[tone]} ${text}`;
  result.dataset.tone = TONES[tone];
  one(tone ? "[data-alert]" : "[data-status]").textContent = text;
  if (soundOn) beep(tone);
}

/** @type {Field | undefined} */
let pointed;
/** @param {Field} field */
function point(field) {
  pointed?.row.classList.remove("chosen");
  pointed = field;
  field.row.classList.add("chosen");
  field.row.scrollIntoView({ block: "nearest" });
}

function listRefused() {
  const notice = one("[data-refused]");
  notice.hidden = !refused.length;
  one("strong", notice).textContent = refused.length === 1 ? "1 scan was not taken:" : `${refused.length} scans were not taken:`;
  one("ul", notice).replaceChildren(...refused.map(([scan, why]) => {
    const item = document.createElement("li");
    const code = document.createElement("code");
    code.textContent = scan;
    item.append(code, `: ${why}`);
    return item;
  }));
}

/** @param {boolean} on */
function switchSound(on) {
  soundOn = on;
  save(localStorage, quietName, on ? "" : "yes");
  one("[data-sound]").setAttribute("aria-pressed", String(on));
}

// ---- Choosing a unit, or the item that is scanned

const lineButtons = all("[data-line]", bar);
const lineOf = (/** @type {HTMLElement} */ button) => Number(button.dataset.line);

/** @param {number | null} unit @param {number | null} line */
function showChoice(unit, line) {
  chosenUnit = unit;
  chosenLine = line;
  for (const [id, field] of fields) {
    field.button.setAttribute("aria-pressed", String(id === unit));
    field.row.classList.toggle("next", id === unit);
  }
  for (const button of lineButtons) button.setAttribute("aria-pressed", String(lineOf(button) === line));
}

/** @param {number | null} unit @param {number | null} line */
function choose(unit, line) {
  showChoice(unit, line);
  const field = unit === null ? undefined : fields.get(unit);
  if (field) point(field);
  const item = lineButtons.find((button) => lineOf(button) === line)?.firstChild?.textContent?.trim();
  const target = field ? `into ${field.label}` : item ? `to the first open ${item}` : "to the first open unit it fits";
  const result = one("[data-result]");
  result.textContent = `The next scan goes ${target}.`;
  delete result.dataset.tone;
  one("[data-status]").textContent = `The next scan goes ${target}.`;
  add({ chosen: unit, line });
  box.focus();
}

/** @param {number} line */
function toggleLine(line) {
  choose(null, line === chosenLine ? null : line);
}

// ---- Entering

/** @param {string} text */
function scan(text) {
  const scans = scansIn(text);
  if (scans.length) add(...scans.map((one) => ({ scan: one })));
}

function enterBox() {
  const text = box.value;
  box.value = "";
  scan(text);
}

/** Send what was typed into a field. @param {number} unit @param {boolean} spoken whether the answer is said aloud */
function settle(unit, spoken = false) {
  const field = fields.get(unit);
  clearTimeout(typing.get(unit));
  typing.delete(unit);
  if (!field || (field.input.value === field.known && !spoken)) return;
  field.known = field.input.value;
  add({ unit, text: field.input.value, spoken });
}

function settleAll() {
  for (const unit of [...typing.keys()]) settle(unit);
}

function forgetRefused() {
  refused = [];
  save(sessionStorage, refusedName, refused);
  listRefused();
}

async function clearAll() {
  const filled = [...fields].filter(([, field]) => field.input.value);
  const count = filled.length === 1 ? "the field" : `all ${filled.length} fields`;
  const question = `Empty ${count} you have filled? Devices that are there already stay.`;
  if (filled.length && await window.hw.ask(question, "Empty them", true)) {
    for (const [, field] of filled) write(field, "");
    add(...filled.map(([unit]) => ({ unit, text: "" })));
    undoable = [];
    save(sessionStorage, undoName, undoable);
    forgetRefused();
  }
  box.focus();
}

form.addEventListener("input", (event) => {
  const unit = unitOf(event.target);
  if (!fields.has(unit)) return;
  clearTimeout(typing.get(unit));
  typing.set(unit, window.setTimeout(() => settle(unit), TYPING_PAUSE));
});
form.addEventListener("focusin", (event) => {
  if (event.target instanceof HTMLInputElement && event.target.matches("input.code")) event.target.select();
});
form.addEventListener("focusout", (event) => {
  const unit = unitOf(event.target);
  if (typing.has(unit)) settle(unit);
});
box.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text") ?? "";
  if (!/[\r\n]/.test(text.trim())) return;
  event.preventDefault();
  scan(text);
});
box.addEventListener("keydown", (event) => {
  // Some scanners end with Tab. An empty box is left by it, as any other.
  const enters = event.key === "Enter" && !event.ctrlKey && !event.metaKey;
  const leaves = event.key === "Tab" && !event.shiftKey && box.value.trim() !== "";
  if ((enters || leaves) && !event.isComposing) {
    event.preventDefault();
    enterBox();
  } else if (event.key === "Escape") {
    if (box.value) box.value = "";
    else if (chosenUnit !== null || chosenLine !== null) choose(null, null);
  }
});
bar.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (!button) return;
  if ("clear" in button.dataset) {
    clearAll();
    return;
  }
  if (button.dataset.line) toggleLine(lineOf(button));
  else if ("undo" in button.dataset) add({ undo: true });
  else switchSound(!soundOn);
  box.focus();
});
form.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[data-unit]") : null;
  if (!(button instanceof HTMLElement)) return;
  const unit = Number(button.dataset.unit);
  choose(unit === chosenUnit ? null : unit, chosenLine);
});
one("[data-refused] button").addEventListener("click", () => {
  forgetRefused();
  box.focus();
});

/** Alt with a key. @param {KeyboardEvent} event @returns whether the key means something */
function shortcut(event) {
  const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code)?.[1];
  const button = digit ? lineButtons[Number(digit) - 1] : undefined;
  if (event.code === "KeyZ") add({ undo: true });
  else if (event.code === "KeyS") switchSound(!soundOn);
  else if (digit === "0") choose(null, null);
  else if (button) toggleLine(lineOf(button));
  else return false;
  return true;
}

document.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (event.altKey && !event.ctrlKey && !event.metaKey) {
    if (shortcut(event)) event.preventDefault();
  } else if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    event.preventDefault();
    if (box.value.trim()) enterBox();
    form.requestSubmit(one("[name=do][value=all]", form));
  } else if (event.key === "Enter" && target.matches("input.code")) {
    event.preventDefault();
    settle(unitOf(target), true);
    box.focus({ preventScroll: true });
  } else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey
    && !target.matches("input, textarea, select, dialog *")) {
    // What a scanner types while nothing is in focus goes into the box, from its first character on.
    box.focus({ preventScroll: true });
  }
});
// On a phone this would bring up its keyboard at every touch.
if (matchMedia("(pointer: fine)").matches) {
  document.addEventListener("click", () => {
    if (document.activeElement === document.body && !String(getSelection())) box.focus({ preventScroll: true });
  });
}

// ---- Writing: not before everything was sent. In the capture phase, before the form is taken for sent.
document.addEventListener("submit", (event) => {
  if (event.target !== form) return;
  // An answer that came while the button was being pressed is not in its field yet.
  showPostponed();
  settleAll();
  if (!queue.length && !sending) return;
  event.preventDefault();
  if (stopped) return;
  const button = event.submitter;
  whenSent = () => form.requestSubmit(button);
  send();
}, true);
addEventListener("beforeunload", (event) => { if (queue.length && stopped) event.preventDefault(); });
addEventListener("pagehide", settleAll);
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  stopped = "";
  look();
});

// ---- What others do shows within seconds, as long as somebody works here

function look() {
  lookWanted = true;
  send();
}
setInterval(() => {
  if (!document.hidden && performance.now() - lastEntry < AT_WORK) look();
}, LOOK_EVERY);
document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });

switchSound(soundOn);
listRefused();
allowUndo();
if (!location.hash) box.focus({ preventScroll: true });
if (queue.length || [...fields.values()].some((field) => field.known) || one("[data-others]").textContent) look();

// @ts-check
/**
 * What was scanned and typed on the fulfill page and is not with the server yet, in its order.
 *
 * It is kept in the browser's storage, so that a reload, a closed tab, a lost connection or a session that ended loses
 * nothing. A scan may then be sent twice; it is marked `again`, and is in its unit already the second time.
 *
 * @typedef {{ scan: string, again?: boolean }} ScanStep
 * @typedef {{ unit: number, text: string, spoken?: boolean }} TextStep typed into the field of a unit
 * @typedef {{ chosen: number | null, line: number | null }} ChoiceStep the unit, or the item, that is scanned next
 * @typedef {{ undo: true }} UndoStep takes back the last scan; becomes a text when its turn comes
 * @typedef {ScanStep | TextStep | ChoiceStep | UndoStep} Step
 * @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Store
 */

/** How many steps one request carries at most. */
export const MAX_STEPS = 200;

const FIRST_DELAY = 1000;
const LONGEST_DELAY = 15_000;
/** @type {[null, null]} */
const NOTHING = [null, null];

/**
 * What is stored under a name; the fallback where nothing is, or where storage is forbidden.
 *
 * @template T
 * @param {Store} store
 * @param {string} name
 * @param {T} fallback
 * @returns {T}
 */
export function load(store, name, fallback) {
  try {
    return JSON.parse(store.getItem(name) ?? "null") ?? fallback;
  } catch {
    return fallback;
  }
}

/**
 * Store a list or a text; an empty one is removed.
 *
 * @param {Store} store
 * @param {string} name
 * @param {string | readonly unknown[]} value
 */
export function save(store, name, value) {
  try {
    if (value.length) store.setItem(name, JSON.stringify(value));
    else store.removeItem(name);
  } catch {
    // The storage is full or forbidden: what is in memory is still sent.
  }
}

/**
 * Milliseconds to wait before trying again: twice as long each time, up to a quarter of a minute.
 *
 * @param {number} previous the wait before, 0 after a success
 */
export function nextDelay(previous) {
  return Math.min(previous ? previous * 2 : FIRST_DELAY, LONGEST_DELAY);
}

/**
 * The scans in a text: one per line, nothing for empty lines.
 *
 * @param {string} text
 */
export function scansIn(text) {
  return text.split(/[\r\n]+/).map((line) => line.trim()).filter(Boolean);
}

export class ScanQueue {
  /**
   * @param {Store} store where the steps are kept
   * @param {string} name under which name: of one person and one order
   */
  constructor(store, name) {
    this.store = store;
    this.name = name;
    /** @type {Step[]} */
    this.steps = load(store, name, /** @type {Step[]} */ ([]));
    /**
     * What is chosen before the first step, unit and item: a scan goes by what was chosen when it was made.
     *
     * @type {[number | null, number | null]}
     */
    this.before = this.steps.length ? load(store, `${name} chosen`, NOTHING) : NOTHING;
    this.markAsSent();
  }

  get length() {
    return this.steps.length;
  }

  /** @param {...Step} steps */
  add(...steps) {
    this.steps.push(...steps);
    this.keep();
  }

  /** The steps to send now: those before the next undo, which can be settled only when these are answered. */
  batch() {
    const undo = this.steps.findIndex((step) => "undo" in step);
    return this.steps.slice(0, Math.min(undo < 0 ? this.steps.length : undo, MAX_STEPS));
  }

  /**
   * The server has the first steps.
   *
   * @param {number} count
   * @param {{ chosen: number | null, line: number | null }} [now] what is chosen behind them; else by the steps
   */
  remove(count, now) {
    const sent = this.steps.splice(0, count);
    const choice = now ?? sent.reverse().find((step) => "chosen" in step);
    if (choice) this.before = [choice.chosen, choice.line];
    this.keep();
  }

  /** Nobody knows whether what was sent has arrived: each scan is marked. */
  markAsSent() {
    this.steps = this.steps.map((step) => ("scan" in step ? { ...step, again: true } : step));
    this.keep();
  }

  clear() {
    this.steps = [];
    this.before = NOTHING;
    this.keep();
  }

  /** Whether an undo is first in the line; if so, it is taken out. */
  takeUndo() {
    if (!this.steps.length || !("undo" in this.steps[0])) return false;
    this.remove(1);
    return true;
  }

  /**
   * Put a step before all others.
   *
   * @param {Step} step
   */
  putFirst(step) {
    this.steps.unshift(step);
    this.keep();
  }

  /**
   * Whether a text of the unit waits.
   *
   * @param {number} unit
   */
  hasTextOf(unit) {
    return this.steps.some((step) => "text" in step && step.unit === unit);
  }

  /** Whether a choice of unit or item waits. */
  get hasChoice() {
    return this.steps.some((step) => "chosen" in step);
  }

  keep() {
    save(this.store, this.name, this.steps);
    save(this.store, `${this.name} chosen`, this.steps.length ? this.before : []);
  }
}

// @ts-check
/**
 * The sentences of hwadmin/queries/orders/warnings.py, as one types.
 *
 * They are here a second time because they follow each key press, beside the counts and the sum, on a form of up to
 * thousands of units: asked for by requests they would come late and speak of what the form no longer holds. What
 * counts is the server's: it writes them itself on every page it shows and with the order. A test holds the two
 * together (tests/browser/test_account_form.py).
 *
 * @typedef {object} Line
 * @property {string} kind
 * @property {string} title
 * @property {string} make one word for makes that agree
 * @property {number} quantity
 * @property {number | null} most how many handsets a base takes; null where unknown
 * @property {(number | null)[]} [chosen] for each handset the number of its base, from 1
 * @typedef {{ label: string, make: string, most: number | null }} Base
 * @typedef {{ title: string, make: string, base: number | null, count: number }} Handsets
 */

const WORDS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
const MOST_ALIKE = 5;
/** @param {number} number */
const figure = (number) => number.toLocaleString("en-US");
/** @param {number} number */
const word = (number) => WORDS[number] || figure(number);
/** @param {number} count */
const handsetsIn = (count) => `${figure(count)} handset${count === 1 ? "" : "s"}`;
/** @param {string[]} list */
const shortened = (list) => list.length <= MOST_ALIKE ? list
  : [...list.slice(0, MOST_ALIKE), `The same holds for ${word(list.length - MOST_ALIKE)} more.`];

/** @param {Line[]} lines @returns {Base[]} */
function basesOf(lines) {
  const found = lines.filter((line) => line.kind === "dect_base");
  const alone = found.reduce((sum, line) => sum + line.quantity, 0) === 1;
  return found.flatMap((line) => Array.from({ length: line.quantity }, (_, n) => (
    { label: alone ? line.title : `${line.title} #${n + 1}`, make: line.make, most: line.most })));
}

/**
 * Handsets alike: of one model, to be paired to the same base (null: none is chosen).
 *
 * @param {Line[]} lines
 * @param {number} bases how many there are
 * @returns {Handsets[]}
 */
function handsetsOf(lines, bases) {
  /** @type {Map<string, Handsets>} */
  const alike = new Map();
  for (const line of lines.filter((one) => one.kind === "dect_handset")) {
    for (let place = 0; place < line.quantity; place += 1) {
      let base = (line.chosen || [])[place] || null;
      if (base !== null && base > bases) base = null;
      if (bases === 1) base = 1;
      const key = `${line.title}\n${line.make}\n${base}`;
      const some = alike.get(key) || { title: line.title, make: line.make, base, count: 0 };
      some.count += 1;
      alike.set(key, some);
    }
  }
  return [...alike.values()];
}

/** @param {Handsets[]} handsets */
const counted = (handsets) => handsets.reduce((sum, some) => sum + some.count, 0);

/** @param {Base[]} bases @param {Handsets[]} handsets */
function undecided(bases, handsets) {
  const count = counted(handsets.filter((some) => !some.base));
  return count ? [`${handsetsIn(count)} without a chosen base, and ${word(bases.length)} bases: ` +
    `${count === 1 ? "it" : "they"} will be left for on-site registration, or choose a base for each.`] : [];
}

/** @param {Base[]} bases @param {Handsets[]} handsets */
function differentMakes(bases, handsets) {
  const makes = new Set(bases.map((base) => base.make));
  return handsets.flatMap((some) => {
    const what = `${figure(some.count)} × ${some.title}`;
    if (!some.base) return makes.has(some.make) ? [] : [`${what}, but no base of that make: different makes are not paired.`];
    const base = bases[some.base - 1];
    return base.make === some.make ? [] : [`${what} with ${base.label}: different makes are not paired.`];
  });
}

/** @param {Base[]} bases @param {Handsets[]} handsets */
function tooMany(bases, handsets) {
  const warnings = bases.flatMap((base, at) => {
    const count = counted(handsets.filter((some) => some.base === at + 1 && some.make === base.make));
    if (!base.most || count <= base.most) return [];
    const surplus = `${word(count - base.most)} will be left for on-site registration`;
    if (bases.length > 1) return [`${handsetsIn(count)} for ${base.label}, but it takes ${figure(base.most)}: ${surplus}, or choose another base for them.`];
    const missing = Math.ceil((count - base.most) / base.most);
    return [`${handsetsIn(count)}, but ${base.label} takes ${figure(base.most)}: ${surplus}, ` +
      `or add ${missing === 1 ? "a second base" : `${word(missing)} more bases`}.`];
  });
  const count = counted(handsets), room = bases.reduce((sum, base) => sum + (base.most ?? 0), 0);
  if (handsets.some((some) => !some.base) && bases.every((base) => base.most) && count > room) {
    warnings.push(`${handsetsIn(count)}, but the ${word(bases.length)} bases take ${figure(room)} together.`);
  }
  return warnings;
}

/**
 * What to warn of, in sentences.
 *
 * @param {Line[]} lines
 */
export function orderWarnings(lines) {
  const bases = basesOf(lines), handsets = handsetsOf(lines, bases.length), count = counted(handsets);
  if (!count) return [];
  if (!bases.length) {
    return [`${handsetsIn(count)}, but no base: ${count === 1 ? "it" : "they"} will be left for on-site registration, or add a base.`];
  }
  return [...undecided(bases, handsets), ...shortened(differentMakes(bases, handsets)), ...shortened(tooMany(bases, handsets))];
}

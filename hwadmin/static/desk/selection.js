// @ts-check
/* What several chosen orders are together. Nothing here touches the page. */

import { money } from "../money.js";

/**
 * Read "€ 106800 3900|$ 5000 0": by currency what is paid now and each month, in cents.
 *
 * @param {string} text
 */
function readSums(text) {
  return text.split("|").filter(Boolean).map((part) => {
    const [symbol, now, monthly] = part.split(" ");
    return { symbol, now: Number(now), monthly: Number(monthly) };
  });
}

/**
 * All the sums together, in words: "€ 1,068.00 · € 39.00 a month".
 *
 * @param {string[]} texts as `readSums` reads them
 */
export function totalOf(texts) {
  /** @type {Map<string, { now: number, monthly: number }>} */
  const sums = new Map();
  for (const { symbol, now, monthly } of texts.flatMap(readSums)) {
    const sum = sums.get(symbol) || { now: 0, monthly: 0 };
    sums.set(symbol, { now: sum.now + now, monthly: sum.monthly + monthly });
  }
  return [...sums].flatMap(([symbol, sum]) => [
    money(symbol, sum.now),
    ...(sum.monthly ? [`${money(symbol, sum.monthly)} a month`] : []),
  ]).join(" · ");
}

/**
 * To how many of the chosen ones each action can be done.
 *
 * @param {string[]} actionsOfEach the actions of each, separated by spaces
 */
export function possible(actionsOfEach) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const action of actionsOfEach.flatMap((text) => text.split(" ").filter(Boolean))) counts[action] = (counts[action] || 0) + 1;
  return counts;
}

/**
 * The row to go to after the one at `place` has left a list of `count`; -1 where none is left.
 *
 * @param {number} place
 * @param {number} count
 */
export const nextPlace = (place, count) => count ? Math.min(Math.max(place, 0), count - 1) : -1;

// @ts-check
/* What a page that is open says of what others changed meanwhile. Nothing here touches the page. */

/**
 * @typedef {object} Change of an order, as /orders/changes has it
 * @property {number} id
 * @property {string} order its reference
 * @property {string} by who made it
 * @property {string} what the label of its kind
 * @property {boolean} own whether the reader made it
 */

/**
 * The changes of an answer that are not known yet and were made by somebody else, newest first.
 *
 * @param {Set<number>} known
 * @param {Change[]} changes
 * @param {string | null} [order] only those of this order
 */
export function newChanges(known, changes, order = null) {
  return changes.filter((change) => !known.has(change.id) && !change.own && (!order || change.order === order));
}

/** @param {string[]} names */
const several = (names) => names.length > 2 ? `${names[0]} and others` : names.join(" and ");

/**
 * One sentence about them: by whom, and what.
 *
 * @param {Change[]} changes one at least
 * @param {string | null} [order] the order the page shows
 */
export function sentence(changes, order = null) {
  const by = several([...new Set(changes.map((change) => change.by))]);
  if (order) return `Changed by ${by}: ${changes[0].what.toLowerCase()}.`;
  const orders = [...new Set(changes.map((change) => change.order))];
  if (orders.length === 1) return `${orders[0]} was changed by ${by}: ${changes[0].what.toLowerCase()}.`;
  return `${orders.length} orders were changed by ${by}.`;
}

/**
 * How many milliseconds to wait before asking again: longer after failures, a minute at most.
 *
 * @param {number} every
 * @param {number} failures
 */
export function wait(every, failures) {
  return Math.min(every * 2 ** failures, Math.max(every, 60000));
}

// @ts-check
/* What the lines of an order cost while their quantities are edited, in cents. Nothing here touches the page. */

/**
 * A quantity as it is typed; null for what is none.
 *
 * @param {string} text
 */
function quantityOf(text) {
  return /^\d{1,8}$/.test(text.trim()) ? Number(text) : null;
}

/**
 * The lines with their totals, and all of them together; a line without a readable quantity counts as nothing.
 *
 * @param {{ unit: number, monthly: number, text: string }[]} lines prices in cents, and the quantity as it is typed
 */
export function totalsOf(lines) {
  const each = lines.map(({ unit, monthly, text }) => {
    const quantity = quantityOf(text) ?? 0;
    return { now: unit * quantity, monthly: monthly * quantity };
  });
  return {
    each,
    now: each.reduce((sum, line) => sum + line.now, 0),
    monthly: each.reduce((sum, line) => sum + line.monthly, 0),
  };
}

/**
 * Where an order stands in the list one came from, counted from 1: the ones before and behind it.
 *
 * @param {string[]} orders references
 * @param {string} reference
 */
export function neighbours(orders, reference) {
  const place = orders.indexOf(reference);
  if (place < 0) return null;
  return { place: place + 1, count: orders.length, previous: orders[place - 1] || null, next: orders[place + 1] || null };
}

// @ts-check
/* Amounts of money as the server writes them, in cents. */

/**
 * @param {string} symbol
 * @param {number} cents
 */
export function money(symbol, cents) {
  const figures = String(Math.trunc(cents / 100)).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${symbol} ${figures}.${String(cents % 100).padStart(2, "0")}`;
}

/**
 * Now and per month: "€ 99.00 + € 19.00 a month".
 * @param {string} symbol
 * @param {{ now: number, month: number }} amounts
 */
export function price(symbol, { now, month }) {
  return [now || !month ? money(symbol, now) : "", month ? `${money(symbol, month)} a month` : ""].filter(Boolean).join(" + ");
}

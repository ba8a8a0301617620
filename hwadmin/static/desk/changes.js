/* What a page that is open says of what others changed meanwhile. Nothing here touches the page. */

/** The changes of an answer that are not known yet and were made by somebody else, newest first. */
export function newChanges(known, changes, order = null) {
  return changes.filter((change) => !known.has(change.id) && !change.own && (!order || change.order === order));
}

const several = (names) => names.length > 2 ? `${names[0]} and others` : names.join(" and ");

/** One sentence about them: by whom, and what. */
export function sentence(changes, order = null) {
  const by = several([...new Set(changes.map((change) => change.by))]);
  if (order) return `Changed by ${by}: ${changes[0].what.toLowerCase()}.`;
  const orders = [...new Set(changes.map((change) => change.order))];
  if (orders.length === 1) return `${orders[0]} was changed by ${by}: ${changes[0].what.toLowerCase()}.`;
  return `${orders.length} orders were changed by ${by}.`;
}

/** How long to wait before asking again: longer after failures, a minute at most. */
export function wait(every, failures) {
  return Math.min(every * 2 ** failures, Math.max(every, 60000));
}

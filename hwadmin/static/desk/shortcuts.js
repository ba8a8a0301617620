// @ts-check
/* Which key does what, and where. Nothing here touches the page. */

/** @typedef {[key: string, meaning: string]} Shortcut */

/** @type {Shortcut[]} */
export const LIST_KEYS = [
  ["j", "Next order"],
  ["k", "Previous order"],
  ["Enter", "Open the order"],
  ["x", "Choose the order, or let go of it"],
  ["a", "Approve the chosen orders, or this one"],
];
/** @type {Shortcut[]} */
export const ORDER_KEYS = [
  ["a", "Approve"],
  ["r", "Reject"],
  ["p", "Mark as ordered"],
  ["f", "Fulfill"],
  ["j", "Next order of the list"],
  ["k", "Previous order of the list"],
];
/** @type {Shortcut[]} */
export const EVERYWHERE = [
  ["/", "Commands and search"],
  ["Ctrl K", "Commands and search, while one types too"],
  ["t", "Exact times instead of “3 hours ago”, and back"],
  ["?", "Show these keys"],
];

const TYPING = new Set(["INPUT", "TEXTAREA", "SELECT"]);
const NOT_TYPED_INTO = new Set(["checkbox", "radio", "button", "submit"]);

/**
 * Whether a key press is meant for the page, and not for a field, a dialog or the browser.
 *
 * @param {Pick<KeyboardEvent, "ctrlKey" | "altKey" | "metaKey" | "isComposing" | "target">} event
 */
export function isShortcut({ ctrlKey, altKey, metaKey, isComposing, target }) {
  if (ctrlKey || altKey || metaKey || isComposing) return false;
  const element = /** @type {HTMLInputElement} */ (target);
  if (element.isContentEditable) return false;
  return !TYPING.has(element.tagName) || NOT_TYPED_INTO.has(element.type);
}

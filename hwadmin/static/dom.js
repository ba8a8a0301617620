// @ts-check
/** Finding elements of a page that must be there, with their types. */

/**
 * The first element that matches.
 *
 * @template {typeof Element} [T=typeof HTMLElement]
 * @param {string} selector
 * @param {ParentNode} [root]
 * @param {T} [type] what it must be; HTMLElement where absent
 * @returns {InstanceType<T>}
 * @throws {Error} where there is none, or it is something else
 */
export function one(selector, root = document, type = /** @type {any} */ (HTMLElement)) {
  const element = root.querySelector(selector);
  if (!(element instanceof type)) throw new Error(`The page has no ${selector}.`);
  return /** @type {InstanceType<T>} */ (element);
}

/**
 * All elements that match and are of the type.
 *
 * @template {typeof Element} [T=typeof HTMLElement]
 * @param {string} selector
 * @param {ParentNode} [root]
 * @param {T} [type]
 * @returns {InstanceType<T>[]}
 */
export function all(selector, root = document, type = /** @type {any} */ (HTMLElement)) {
  return /** @type {InstanceType<T>[]} */ ([...root.querySelectorAll(selector)].filter((element) => element instanceof type));
}

// @ts-check
/* What a model can be had in, and what is left of it as one chooses. Only drawChoices touches the page.

   The facts of a model: {symbol, items: [{colors, carriers, options: [{size, term, now, month}]}]}, amounts in cents. */

/** @typedef {"size" | "color" | "carrier" | "term"} Name */
/** @typedef {{ size: string, term: string, now: number, month: number }} Option */
/** @typedef {Option & { color: string, carrier: string }} Variant */
/** @typedef {{ symbol: string, items: { colors: string[], carriers: string[], options: Option[] }[] }} Facts */

/** What is chosen first narrows what is left of the others. @type {Name[]} */
export const ORDER = ["size", "color", "carrier", "term"];

/**
 * Everything a model can be had in.
 * @param {Facts} facts
 * @returns {Variant[]}
 */
export function variantsOf(facts) {
  return facts.items.flatMap((item) => item.options.flatMap((option) => item.colors.flatMap((color) => item.carriers.map((carrier) => ({ ...option, color, carrier })))));
}

/**
 * The variant that is chosen, and what there is to choose from: what is not offered beside what was chosen before
 * cannot be chosen, and what was gives way.
 * @param {Variant[]} variants
 * @param {Partial<Record<Name, string>>} chosen
 */
export function narrow(variants, chosen) {
  let left = variants;
  /** @type {Record<Name, Set<string>>} */
  const offered = { size: new Set(), color: new Set(), carrier: new Set(), term: new Set() };
  for (const name of ORDER) {
    offered[name] = new Set(left.map((variant) => variant[name]));
    const wanted = chosen[name], value = wanted !== undefined && offered[name].has(wanted) ? wanted : left[0][name];
    left = left.filter((variant) => variant[name] === value);
  }
  return { variant: left[0], offered };
}

/** @type {Record<Name, (value: string) => string>} */
const WORDS = {
  size: (size) => size || "Standard",
  color: (color) => color || "Standard",
  carrier: (carrier) => carrier || "Unlocked, any carrier",
  term: (term) => (term === "0" ? "No term" : `${term} months`),
};

/**
 * What is chosen in words, as the server says it.
 * @param {Variant} variant
 */
export function wordsOf(variant) {
  const term = variant.term === "0" ? "" : WORDS.term(variant.term);
  return [variant.size, variant.color, term, variant.carrier].filter(Boolean).join(" · ");
}

/**
 * Draw the choices of a model into the fields of templates/admin/hw/ordering/_variant.html.
 * @param {HTMLElement} box
 * @param {Variant[]} variants what the model can be had in; nothing where no model is chosen
 * @returns {Variant | undefined} the variant that is chosen
 */
export function drawChoices(box, variants) {
  const prefix = box.dataset.variant ?? "";
  /** @param {Name} name */
  const select = (name) => /** @type {HTMLSelectElement} */ (box.querySelector(`select[name="${prefix}${name}"]`));
  /** @type {Partial<Record<Name, string>>} */
  const chosen = {};
  for (const name of ORDER) if (select(name).options.length) chosen[name] = select(name).value;
  const found = variants.length ? narrow(variants, chosen) : undefined;
  for (const name of ORDER) {
    const field = select(name), values = [...new Set(variants.map((variant) => variant[name]))];
    field.replaceChildren(...values.map((value) => Object.assign(new Option(WORDS[name](value), value), { disabled: !found?.offered[name].has(value) })));
    if (found) field.value = found.variant[name];
    field.disabled = !values.length;
    /** @type {HTMLElement} */ (field.closest("label")).hidden = values.length < 2;
  }
  return found?.variant;
}

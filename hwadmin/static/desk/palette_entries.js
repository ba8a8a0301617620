// @ts-check
/* What the command palette offers, and in which order. Nothing here touches the page. */

/**
 * @typedef {object} Entry
 * @property {string} group under which heading it is listed
 * @property {string} label
 * @property {string} [key] the key that does the same
 * @property {string} [href] where it leads, if it is a link
 * @property {HTMLElement} [control] what it presses, if it is a control of the page
 * @property {() => void} [run] what it does otherwise
 */

/** Of what was typed before the server is asked. */
export const LEAST_SEARCHED = 2;

/** @param {string} text */
const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** How well a label fits the words; null where one of them is not in it.
 * @param {string} label
 * @param {string[]} words
 */
function rank(label, words) {
  const folded = fold(label), parts = folded.split(/[^\p{L}\p{N}]+/u);
  if (!words.every((word) => folded.includes(word))) return null;
  if (folded.startsWith(words.join(" "))) return 0;
  return words.every((word) => parts.some((part) => part.startsWith(word))) ? 1 : 2;
}

/**
 * The entries that hold every word of the text, the best first within their group. Groups keep their order.
 *
 * @param {Entry[]} entries
 * @param {string} text
 * @returns {Entry[]} all of them where nothing was typed
 */
export function matching(entries, text) {
  const words = fold(text).split(/\s+/).filter(Boolean);
  const groups = [...new Set(entries.map((entry) => entry.group))];
  return entries
    .map((entry, place) => ({ entry, place, rank: rank(entry.label, words) }))
    .filter((match) => match.rank !== null)
    .sort((one, two) => groups.indexOf(one.entry.group) - groups.indexOf(two.entry.group)
      || (one.rank ?? 0) - (two.rank ?? 0) || one.place - two.place)
    .map((match) => match.entry);
}

/**
 * Everything that is listed: what the page offers, what the search found, and the search itself.
 *
 * @param {Entry[]} offered
 * @param {[string, string][]} hits address and words of each
 * @param {string} text as typed
 * @param {string} search address of the page that searches everything
 * @returns {Entry[]}
 */
export function listed(offered, hits, text, search) {
  const typed = text.trim();
  if (!typed) return offered;
  return [
    ...matching(offered, typed),
    ...hits.map(([href, label]) => ({ group: "Found", label, href })),
    { group: "Search", label: `Search everything for “${typed}”`, href: `${search}?${new URLSearchParams({ q: typed })}` },
  ];
}

/**
 * The place of the chosen entry in a new list: the same entry if a key led to it, or else the first.
 *
 * @param {Entry[]} entries
 * @param {Entry | null} chosen
 */
export function placeOf(entries, chosen) {
  const place = entries.findIndex((entry) => chosen && entry.label === chosen.label && entry.href === chosen.href);
  return Math.max(place, 0);
}

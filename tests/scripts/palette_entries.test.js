import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { listed, matching, placeOf } from "../../hwadmin/static/desk/palette_entries.js";

const entry = (group, label, href) => ({ group, label, href });
const PAGE = [
  entry("This page", "Reject…"),
  entry("This page", "Approve"),
  entry("Go to", "Hardware Orders", "/orders/"),
  entry("Go to", "Order hardware", "/ordering/"),
  entry("Go to", "Müller", "/m/"),
];
const labels = (entries) => entries.map((one) => one.label);

describe("what the palette lists", () => {
  test("is everything the page offers while nothing is typed", () => {
    assert.deepEqual(listed(PAGE, [], "  ", "/search/"), PAGE);
  });

  test("holds every word, in any order, case and accent; the best first in its group", () => {
    assert.deepEqual(labels(matching(PAGE, "order")), ["Order hardware", "Hardware Orders"]);
    assert.deepEqual(labels(matching(PAGE, "ORDERS hard")), ["Hardware Orders"]);
    assert.deepEqual(labels(matching(PAGE, "muller")), ["Müller"]);
    assert.deepEqual(labels(matching(PAGE, "e")), ["Reject…", "Approve", "Hardware Orders", "Order hardware", "Müller"]);
    assert.deepEqual(matching(PAGE, "order zebra"), []);
  });

  test("is then what was found, and at last the search itself", () => {
    const all = listed(PAGE, [["/orders/HW-000001", "HW-000001 · Riverside"]], " appr & ", "/search/");
    assert.deepEqual(all.map((one) => [one.group, one.href]), [["Found", "/orders/HW-000001"], ["Search", "/search/?q=appr+%26"]]);
    assert.equal(all[1].label, "Search everything for “appr &”");
    assert.deepEqual(labels(listed(PAGE, [], "appr", "/search/")), ["Approve", "Search everything for “appr”"]);
  });

  test("keeps what a key led to when more is found, and begins at the first otherwise", () => {
    const before = listed(PAGE, [], "hard", "/search/"), after = listed(PAGE, [["/devices/1/", "Hard hat"]], "hard", "/search/");
    assert.equal(placeOf(after, before.at(-1)), after.length - 1);
    assert.equal(placeOf(after, null), 0);
    assert.equal(placeOf(after, entry("Go to", "gone", "/gone/")), 0);
  });
});

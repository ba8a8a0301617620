import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MAX_STEPS, ScanQueue, load, nextDelay, save, scansIn } from "../../hwadmin/static/scan_queue.js";

/** Storage as a browser has it, in memory. */
class MemoryStore extends Map {
  getItem(name) { return this.get(name) ?? null; }
  setItem(name, value) { this.set(name, String(value)); }
  removeItem(name) { this.delete(name); }
}

const FORBIDDEN = {
  getItem() { throw new Error("forbidden"); },
  setItem() { throw new Error("full"); },
  removeItem() { throw new Error("forbidden"); },
};

describe("the queue", () => {
  test("is there again after a reload, and its scans may have been sent", () => {
    const store = new MemoryStore();
    const queue = new ScanQueue(store, "order 1");
    queue.add({ scan: "A" }, { unit: 3, text: "B" });
    assert.deepEqual(new ScanQueue(store, "order 1").steps, [{ scan: "A", again: true }, { unit: 3, text: "B" }]);
    assert.equal(new ScanQueue(store, "order 2").length, 0);
  });

  test("leaves nothing in the storage when everything is sent", () => {
    const store = new MemoryStore();
    const queue = new ScanQueue(store, "order 1");
    queue.add({ scan: "A" }, { scan: "B" });
    queue.remove(1);
    assert.deepEqual(queue.steps, [{ scan: "B" }]);
    queue.remove(1);
    assert.equal(store.size, 0);
  });

  test("knows what was chosen before its first step, after a reload, too", () => {
    const store = new MemoryStore();
    const queue = new ScanQueue(store, "q");
    queue.add({ scan: "A" }, { chosen: null, line: 2 }, { scan: "B" }, { chosen: 7, line: 2 }, { scan: "C" });
    assert.deepEqual(queue.before, [null, null]);
    queue.remove(3);
    assert.deepEqual(queue.before, [null, 2]);
    assert.deepEqual(new ScanQueue(store, "q").before, [null, 2]);
    queue.remove(1, { chosen: 7, line: null });
    assert.deepEqual(queue.before, [7, null]);
    queue.remove(1, { chosen: null, line: null });
    assert.deepEqual(new ScanQueue(store, "q").before, [null, null]);
    assert.equal(store.size, 0);
  });

  test("sends what is before an undo, and not more than one request carries", () => {
    const queue = new ScanQueue(new MemoryStore(), "q");
    queue.add({ scan: "A" }, { undo: true }, { scan: "B" });
    assert.deepEqual(queue.batch(), [{ scan: "A" }]);
    assert.equal(queue.takeUndo(), false);
    queue.remove(1);
    assert.deepEqual(queue.batch(), []);
    assert.equal(queue.takeUndo(), true);
    queue.putFirst({ unit: 1, text: "" });
    assert.deepEqual(queue.batch(), [{ unit: 1, text: "" }, { scan: "B" }]);
    queue.add(...Array.from({ length: MAX_STEPS }, (_, number) => ({ scan: String(number) })));
    assert.equal(queue.batch().length, MAX_STEPS);
  });

  test("knows which texts and choices wait", () => {
    const queue = new ScanQueue(new MemoryStore(), "q");
    assert.equal(queue.hasChoice, false);
    queue.add({ unit: 4, text: "x" }, { chosen: null, line: 7 });
    assert.deepEqual([queue.hasTextOf(4), queue.hasTextOf(5), queue.hasChoice], [true, false, true]);
    queue.clear();
    assert.deepEqual([queue.hasTextOf(4), queue.hasChoice, queue.length], [false, false, 0]);
  });

  test("marks scans nobody knows about, and only scans", () => {
    const queue = new ScanQueue(new MemoryStore(), "q");
    queue.add({ scan: "A" }, { unit: 1, text: "B" });
    queue.markAsSent();
    assert.deepEqual(queue.steps, [{ scan: "A", again: true }, { unit: 1, text: "B" }]);
  });

  test("works where storage is forbidden, full or spoiled", () => {
    const queue = new ScanQueue(FORBIDDEN, "q");
    queue.add({ scan: "A" });
    assert.equal(queue.length, 1);
    assert.equal(load(FORBIDDEN, "x", "fallback"), "fallback");
    assert.deepEqual(load(new MemoryStore([["x", "{broken"]]), "x", []), []);
    assert.doesNotThrow(() => save(FORBIDDEN, "x", "y"));
  });
});

test("it waits twice as long each time, up to a quarter of a minute", () => {
  const delays = [0];
  for (let number = 0; number < 7; number += 1) delays.push(nextDelay(delays.at(-1)));
  assert.deepEqual(delays, [0, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
});

test("pasted lines are scans of their own; empty ones are none", () => {
  assert.deepEqual(scansIn(" A \r\n\r\nB\n"), ["A", "B"]);
  assert.deepEqual(scansIn("  "), []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { sendSteps } from "../../hwadmin/static/scan_client.js";

const BODY = { steps: [{ scan: "A" }], chosen: null, line: null, open: 1 };

/** A server with one answer, which remembers what it was asked. */
function server(status, content, type = "application/json") {
  const requests = [];
  const send = async (address, request) => {
    requests.push({ address, ...request });
    return new Response(typeof content === "string" ? content : JSON.stringify(content), { status, headers: { "Content-Type": type } });
  };
  return { send, requests };
}

test("what is sent carries the steps and the token", async () => {
  const { send, requests } = server(200, { entered: 1 });
  const answer = await sendSteps("/draft", "token", BODY, send);
  assert.deepEqual(answer, { kind: "done", state: { entered: 1 } });
  assert.equal(requests[0].address, "/draft");
  assert.equal(requests[0].headers["X-CSRFToken"], "token");
  assert.deepEqual(JSON.parse(requests[0].body), BODY);
});

for (const status of [429, 500, 502, 503]) {
  test(`${status} is sent again later`, async () => {
    const { send } = server(status, "busy", "text/html");
    assert.deepEqual(await sendSteps("/", "", BODY, send), { kind: "unreachable" });
  });
}

test("no connection, and an answer that breaks off, are sent again later", async () => {
  const away = async () => { throw new TypeError("Failed to fetch"); };
  assert.deepEqual(await sendSteps("/", "", BODY, away), { kind: "unreachable" });
  assert.deepEqual(await sendSteps("/", "", BODY, server(200, "{").send), { kind: "unreachable" });
});

for (const status of [400, 401]) {
  test(`${status} asks to sign in`, async () => {
    assert.deepEqual(await sendSteps("/", "", BODY, server(status, {}).send), { kind: "signed-out" });
  });
}

test("an order that is decided otherwise by now says so", async () => {
  const closed = await sendSteps("/", "", BODY, server(409, { message: "It was rejected." }).send);
  assert.deepEqual(closed, { kind: "closed", message: "It was rejected." });
  const absent = await sendSteps("/", "", BODY, server(404, "gone", "text/html").send);
  assert.deepEqual(absent, { kind: "closed", message: "This order cannot be fulfilled any more." });
});

test("steps the server refuses for good are not sent again", async () => {
  assert.deepEqual(await sendSteps("/", "", BODY, server(422, {}).send), { kind: "done", state: null });
});

// @ts-check
/**
 * Sends the steps of the fulfill page to the server and says what its answer means.
 *
 * @typedef {import("./scan_queue.js").Step} Step
 * @typedef {{ unit: number, label: string, whose?: string, message?: string, tone: number, value: string, former: string,
 *   taken: "chosen" | "refused" | "entered" }} ScanResult
 * @typedef {{ done: number[], rows: Record<string, [string, number, string?]>, checks: Record<string, [string, number]>,
 *   entered: number, lines: [number, number][], others: string, wrong: number, right: number, chosen: number | null,
 *   line: number | null, results: (ScanResult | null)[] }} DraftState
 * @typedef {{ kind: "done", state: DraftState | null } | { kind: "unreachable" } | { kind: "signed-out" }
 *   | { kind: "closed", message: string }} Answer
 */

const UNREACHABLE = (/** @type {number} */ status) => status >= 500 || status === 429;
const SIGNED_OUT = [400, 401];
const CLOSED = [403, 404, 409];

/**
 * Send steps.
 *
 * @param {string} address
 * @param {string} token the form's token against forged requests
 * @param {{ steps: Step[], chosen: number | null, line: number | null, open: number }} body
 * @param {typeof fetch} send
 * @returns {Promise<Answer>} `done` with a state, or with null where the server refused these very steps for good
 */
export async function sendSteps(address, token, body, send = (...request) => fetch(...request)) {
  let answer, content;
  try {
    answer = await send(address, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: JSON.stringify(body),
    });
    content = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  } catch {
    return { kind: "unreachable" };
  }
  if (UNREACHABLE(answer.status)) return { kind: "unreachable" };
  if (SIGNED_OUT.includes(answer.status)) return { kind: "signed-out" };
  if (CLOSED.includes(answer.status)) {
    return { kind: "closed", message: content.message || "This order cannot be fulfilled any more." };
  }
  return { kind: "done", state: answer.ok ? content : null };
}

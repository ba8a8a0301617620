// @ts-check
/* Times. Pages are written in the browser's own time zone, which the server reads from a cookie. The exact time
   behind "3 hours ago" is shown by a tap on it, by the key t for the whole page, and by hovering. */
import { onKey } from "./desk/keys.js";

const COOKIE = "hwadmin_time_zone";

function keepZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone || document.cookie.split("; ").includes(`${COOKIE}=${zone}`)) return;
  const secure = location.protocol === "https:" ? "; secure" : "";
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox until lately, and without TLS.
  document.cookie = `${COOKIE}=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
}

/** Shows the other way of writing a time, and keeps the one that was shown.
 * @param {HTMLTimeElement} time */
function turn(time) {
  [time.title, time.textContent] = [time.textContent ?? "", time.title];
}

/** @param {Event} event */
function timeAt(event) {
  const target = event.target instanceof Element ? event.target : null;
  return /** @type {HTMLTimeElement | null} */ (target?.closest("time[title]") ?? null);
}

keepZone();
onKey("t", () => {
  /** @type {NodeListOf<HTMLTimeElement>} */
  (document.querySelectorAll("time[title]")).forEach(turn);
});
document.addEventListener("click", (event) => {
  const time = timeAt(event);
  if (!time || time.closest("a, button, summary") || !(event instanceof PointerEvent) || event.pointerType !== "touch") return;
  // A row that opens by a tap does not by this one.
  event.stopPropagation();
  turn(time);
}, true);

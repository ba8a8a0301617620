// @ts-check
/* Sends a form and shows the page it leads to without leaving this one: scroll position, focus and what was chosen
   stay. Without scripts, and for whatever is no ordinary answer, the form is sent as usual.

   form[data-in-place], or a button of such a form by form="…" */
import { all, one } from "../dom.js";
import { changesShown } from "./live.js";

let sending = false;

function region() {
  let place = document.querySelector(".desk-messages");
  if (!place) {
    place = document.createElement("div");
    place.className = "desk-messages";
    place.setAttribute("role", "status");
    document.body.append(place);
  }
  return place;
}
region();

/**
 * The messages of the new page, where they are seen however far one has scrolled.
 *
 * @param {HTMLElement} main
 */
function tell(main) {
  const messages = all(":scope > .notice", main);
  for (const message of messages) {
    message.removeAttribute("role");
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn btn-quiet btn-small";
    close.textContent = "Dismiss";
    close.addEventListener("click", () => message.remove());
    const text = document.createElement("div");
    text.append(...message.childNodes);
    message.append(text, close);
  }
  region().replaceChildren(...messages);
}

/**
 * Show another page in the place of this one.
 *
 * @param {string} html
 * @param {string} address
 * @returns {boolean} whether it is a page that can be shown
 */
export function show(html, address) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const main = page.querySelector("main");
  if (!main) return false;
  document.dispatchEvent(new CustomEvent("hw:leaving"));
  const top = scrollY;
  tell(main);
  one("main").replaceWith(document.adoptNode(main));
  const menu = page.querySelector(".side-body");
  if (menu) document.querySelector(".side-body")?.replaceWith(document.adoptNode(menu));
  document.title = page.title;
  if (address !== location.href) history.replaceState(null, "", address);
  scrollTo(0, top);
  changesShown();
  document.dispatchEvent(new CustomEvent("hw:shown"));
  return true;
}

/** Get the page anew and show it in its own place. */
async function refresh() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!response?.ok || new URL(response.url).pathname !== location.pathname) location.reload();
  else show(await response.text(), response.url);
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button that was pressed
 */
async function send(form, button) {
  const address = button?.hasAttribute("formaction") ? button.formAction : form.action;
  const body = new URLSearchParams(/** @type {any} */ (new FormData(form, button)));
  const response = await fetch(address, { method: "POST", body }).catch(() => null);
  // Nothing came back, or who sent it is not signed in any more: the browser does it in its own way.
  const plain = !response || [400, 401].includes(response.status) || new URL(response.url).pathname.startsWith("/sign-in");
  if (plain || !show(await response.text(), response.redirected ? response.url : location.href)) location.reload();
}

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const button = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (!("inPlace" in form.dataset) || (button && "leave" in button.dataset) || form.method !== "post") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (sending) return;
  sending = true;
  document.body.setAttribute("aria-busy", "true");
  send(form, button).finally(() => {
    sending = false;
    document.body.removeAttribute("aria-busy");
  });
}, true);

document.addEventListener("hw:show-changes", (event) => {
  event.preventDefault();
  refresh();
});

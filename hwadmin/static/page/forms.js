// @ts-check
/**
 * Sending forms: ask first, send once, warn of unsaved changes, and keep what was typed.
 *
 *   data-confirm="sentence"   form or submit button: asks first (data-confirm-label: the word on the button);
 *                             a field "sure" becomes "yes"
 *   data-skip-empty           GET form: leaves empty fields out of the address
 *   data-again                POST form: may be sent twice (an export)
 *   data-guard                form: asks before leaving with unsaved changes, unless "hw:saved" came since
 *   data-keep                 form: what is typed into it is there again after Back, a reload, or signing in anew
 *   data-enter="next"         form: Enter goes to the next field instead of sending (scanners end with Enter)
 *   data-autosubmit           select or date: sends its form when changed
 *   data-filter-op            select: its value becomes the name of the next control in the same line
 *   autofocus                 field: what stands in it is selected, so that one types over it, as behind Tab
 */
import { all } from "../dom.js";
import { ask } from "./dialogs.js";

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | HTMLButtonElement} Control */

/** @param {HTMLFormElement} form */
const controls = (form) => /** @type {Control[]} */ ([...form.elements]);

// ---- Asking first, and sending once

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  const button = event.submitter;
  if (event.defaultPrevented) return;
  const asking = button?.dataset.confirm ? button : form;
  if (asking.dataset.confirm && form.dataset.confirmed !== "yes") {
    event.preventDefault();
    confirmAndSend(form, button, asking);
    return;
  }
  delete form.dataset.confirmed;
  if ("skipEmpty" in form.dataset) skipEmpty(form);
  if (form.method !== "post" || "again" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  // After this event, or the pressed button's own name and value would not be sent.
  setTimeout(() => hold(form, button));
});

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} button that was pressed
 * @param {HTMLElement} asking the button or the form, whichever has the sentence
 */
async function confirmAndSend(form, button, asking) {
  const label = asking.dataset.confirmLabel || button?.textContent?.trim() || "Continue";
  if (!(await ask(asking.dataset.confirm ?? "", label, Boolean(button?.matches(".btn-danger"))))) return;
  form.dataset.confirmed = "yes";
  // A form that asks by a page of its own where there are no scripts.
  const sure = form.elements.namedItem("sure");
  if (sure instanceof HTMLInputElement) sure.value = "yes";
  form.requestSubmit(button);
}

/** @param {HTMLFormElement} form */
function skipEmpty(form) {
  const empty = controls(form).filter((control) => control.name && !control.value && !control.disabled);
  /** @param {boolean} disabled */
  const disable = (disabled) => {
    for (const control of empty) control.disabled = disabled;
  };
  disable(true);
  setTimeout(() => disable(false));
}

/**
 * Disable the buttons of a form that is being sent.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} pressed may stand outside of the form
 */
function hold(form, pressed) {
  const buttons = /** @type {Control[]} */ (all("button:not([type=button]), [type=submit]", form));
  if (pressed) buttons.push(/** @type {Control} */ (pressed));
  for (const button of buttons) {
    if (button.disabled) continue;
    button.disabled = true;
    button.dataset.held = "yes";
  }
}

// Coming back with the browser's Back shows the page as it was left: let go of what was held.
document.addEventListener("DOMContentLoaded", release);
addEventListener("pageshow", release);
function release() {
  for (const form of all("form[data-sent]")) delete form.dataset.sent;
  for (const button of /** @type {Control[]} */ (all("[data-held]"))) {
    button.disabled = false;
    delete button.dataset.held;
  }
}

// ---- Unsaved changes

let unsaved = false;
document.addEventListener("input", (event) => {
  if (event.target instanceof Element && event.target.closest("form[data-guard]")) unsaved = true;
});
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) unsaved = false;
});
// A page that takes its changes back says so.
document.addEventListener("hw:saved", () => {
  unsaved = false;
});
addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});

// ---- What was typed, for as long as the tab is open

// Browsers do not restore fields that are not to be completed, and nothing at all after signing in anew.
const arrival = /** @type {PerformanceNavigationTiming | undefined} */ (performance.getEntriesByType("navigation")[0])?.type;

/** Whether the page is shown again: by Back, by a reload, or after signing in anew. */
export const again =
  arrival === "back_forward" || arrival === "reload" || document.referrer.startsWith(`${location.origin}/sign-in`);

// A form that was sent for good led elsewhere: what was typed into it is done with.
const sent = sessionStorage.getItem("sent");
if (sent && location.pathname !== sent && !location.pathname.startsWith("/sign-in")) {
  sessionStorage.removeItem("sent");
  sessionStorage.removeItem(`typed ${sent}`);
}

for (const form of all("form[data-keep]", document, HTMLFormElement)) {
  const key = `typed ${location.pathname}`;
  const fields = () => controls(form).filter((control) => control.matches("input:not([type=hidden]), textarea"));
  const kept = again ? JSON.parse(sessionStorage.getItem(key) || "{}") : {};
  for (const field of fields()) {
    if (field.value || !kept[field.name]) continue;
    field.value = kept[field.name];
    unsaved = true;
  }
  addEventListener("pagehide", () => {
    const typed = fields().filter((field) => field.value);
    sessionStorage.setItem(key, JSON.stringify(Object.fromEntries(typed.map((field) => [field.name, field.value]))));
  });
}

// ---- Controls that act by themselves

document.addEventListener("change", (event) => {
  const control = /** @type {Control} */ (event.target);
  if ("filterOp" in control.dataset) {
    const value = /** @type {Control} */ (control.nextElementSibling);
    value.name = control.value;
    value.focus();
  }
  if ("autosubmit" in control.dataset) control.form?.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (event.key !== "Enter" || !(field instanceof HTMLInputElement) || field.form?.dataset.enter !== "next") return;
  event.preventDefault();
  const fields = controls(field.form).filter(
    (control) => control.matches("input:not([type=hidden]), select, textarea") && !control.disabled,
  );
  fields[fields.indexOf(field) + 1]?.focus();
});

// ---- The field that has the focus from the start

function selectFirst() {
  const field = document.activeElement;
  if (field instanceof HTMLInputElement && field.autofocus && field.value && field.value === field.defaultValue) field.select();
}
// A browser gives the focus before the scripts run or after, some as late as after the page is loaded.
selectFirst();
addEventListener("load", selectFirst);
addEventListener("focusin", selectFirst, { once: true });

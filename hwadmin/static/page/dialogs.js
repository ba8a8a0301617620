// @ts-check
/** Short messages at the edge of the page, and a question before something is done. */

/** @type {HTMLElement | undefined} one live region, made when it is first needed */
let toasts;

/**
 * Show a message for four seconds; screen readers read it out.
 *
 * @param {string} text
 */
export function toast(text) {
  if (!toasts) {
    toasts = document.createElement("div");
    toasts.className = "toasts";
    toasts.setAttribute("role", "status");
    document.body.append(toasts);
  }
  const line = document.createElement("div");
  line.textContent = text;
  toasts.append(line);
  setTimeout(() => line.remove(), 4000);
}

/**
 * Ask a question in a dialog.
 *
 * @param {string} text
 * @param {string} label the word on the button that agrees
 * @param {boolean} [danger] whether that button is red
 * @returns {Promise<boolean>} whether the person agreed
 */
export function ask(text, label, danger = false) {
  return new Promise((resolve) => {
    const dialog = document.createElement("dialog");
    dialog.className = "dialog";
    dialog.setAttribute("aria-labelledby", "confirm-text");
    const form = document.createElement("form");
    form.method = "dialog";
    const question = document.createElement("p");
    question.id = "confirm-text";
    question.textContent = text;
    const back = button("Go back", "", "btn");
    back.autofocus = true;
    const yes = button(label, "yes", "btn btn-primary");
    yes.classList.toggle("btn-danger", danger);
    const actions = document.createElement("div");
    actions.className = "form-actions";
    actions.append(back, yes);
    form.append(question, actions);
    dialog.append(form);
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** @param {string} label @param {string} value @param {string} className */
function button(label, value, className) {
  return Object.assign(document.createElement("button"), { textContent: label, value, className });
}

// @ts-check
/** Passkeys: asks the browser for one, and sends what it answers with the form of the button. */
import { all, one } from "./dom.js";

/**
 * What the browser answers to what the server asks, as text.
 *
 * @param {HTMLFormElement} form
 * @returns {Promise<string>}
 */
async function answer(form) {
  const response = await fetch(form.dataset.options ?? "", { method: "POST", body: new FormData(form) });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const asked = await response.json();
  const credential =
    form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
      : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
  if (!(credential instanceof PublicKeyCredential)) throw new Error("There is no passkey.");
  return JSON.stringify(credential.toJSON());
}

const knows = typeof PublicKeyCredential === "function" && "parseRequestOptionsFromJSON" in PublicKeyCredential;
for (const form of knows ? all("form[data-passkey]", document, HTMLFormElement) : []) {
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const problem = one("[role=alert]", form);
    problem.textContent = "";
    try {
      one("[name=credential]", form, HTMLInputElement).value = await answer(form);
      form.submit();
    } catch {
      // Cancelled, mostly; which of the reasons it was, browsers do not tell.
      problem.textContent = "No passkey was used. Try again, or choose another way.";
    }
  });
}

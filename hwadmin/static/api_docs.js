// @ts-check
/** The API's docs: finding calls while typing, and commands to copy with the reader's own token. */
import { all } from "./dom.js";

// ---- Finding calls

/** Show the calls that have all the words, and the chapters that have such calls. */
function search(/** @type {string} */ typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const chapter of all("[data-chapter]")) {
    let here = 0;
    for (const call of all("li", chapter)) {
      const text = (call.textContent ?? "").toLowerCase();
      call.hidden = !words.every((word) => text.includes(word));
      if (!call.hidden) here += 1;
    }
    chapter.hidden = here === 0;
    found += here;
  }
  for (const none of all("[data-found]")) none.hidden = found > 0;
}

for (const field of all("[data-search-calls]", document, HTMLInputElement)) {
  field.addEventListener("input", () => search(field.value));
}

// ---- Commands with the reader's token, which is kept in this page's field and nowhere else

const commands = all("button[data-curl]", document, HTMLButtonElement);
for (const button of commands) {
  const command = button.dataset.copy ?? "";
  button.hidden = false;
  for (const field of all("[data-token]", document, HTMLInputElement)) {
    field.addEventListener("input", () => {
      button.dataset.copy = command.replace("$TOKEN", () => field.value.trim() || "$TOKEN");
    });
  }
}
for (const field of all("[data-token-field]")) field.hidden = commands.length === 0;

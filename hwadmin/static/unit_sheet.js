// @ts-check
/** The button that prints the page; without scripts the browser's own menu does. */
import { all } from "./dom.js";

for (const button of all("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

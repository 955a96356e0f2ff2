// What the pages do quicker with a script. Without it every form posts and the server answers with the whole page.
import { asTyped, inPlace } from "./live.js";
import { drops } from "./drop.js";

document.documentElement.classList.add("scripted");
document.querySelectorAll("form[data-live]").forEach((form) => {
  inPlace(form);
  if ("asTyped" in form.dataset) asTyped(form);
});
document.querySelectorAll("form[data-drop]").forEach(drops);

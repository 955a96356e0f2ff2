// Parts of a page renewed in place: the form is posted, and the HTML that comes back is the same the whole page has.

const PAUSE = 120; // milliseconds of no typing before a form is sent

/** Answer a form's buttons in place, unless they lead to another page (formaction) or change the whole (data-whole). */
export function inPlace(form) {
  if ("asTyped" in form.dataset) return;
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (button && (button.hasAttribute("formaction") || "whole" in button.dataset || button.name === "to_lang")) return;
    event.preventDefault();
    renew(form, button);
  });
}

/** Send the form as somebody types in it. */
export function asTyped(form) {
  let timer;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => renew(form, null), PAUSE);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
}

const SUPPOSING = ["suppose", "add_supposition"]; // whoever supposes something asks what it changes

let newest = 0; // an answer that is overtaken by a later question is dropped

async function renew(form, button) {
  const part = document.getElementById(form.dataset.into ?? "board");
  const status = document.querySelector("[role=status][data-updated]");
  const mine = ++newest;
  part.setAttribute("aria-busy", "true");
  try {
    const body = new URLSearchParams([...new FormData(form, button)].filter(([, value]) => typeof value === "string"));
    const answer = await fetch(form.dataset.live, { method: "POST", body, headers: { "X-Fragment": "1" } });
    const html = await answer.text();
    if (mine !== newest) return;
    const page = new DOMParser().parseFromString(html, "text/html");
    if (page.querySelector("header.site")) return whole(page);
    const place = window.scrollY;
    part.replaceChildren(...page.body.childNodes);
    window.scrollTo({ top: place });
    focusAgain(part, button);
    if (SUPPOSING.includes(button?.name)) part.querySelector(".supposed")?.scrollIntoView({ block: "center" });
    if (status) status.textContent = status.dataset.updated;
  } catch {
    HTMLFormElement.prototype.submit.call(form); // no answer in place: the whole page will say what is wrong
  } finally {
    part.setAttribute("aria-busy", "false");
  }
}

/** The server answered with another page (a slip in the case): show that. */
function whole(page) {
  document.title = page.title;
  document.body.replaceChildren(...page.body.childNodes);
  document.querySelectorAll("form[data-live]").forEach((form) => {
    inPlace(form);
    if ("asTyped" in form.dataset) asTyped(form);
  });
}

/** Keep the keyboard where it was: on the button that was pressed, or on the part's heading where it is gone. */
function focusAgain(part, button) {
  if (!button?.name) return;
  const same = [...part.querySelectorAll("button")].find((one) => one.name === button.name && one.value === button.value);
  (same ?? part.querySelector("button"))?.focus({ preventScroll: true });
}

// A personal link ends with #CODE, which a browser sends to nobody. Taken out of the address, it goes in by the form.
const form = document.querySelector("form[data-enter]");
const code = decodeURIComponent(location.hash.slice(1));
if (form && code) {
  history.replaceState(null, "", location.pathname + location.search);
  form.elements.code.value = code;
  form.requestSubmit();
}

// A form that is sent twice by an impatient hand is sent once. What a script or htmx sends is not ours to hold back.
const sent = new WeakSet();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (sent.has(form)) event.preventDefault();
  else sent.add(form);
});

// Back from the next page, the form may be sent again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

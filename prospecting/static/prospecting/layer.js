// The second layer of an outcome: every choice it opens bears a digit, and that digit chooses it. Escape closes the
// layer, and the digits mean the ten outcomes again; 0, "never call again", always does.

const MOST = 9;

/** Once a day is chosen the digits are its free hours; else every choice that is shown. */
function offered(form) {
  const within = form.querySelector("[data-ask]:not([hidden]) [data-times]:not([hidden])") ?? form;
  return [...within.querySelectorAll(".slot input[type=radio]")].filter((radio) => !radio.disabled && !radio.closest("[hidden]"));
}

/** Write the digits on what is offered, and take them off the outcome keys that they hide. */
export function number(desk, form) {
  const closed = "layerClosed" in form.dataset;
  for (const old of form.querySelectorAll("[data-pick]")) delete old.dataset.pick;
  const radios = closed ? [] : offered(form).slice(0, MOST);
  radios.forEach((radio, place) => (radio.dataset.pick = String(place + 1)));
  for (const label of form.querySelectorAll(".slot")) write(label, label.querySelector("input")?.dataset.pick);
  for (const key of desk.querySelectorAll("[data-digit]")) {
    key.classList.toggle("hidden-digit", Number(key.dataset.digit) >= 1 && Number(key.dataset.digit) <= radios.length);
  }
}

function write(label, digit) {
  let mark = label.querySelector("kbd");
  if (!digit) return mark?.remove();
  if (!mark) {
    mark = document.createElement("kbd");
    mark.setAttribute("aria-hidden", "true");
    label.prepend(mark);
  }
  mark.textContent = digit;
  return undefined;
}

/** The choice that bears this digit now, or null. */
export const picked = (form, digit) => form?.querySelector(`[data-pick="${digit}"]`) ?? null;

export const open = (form) => delete form.dataset.layerClosed;

/** Close it; false when none was open. */
export function close(form) {
  if (!form?.querySelector("[data-pick]")) return false;
  form.dataset.layerClosed = "";
  return true;
}

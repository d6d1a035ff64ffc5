// The second layer of an outcome: every choice it opens bears a digit, and that digit chooses it. Once a day is chosen,
// the digits are those of its free hours. Escape goes one step back: to the days, then out of the layer, where the digits
// mean the ten outcomes again; 0, "never call again", always does but there.

const MOST = 9;

function offered(form) {
  const radios = [...form.querySelectorAll(".slot input[type=radio]")].filter((radio) => !radio.disabled && !radio.closest("[hidden]"));
  const hours = radios.filter(isHour);
  return hours.length && !("layerDays" in form.dataset) ? hours : radios.filter((radio) => !isHour(radio));
}

const isHour = (radio) => radio.closest("[data-times]") !== null;

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

/** The first of the free hours that digits choose now, or null. */
export const firstHour = (form) => [...form.querySelectorAll("[data-pick]")].find(isHour) ?? null;

export function open(form) {
  delete form.dataset.layerClosed;
  delete form.dataset.layerDays;
}

/** One step back; false when no layer was open. */
export function back(form) {
  const first = form.querySelector("[data-pick]");
  if (!first) return false;
  form.dataset[isHour(first) ? "layerDays" : "layerClosed"] = "";
  return true;
}

// The form of one call: which outcome, what it asks, and the body that the API takes.

import "./slots.js";
import { fieldsOf } from "./draft.js";

export const chosen = (form) => form.querySelector('input[name="outcome"]:checked');

/** Choose the outcome of a key; pressed again, the next of them. Returns the chosen radio. */
export function press(form, digit) {
  const radios = [...form.querySelectorAll(`[data-choices="${digit}"] input`)];
  if (!radios.length) return null;
  const at = radios.findIndex((radio) => radio.checked);
  radios[(at + 1) % radios.length].checked = true;
  return chosen(form);
}

/** Nobody answered, nothing more is asked and no other choice stands on the key: it can be saved with the key itself. */
export function isQuick(radio, { picked }) {
  return "quick" in radio.dataset && (picked || radio.closest("[data-choices]").querySelectorAll("input").length === 1);
}

/** Show what the chosen outcome asks, and only that. */
export function show(desk, form) {
  const outcome = chosen(form);
  const asks = outcome?.dataset.asks.split(" ") ?? [];
  for (const key of desk.querySelectorAll("[data-digit]")) {
    const mine = outcome?.closest("[data-choices]").dataset.choices === key.dataset.digit;
    key.setAttribute("aria-pressed", String(Boolean(mine)));
  }
  for (const group of form.querySelectorAll("[data-choices]")) {
    group.hidden = !group.contains(outcome) || group.querySelectorAll("input").length < 2;
  }
  for (const part of form.querySelectorAll("[data-ask]")) part.hidden = !asks.includes(part.dataset.ask);
  if (asks.includes("appointment")) showKinds(form, outcome.dataset.kinds.split(" "));
  for (const other of form.querySelectorAll("[data-other]")) {
    other.hidden = form.elements[other.dataset.other].value !== "other";
  }
  for (const field of form.querySelectorAll("[data-ask] input")) field.disabled = field.closest("[data-ask][hidden], [data-other][hidden]") !== null;
  desk.querySelector("free-slots")?.draw();
  const must = outcome?.hasAttribute("data-converts") ?? false;
  for (const answer of desk.querySelectorAll("[data-required]")) answer.required = must;
}

function showKinds(form, kinds) {
  const radios = [...form.querySelectorAll("[data-kind] input")];
  for (const radio of radios) radio.closest("[data-kind]").hidden = !kinds.includes(radio.value) || kinds.length < 2;
  if (!radios.some((radio) => radio.checked && kinds.includes(radio.value))) {
    const first = radios.find((radio) => radio.value === kinds[0]);
    if (first) first.checked = true;
  }
  form.elements.place.hidden = form.elements.kind.value !== "on_site";
}

/** Where to go on once an outcome is chosen: its first question, if it has one. */
export function firstAsked(form) {
  const part = form.querySelector("[data-ask]:not([hidden])");
  return part?.querySelector("input:checked, input:not([disabled])") ?? null;
}

/** Where to go on once a choice is made: the hours of the day just chosen, else the first text it still needs. */
export function nextText(form) {
  const hours = form.querySelector("[data-ask]:not([hidden]) [data-times]:not([hidden]) input");
  if (hours && !form.elements.hour.value) return hours;
  const texts = form.querySelectorAll('[data-ask]:not([hidden]) input:not([type="radio"], [disabled])');
  return [...texts].find((text) => text.required && !text.value) ?? null;
}

/** Criteria of the mission that nobody has ticked: their labels. */
export const unmet = (desk) => [...desk.querySelectorAll("[data-criterion]:not(:checked)")];

/** What the API takes. `zone` is the contact's clock: hours are said on it. */
export function body(form, zone) {
  const fields = fieldsOf(form);
  const answers = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith("answers.") && value.trim()) answers[name.slice(8)] = value.trim();
  }
  const call = { outcome: fields.outcome, note: fields.note.trim(), answers, opposed: fields.opposed === "yes" };
  if (fields.withdrawn === "yes") call.withdrawn = true;
  if (fields.reason) call.reason = fields.reason.trim();
  if (fields.reopen_on) call.reopen_on = fields.reopen_on;
  if (fields.callback_at) {
    const other = fields.callback_at === "other";
    call.callback_at = other ? instant(fields.callback_day, hourOf(fields.callback_hour), zone) : fields.callback_at;
  }
  if (fields.hour) {
    const day = fields.day === "other" ? fields.other_day : fields.day;
    const place = fields.kind === "on_site" ? fields.place.trim() : "";
    call.appointment = { starts_at: instant(day, hourOf(fields.hour), zone), kind: fields.kind, place, email: (fields.email ?? "").trim() };
  }
  return call;
}

/** `9h30`, `9 h 30`, `9:30`, `930`, `9` → `09:30`; null when it is no hour of a day. */
export function hourOf(text) {
  const read = text.trim().match(/^(\d{1,2})\s*(?:[h:.]\s*)?(\d{2})?(?:\s*(?:h|min))?$/i);
  if (!read || read[1] > 23 || (read[2] ?? 0) > 59) return null;
  return `${read[1].padStart(2, "0")}:${read[2] ?? "00"}`;
}

/** The first field that misses something, and what to say of it; null when all is there. */
export function fault(form, words) {
  const wrong = [...form.elements].find((field) => field.willValidate && !field.checkValidity());
  if (wrong) return { field: wrong, sentence: words.missing.replace("{what}", nameOf(wrong)) };
  const hour = [...form.querySelectorAll("[data-hour]:not(:disabled)")].find((field) => hourOf(field.value) === null);
  return hour ? { field: hour, sentence: words.no_hour } : null;
}

function nameOf(field) {
  if (field.type === "radio") return field.closest("[data-missing]")?.dataset.missing ?? "";
  const label = field.getAttribute("aria-label") ?? field.labels[0]?.textContent.replace("*", "") ?? "";
  return label.trim().toLowerCase();
}

/** A row of choices with nothing chosen: an arrow chooses the one that has the focus, not its neighbour. */
export function chooseFocused(event) {
  const radio = event.target;
  if (!event.key.startsWith("Arrow") || radio.type !== "radio" || radio.form.elements[radio.name].value) return;
  event.preventDefault();
  radio.click();
}

/** A day and an hour on a clock of the world, as an instant: 2026-12-03, 09:30, Indian/Reunion → 2026-12-03T05:30:00.000Z */
export function instant(day, hour, zone) {
  const wanted = Date.parse(`${day}T${hour}:00Z`);
  let guess = wanted;
  for (let step = 0; step < 2; step++) guess = wanted - (shownAt(guess, zone) - guess);
  return new Date(guess).toISOString();
}

function shownAt(instant, zone) {
  const options = { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" };
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en", options).formatToParts(instant).map((part) => [part.type, part.value]));
  return Date.parse(`${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}:00Z`);
}

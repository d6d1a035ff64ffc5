// The cockpit: one contact at a time, from the dial to the next. Words and rules come from the server.

import { fieldsOf, fill } from "./draft.js";
import { Line } from "./line.js";
import { Outbox, newKey } from "./outbox.js";
import * as hands from "./hands.js";
import * as layer from "./layer.js";
import * as outcome from "./outcome.js";
import { panels } from "./panels.js";
import { draw, place, post } from "./server.js";
import * as softphone from "./softphone.js";
import { Standing } from "./standing.js";
import { open } from "./store.js";
import { Strip } from "./strip.js";

const app = document.getElementById("app");
const words = JSON.parse(document.getElementById("words").textContent);
const keys = JSON.parse(document.getElementById("keys").textContent);
const store = await open();
const line = new Line(words);
const strip = new Strip(words, { undo, forget: (entry) => outbox.forget(entry), again: (entry) => outbox.again(entry) });
const standing = new Standing({ engagement: app.dataset.engagement, desk: () => desk(), follow });
const outbox = new Outbox({
  store,
  person: app.dataset.person,
  engagement: app.dataset.engagement,
  send: (entry) => post(isOnDesk(entry) ? app.dataset.save : app.dataset.calls, { ...entry.body, late: Date.now() - entry.at > LATE }),
  on: { change: (...moved) => strip.net(...moved), saved, refused },
});

const TRY_AGAIN = 4000;
const KEPT_IF_LATE = 1500;
const LATE = 30_000; // nobody is on the line any more

let undoable = null; // the call just saved: {url, draft, claim, name}
let fetching = false;

const desk = () => document.getElementById("main");
const form = () => document.getElementById("result");
const state = () => desk().dataset.state;
const isOnDesk = (entry) => desk().dataset.claim === entry.body.claim;

/* ---- the next contact ---- */

async function load(url, method) {
  if (fetching) return;
  fetching = true;
  const html = await pageOf(url, method);
  fetching = false;
  if (html) show(html);
}

function show(html) {
  place(html);
  arrive();
}

/** The answer's HTML; null when there is none yet: signed out, or the server not reached, and then this is tried again. */
async function pageOf(url, method) {
  try {
    const { status, text } = await draw(url, method);
    if (status === 404) return location.assign("/"); // the engagement has ended: so has this page
    if (status === 401 || status === 403) return again("out");
    if (status >= 400) return again("off");
    outbox.move("on");
    return text;
  } catch {
    return again("off");
  }

  function again(state) {
    outbox.move(state);
    setTimeout(() => load(url, method), TRY_AGAIN);
    return null;
  }
}

const next = () => load(app.dataset.next, "POST");

/** Another tab has done something with the contact shown here: show what is in hand now. */
function follow(claim) {
  if (!claim || desk().dataset.claim === claim || !form()) load(app.dataset.parts, "GET");
}

async function countQueue() {
  try {
    const { status, text } = await draw(app.dataset.queue);
    if (status === 200) place(text);
    showReady();
  } catch {
    // the count is only news: the next one will do
  }
}

function showReady() {
  const { ready } = document.getElementById("queue").dataset;
  if (ready) document.getElementById("queue-ready").textContent = ready;
}

/* ---- the contact in hand ---- */

function arrive() {
  line.reset();
  hands.label(keys);
  if (form()) {
    const kept = store.draft(desk().dataset.claim);
    softphone.point();
    if (kept?.fields) fill(form(), kept.fields);
    if (state() === "call") line.start(Number(desk().dataset.seconds), kept?.hungUp ?? madeBefore());
    refresh();
  }
  showReady();
  view(state() === "call" ? "script" : "contact");
  desk().focus({ preventScroll: true });
}

/** A call made on one's own phone is over: its clock stands still, at the length that was told. */
const madeBefore = () => ("madeBefore" in desk().dataset ? 0 : null);

function refresh() {
  outcome.show(desk(), form());
  layer.number(desk(), form());
  const must = [...desk().querySelectorAll("[data-required]")];
  const answered = document.getElementById("answered");
  if (answered) {
    const done = must.filter((answer) => answer.value.trim()).length;
    answered.textContent = words.answers.replace("{n}", done).replace("{total}", must.length);
    answered.className = done === must.length ? "st go" : "";
  }
  const ready = state() === "call" && outcome.chosen(form());
  const save = document.getElementById("save");
  save.setAttribute("aria-disabled", String(!ready));
  save.classList.toggle("btn-primary", Boolean(ready));
  document.getElementById("save-words").textContent =
    state() === "saving" ? words.saving : ready ? words.save : state() === "call" ? words.choose : words.after_call;
}

function keep() {
  if (!form()) return;
  const { claim } = desk().dataset;
  const before = store.draft(claim) ?? { key: newKey() };
  store.keepDraft(claim, { ...before, fields: fieldsOf(form()), hungUp: line.hungUp });
}

function complain(sentence, field) {
  const wrong = document.getElementById("wrong");
  if (!wrong) return;
  wrong.textContent = sentence;
  wrong.hidden = !sentence;
  for (const marked of desk().querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  if (!field) return;
  field.setAttribute("aria-invalid", "true");
  if (field.closest(".sheet")) view("script");
  field.focus();
}

/** A digit: the choice of the open layer that bears it, else the outcome of its key. `byKey`: not by mouse or finger. */
function digit(number, { byKey }) {
  if (!form() || state() === "saving") return undefined;
  if (state() !== "call") return complain(words.dial_first);
  const choice = byKey && layer.picked(form(), number);
  if (choice) return pick(choice);
  if (byKey && layer.firstHour(form())) return undefined; // an hour typed beside its field, « 9h30 », opposes nobody
  if (!outcome.press(form(), number)) return undefined;
  layer.open(form());
  chose();
  if (byKey && keys.quick && outcome.isQuick(outcome.chosen(form()), { picked: false })) return save();
  const asked = outcome.firstAsked(form());
  if (asked) asked.focus();
  else if (document.activeElement?.form === form()) document.activeElement.blur();
  return undefined;
}

function pick(choice) {
  layer.open(form());
  choice.click(); // as by mouse: the page hears of it, unless it was chosen already
  refresh();
  if (choice.name === "outcome" && keys.quick && outcome.isQuick(choice, { picked: true })) return save();
  const hour = choice.name === "day" ? layer.firstHour(form()) : null;
  (hour ?? outcome.nextText(form()) ?? (choice.name === "outcome" ? outcome.firstAsked(form()) : choice))?.focus();
  return undefined;
}

function chose() {
  complain("");
  delete form().dataset.confirmed;
  refresh();
  keep();
}

/* ---- the call ---- */

async function dial() {
  if (state() === "call") return hangUp();
  if (state() !== "before" || document.getElementById("dial").getAttribute("aria-disabled") === "true") return undefined;
  const { claim } = desk().dataset;
  let answer;
  try {
    answer = await post(desk().dataset.dial);
  } catch {
    outbox.move("off");
    return refuseDial(words.no_dial_offline, "before");
  }
  if (desk().dataset.claim !== claim) return undefined;
  if (answer.status === 401 || (answer.status === 403 && !answer.body.reason)) return outbox.move("out");
  if (answer.status === 404) return refuseDial(words.lapsed, "refused");
  if (answer.status >= 500) return refuseDial(words.no_dial_offline, "before");
  if (answer.status >= 400) return refuseDial(answer.body.detail, "refused");
  return dialled(answer.body.phone);
}

function dialled(phone) {
  undoable = null;
  strip.forgetUndo();
  softphone.reveal(phone);
  document.getElementById("dial-refused").hidden = true;
  desk().dataset.state = "call";
  complain("");
  line.start(0, null);
  keep();
  refresh();
  view("script");
  document.activeElement?.blur();
  ring();
}

const ring = async (hand = softphone.hand) => (await hand()) && strip.note(words.copied);

function refuseDial(sentence, then) {
  const why = document.getElementById("dial-refused");
  why.textContent = sentence;
  why.hidden = false;
  desk().dataset.state = then;
}

function hangUp() {
  line.toggle();
  keep();
}

function save() {
  if (!form()) return desk().querySelector("[data-next]") && next();
  if (state() === "refused") return next();
  if (state() === "before") return complain(words.dial_first);
  if (state() !== "call") return undefined;
  const radio = outcome.chosen(form());
  if (!radio) return complain(words.choose);
  refresh();
  const wrong = outcome.fault(form(), words);
  if (wrong) return complain(wrong.sentence, wrong.field);
  if (doubtful(radio)) return undefined;
  complain("");
  return send(radio);
}

/** A conversion that misses a criterion of the mission is asked twice: the business may contest it. */
function doubtful(radio) {
  const unmet = "converts" in radio.dataset ? outcome.unmet(desk()).length : 0;
  if (!unmet || form().dataset.confirmed === String(unmet)) return false;
  form().dataset.confirmed = String(unmet);
  complain((unmet === 1 ? words.unmet_one : words.unmet_many).replace("{n}", unmet));
  return true;
}

async function send(radio) {
  keep();
  const { claim, name, zone } = desk().dataset;
  const call = outcome.body(form(), zone);
  const label = radio.dataset.label.toLowerCase();
  desk().dataset.state = "saving";
  refresh();
  const body = { ...call, engagement: app.dataset.engagement, claim, key: store.draft(claim).key, seconds: line.seconds() };
  line.hangUp();
  setTimeout(sayKept, KEPT_IF_LATE, claim);
  await outbox.put({ label, name, body });
}

function sayKept(claim) {
  if (state() !== "saving" || desk().dataset.claim !== claim) return;
  desk().dataset.kept = "";
  strip.kept(desk().dataset.name);
}

/** `body` is the call as the API tells it, or {call, parts} with the next contact when it was the one on the desk. */
function saved(entry, body) {
  const { claim } = entry.body;
  const call = body.call ?? body;
  undoable = { url: `${app.dataset.calls}${call.id}/undo/`, claim, draft: store.draft(claim), name: entry.name };
  store.dropDraft(claim);
  strip.saved(entry.name, entry.label);
  if (isOnDesk(entry) && body.parts) show(body.parts);
  else if ("parts" in body) location.assign("/"); // the engagement has ended: the call in progress was its last
  else if (isOnDesk(entry) || !form()) next();
  standing.tell(claim);
}

/** The server says no for good: what was typed stays on the screen, beside its reason; elsewhere it stays kept. */
function refused(entry, problem) {
  const why = problem.errors?.[0]?.detail ?? problem.detail ?? words.offline;
  if (!isOnDesk(entry)) {
    strip.note(words.refused_later.replace("{why}", `${entry.name}, ${why}`));
    return false;
  }
  const before = store.draft(entry.body.claim);
  store.keepDraft(entry.body.claim, { ...before, key: newKey() });
  desk().dataset.state = "call";
  delete desk().dataset.kept;
  refresh();
  complain(why, fieldOf(problem.errors?.[0]?.field ?? ""));
  return true;
}

function fieldOf(name) {
  const part = form().querySelector(`[data-ask="${name.split(".")[0]}"] input:not([disabled])`);
  const field = form().elements.namedItem(name) ?? part;
  return field instanceof RadioNodeList ? field[0] : field;
}

async function undo() {
  if (!undoable || !["before", "ready", "nothing", "refused"].includes(state())) return undefined;
  const last = undoable;
  undoable = null;
  try {
    const answer = await post(last.url, { key: newKey() });
    if (answer.status >= 300) return strip.note(answer.body.detail);
  } catch {
    undoable = last;
    return outbox.move("off");
  }
  if (last.draft) store.keepDraft(last.claim, { ...last.draft, key: newKey() });
  strip.note(words.undone.replace("{name}", last.name));
  standing.tell("");
  return load(app.dataset.parts, "GET");
}

const timed = (claim, seconds) => store.keepDraft(claim, { key: newKey(), fields: {}, hungUp: seconds });

/* ---- hands ---- */

/** On a phone one part of the desk is shown at a time: contact, script or outcome. */
function view(part) {
  desk().dataset.view = part;
  for (const tab of desk().querySelectorAll("[data-view-of]")) tab.setAttribute("aria-pressed", String(tab.dataset.viewOf === part));
}

function nextObjection() {
  const buttons = [...desk().querySelectorAll("[data-objection]")];
  const at = buttons.findIndex((button) => button.getAttribute("aria-pressed") === "true");
  if (buttons.length) answerTo(buttons[(at + 1) % buttons.length]);
}

function answerTo(button) {
  for (const other of desk().querySelectorAll("[data-objection]")) {
    other.setAttribute("aria-pressed", String(other === button));
    document.getElementById(other.dataset.objection).hidden = other !== button;
  }
}

/** From one criterion to the next; Space ticks it. */
function nextCriterion() {
  const all = [...desk().querySelectorAll("[data-criterion]")];
  const at = all.indexOf(document.activeElement);
  const after = [...all.slice(at + 1), ...all.slice(0, at + 1)];
  (after.find((one) => !one.checked) ?? after[0])?.focus();
}

/** Out of a field: the letters are keys again. Out of a layer: the digits are the outcomes again. */
function escape() {
  if (document.activeElement?.matches(hands.TYPED)) return document.activeElement.blur();
  if (form() && layer.back(form())) {
    refresh();
    document.activeElement?.blur();
  }
  return undefined;
}

const ask = panels({ app, words, desk, load: { next, parts: () => load(app.dataset.parts, "GET") }, told: (claim) => standing.tell(claim), timed });

hands.listen(keys, {
  digit: (number) => digit(number, { byKey: true }),
  enter: save,
  escape,
  undo,
  dial,
  again: () => state() === "call" && ring(softphone.handAgain),
  copy: async () => state() === "call" && (await softphone.copy()) && strip.note(words.copied),
  note: () => document.getElementById("note")?.focus(),
  question: () => desk().querySelector('[name^="answers."]')?.focus(),
  objection: nextObjection,
  criterion: nextCriterion,
  skip: ask.skip,
  inbound: ask.inbound,
  by_hand: ask.byHand,
});

app.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.digit) digit(button.dataset.digit, { byKey: false });
  else if (button.dataset.objection) answerTo(button);
  else if (button.dataset.viewOf) view(button.dataset.viewOf);
  else if ("next" in button.dataset) next();
  else if (button.id === "skip") ask.skip();
  else if (button.id === "copy") hands.press("copy");
  else if (button.id === "dial" || button.id === "hang-up") dial();
});
app.addEventListener("input", (event) => {
  if (event.target.id === "softphone") {
    softphone.chooseWay(event.target.value);
    return softphone.point();
  }
  if (event.target.dataset.fills) form().elements[event.target.dataset.fills].value = event.target.value;
  return chose();
});
app.addEventListener("slots", () => form() && layer.number(desk(), form()));
app.addEventListener("keydown", outcome.chooseFocused);
app.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
document.addEventListener("toggle", (event) => event.target.id === "queue" && event.newState === "open" && countQueue(), true);
setInterval(() => document.visibilityState === "visible" && countQueue(), 30_000);

/* ---- begin ---- */

if (!store.lasting) strip.note(words.not_lasting);
const { waiting } = await outbox.entries();
arrive();
if (waiting.some(isOnDesk)) {
  desk().dataset.state = "saving";
  desk().dataset.kept = "";
}
outbox.move(outbox.state);
if (waiting.length) outbox.flush();
else if (state() === "ready") next();
if (state() !== "ready") countQueue();
app.dataset.ready = ""; // the keys answer from here on

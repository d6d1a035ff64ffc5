// The cockpit: keys, the line, the way of a call to the server, and the next contact. Words and rules come from the server.

import { tinykeys } from "tinykeys";
import * as draft from "./draft.js";
import { Line } from "./line.js";
import { Outbox, newKey } from "./outbox.js";
import * as outcome from "./outcome.js";
import { Strip } from "./strip.js";

const app = document.getElementById("app");
const words = JSON.parse(document.getElementById("words").textContent);
const strip = new Strip(words, { undo });
const line = new Line(words);
const outbox = new Outbox({
  scope: app.dataset.engagement,
  send: (entry) => post(app.dataset.calls, entry.body),
  on: { change: (count, state) => strip.net(count, state), saved, refused },
});

const TRY_AGAIN = 4000;

let undoable = null; // the call just saved: {url, draft, claim}
let fetching = false;

const desk = () => document.getElementById("main");
const form = () => document.getElementById("result");
const state = () => desk().dataset.state;

/* ---- the server ---- */

function headers() {
  const csrf = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  return { "X-CSRFToken": csrf, Accept: "application/json" };
}

async function post(url, data) {
  const sent = { method: "POST", headers: { ...headers(), "Content-Type": "application/json" }, body: JSON.stringify(data ?? {}) };
  const answer = await fetch(url, { ...sent, signal: AbortSignal.timeout(15_000) });
  return { status: answer.status, body: await answer.json().catch(() => ({})) };
}

/** Put the parts of an answer in the places of those with the same ids. */
function place(html) {
  for (const part of new DOMParser().parseFromString(html, "text/html").body.querySelectorAll(":scope > [id]")) {
    const old = document.getElementById(part.id);
    if (!old?.matches(":popover-open")) old?.replaceWith(part);
    else {
      old.replaceChildren(...part.childNodes);
      old.dataset.ready = part.dataset.ready;
    }
  }
}

async function load(url, method) {
  if (fetching) return;
  fetching = true;
  const html = await pageOf(url, method);
  fetching = false;
  if (!html) return;
  place(html);
  arrive();
}

/** The answer's HTML; null when there is none yet: signed out, or the server not reached, and then this is tried again. */
async function pageOf(url, method) {
  try {
    const answer = await fetch(url, { method, headers: headers(), signal: AbortSignal.timeout(15_000) });
    if (answer.status === 404) return location.assign("/"); // the engagement has ended: so has this page
    if (answer.redirected || answer.status === 403) return again("out");
    if (!answer.ok) return again("off");
    outbox.move("on");
    return await answer.text();
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

async function countQueue() {
  try {
    const answer = await fetch(app.dataset.queue, { headers: headers() });
    if (!answer.ok || answer.redirected) return;
    place(await answer.text());
    showReady();
  } catch {
    // the count is only news: the next one will do
  }
}

function showReady() {
  const ready = document.getElementById("queue").dataset.ready;
  if (ready) document.getElementById("queue-ready").textContent = ready;
}

/* ---- the contact in hand ---- */

function arrive() {
  line.reset();
  const kept = desk().dataset.claim && draft.read(desk().dataset.claim);
  if (form()) {
    document.getElementById("by-computer").checked = byComputer();
    if (kept) draft.fill(form(), kept.fields);
    if (state() === "call") line.start(Number(desk().dataset.seconds), kept?.hungUp ?? null);
    refresh();
  }
  showReady();
  desk().focus({ preventScroll: true });
}

function refresh() {
  outcome.show(desk(), form());
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
  const before = draft.read(desk().dataset.claim) ?? { key: newKey() };
  draft.write(desk().dataset.claim, { ...before, fields: draft.fieldsOf(form()), hungUp: line.hungUp });
}

function complain(sentence, field) {
  const wrong = document.getElementById("wrong");
  wrong.textContent = sentence;
  wrong.hidden = !sentence;
  for (const marked of desk().querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  if (field) {
    field.setAttribute("aria-invalid", "true");
    field.focus();
  }
}

function choose(digit) {
  if (!form() || state() === "saving") return;
  if (!outcome.press(form(), digit)) return;
  complain("");
  refresh();
  keep();
  const asked = outcome.firstAsked(form());
  if (asked) asked.focus();
  else if (document.activeElement?.form === form()) document.activeElement.blur();
}

/* ---- the call ---- */

async function dial() {
  if (state() === "call") return hangUp();
  if (state() !== "before" || document.getElementById("dial").getAttribute("aria-disabled") === "true") return;
  const claim = desk().dataset.claim;
  let answer;
  try {
    answer = await post(desk().dataset.dial);
  } catch {
    outbox.move("off");
    return refuseDial(words.no_dial_offline, "before");
  }
  if (desk().dataset.claim !== claim) return;
  if (answer.status === 401 || (answer.status === 403 && !answer.body.reason)) return outbox.move("out");
  if (answer.status === 404) return refuseDial(words.lapsed, "refused");
  if (answer.status >= 500) return refuseDial(words.no_dial_offline, "before");
  if (answer.status >= 400) return refuseDial(answer.body.detail, "refused");
  undoable = null;
  strip.forgetUndo();
  const tel = document.getElementById("tel");
  tel.href = `tel:${answer.body.phone}`;
  tel.textContent = answer.body.display ?? grouped(answer.body.phone);
  document.getElementById("dial-refused").hidden = true;
  desk().dataset.state = "call";
  line.start(0, null);
  keep();
  refresh();
  document.activeElement?.blur();
  if (byComputer()) tel.click();
}

// A telemarketer with a telephone in hand only needs the number: a browser without a softphone would ask at each dial.
const BY_COMPUTER = "decroche.by-computer";
const byComputer = () => (localStorage.getItem(BY_COMPUTER) ?? String(matchMedia("(pointer: coarse)").matches)) === "true";

const grouped = (phone) => (/^\+33\d{9}$/.test(phone) ? `0${phone.slice(3)}`.replace(/(\d\d)(?=\d)/g, "$1\u00a0") : phone);

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
  complain("");
  return send(radio);
}

function send(radio) {
  keep();
  const kept = draft.read(desk().dataset.claim);
  const label = radio.dataset.label.toLowerCase();
  const call = outcome.body(form(), desk().dataset.zone);
  desk().dataset.state = "saving";
  refresh();
  outbox.put({
    label,
    name: desk().dataset.name,
    body: { ...call, engagement: app.dataset.engagement, claim: desk().dataset.claim, key: kept.key, seconds: line.seconds() },
  });
  line.hangUp();
  setTimeout(sayKept, SAVED_BY_THEN, desk().dataset.claim);
}

const SAVED_BY_THEN = 1500;

function sayKept(claim) {
  if (state() !== "saving" || desk().dataset.claim !== claim) return;
  desk().dataset.kept = "";
  strip.kept(desk().dataset.name);
}

function saved(entry, call) {
  const last = draft.read(entry.body.claim);
  draft.clear(entry.body.claim);
  undoable = { url: `${app.dataset.calls}${call.id}/undo/`, claim: entry.body.claim, draft: last, name: entry.name };
  strip.saved(entry.name, entry.label);
  if (desk().dataset.claim === entry.body.claim || !form()) next();
}

/** The server says no for good: what was typed stays on the screen, beside its reason. */
function refused(entry, problem) {
  const why = problem.detail ?? words.offline;
  if (desk().dataset.claim !== entry.body.claim) return strip.note(words.refused_later.replace("{why}", `${entry.name}, ${why}`));
  const before = draft.read(entry.body.claim);
  if (before) draft.write(entry.body.claim, { ...before, key: newKey() });
  desk().dataset.state = "call";
  delete desk().dataset.kept;
  refresh();
  const name = problem.errors?.[0]?.field ?? "";
  complain(problem.errors?.[0]?.detail ?? why, fieldOf(name));
}

function fieldOf(name) {
  const part = form().querySelector(`[data-ask="${name.split(".")[0]}"] input:not([disabled])`);
  const field = form().elements.namedItem(name) ?? part;
  return field instanceof RadioNodeList ? field[0] : field;
}

async function undo() {
  if (!undoable || !["before", "ready", "nothing", "refused"].includes(state())) return;
  const last = undoable;
  undoable = null;
  try {
    const answer = await post(last.url, { key: newKey() });
    if (answer.status >= 300) return strip.note(answer.body.detail);
  } catch {
    undoable = last;
    return outbox.move("off");
  }
  if (last.draft) draft.write(last.claim, { ...last.draft, key: newKey() });
  strip.note(words.undone.replace("{name}", last.name));
  load(app.dataset.parts, "GET");
}

/* ---- hands ---- */

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

const TYPED = 'textarea, select, input:not([type="radio"], [type="checkbox"])';
const typing = (event) => event.target instanceof Element && event.target.matches(TYPED);
const pressing = (event) => event.target instanceof Element && event.target.matches("a[href], button:not([data-digit], #save, #dial, #hang-up), summary");

function enter(event) {
  if (pressing(event) || (event.shiftKey && typing(event))) return;
  event.preventDefault();
  save();
}

const does = (act) => (event) => {
  event.preventDefault();
  act(event);
};
const toggle = (id) => does(() => document.getElementById(id)?.togglePopover());
const digits = Object.fromEntries(
  [..."1234567890"].flatMap((digit) => [`[Shift]+Digit${digit}`, `Numpad${digit}`].map((key) => [key, does(() => choose(digit))])),
);

tinykeys(
  window,
  {
    ...digits,
    x: does(() => choose("X")),
    e: does(() => choose("E")),
    a: does(dial),
    t: does(() => state() === "call" && document.getElementById("tel").click()),
    n: does(() => document.getElementById("note")?.focus()),
    q: does(() => desk().querySelector('[name^="answers."]')?.focus()),
    o: does(nextObjection),
    f: toggle("queue"),
    c: toggle("columns"),
    r: toggle("promises"),
    "[Shift]+?": does(() => document.getElementById("help").showModal()),
    "[Shift]+Enter": enter,
    "$mod+z": does(undo),
    Escape: () => document.activeElement?.matches("input, textarea, select") && document.activeElement.blur(),
  },
  {
    ignore: (event) =>
      event.repeat || event.isComposing || document.querySelector("dialog[open]") !== null || (typing(event) && !["Enter", "Escape"].includes(event.key)),
  },
);

app.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  if (button.dataset.digit) choose(button.dataset.digit);
  else if (button.dataset.objection) answerTo(button);
  else if ("next" in button.dataset) next();
  else if (button.id === "dial" || button.id === "hang-up") dial();
});
app.addEventListener("input", (event) => {
  if (event.target.id === "by-computer") return localStorage.setItem(BY_COMPUTER, String(event.target.checked));
  complain("");
  refresh();
  return keep();
});
app.addEventListener("keydown", outcome.chooseFocused);
app.addEventListener("submit", (event) => {
  event.preventDefault();
  save();
});
document.addEventListener("toggle", (event) => event.target.id === "queue" && event.newState === "open" && countQueue(), true);
document.getElementById("help-button").addEventListener("click", () => document.getElementById("help").showModal());
setInterval(() => document.visibilityState === "visible" && countQueue(), 30_000);

draft.sweep();
strip.net(outbox.entries().length, navigator.onLine ? "on" : "off");
arrive();
const waiting = outbox.entries().find((entry) => entry.body.claim === desk().dataset.claim);
if (waiting) {
  desk().dataset.state = "saving";
  desk().dataset.kept = "";
}
if (outbox.entries().length) outbox.flush();
else if (state() === "ready") next();
if (state() !== "ready") countQueue();
app.dataset.ready = ""; // the keys answer from here on

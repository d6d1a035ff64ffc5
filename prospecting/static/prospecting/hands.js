// The keys of the cockpit: each person's own, or none but Enter, Escape and Ctrl-Z.

import { tinykeys } from "tinykeys";

export const TYPED = 'textarea, select, input:not([type="radio"], [type="checkbox"])';

const typing = (event) => event.target instanceof Element && event.target.matches(TYPED);
const pressing = (event) =>
  event.target instanceof Element && event.target.matches("a[href], button:not([data-digit], #save, #dial, #hang-up), summary");
const asked = () => document.querySelector("dialog[open]");
const PANELS = { queue: "queue", columns: "columns", callbacks: "promises" };

let acts = {};

const does = (act) => (event) => {
  event.preventDefault();
  act(event);
};

/** keys: {off, keys: {action: letter}}. `doing` has an act for every action, and `digit`, `enter`, `escape`, `undo`. */
export function listen(keys, doing) {
  acts = { ...doing, ...Object.fromEntries(Object.entries(PANELS).map(([action, id]) => [action, () => document.getElementById(id)?.togglePopover()])) };
  acts.help = () => document.getElementById("help").showModal();
  acts.wrong_number = () => acts.digit("X");
  acts.technical = () => acts.digit("E");
  tinykeys(
    window,
    {
      ...(keys.off ? {} : letters(keys.keys)),
      "[Shift]+Enter": enter,
      "$mod+z": does(() => acts.undo()),
      Escape: () => acts.escape(),
    },
    { ignore: (event) => event.repeat || event.isComposing || asked() !== null || (typing(event) && !["Enter", "Escape"].includes(event.key)) },
  );
  document.getElementById("help-button").addEventListener("click", acts.help);
  for (const button of document.querySelectorAll("[data-does]")) button.addEventListener("click", () => press(button.dataset.does));
}

export const press = (action) => acts[action]?.();

function letters(chosen) {
  const digits = [..."1234567890"].flatMap((digit) =>
    [`[Shift]+Digit${digit}`, `Numpad${digit}`].map((key) => [key, does(() => acts.digit(digit))]),
  );
  const own = Object.entries(chosen).filter(([, letter]) => letter);
  return { ...Object.fromEntries(digits), ...Object.fromEntries(own.map(([action, letter]) => [letter, does(() => press(action))])), "[Shift]+?": does(acts.help) };
}

function enter(event) {
  if (pressing(event) || (event.shiftKey && typing(event))) return;
  event.preventDefault();
  acts.enter();
}

/** Write each person's own letters on what they press; one switched off shows none. */
export function label(keys) {
  for (const mark of document.querySelectorAll("kbd[data-key]")) {
    const letter = keys.off ? "" : (keys.keys[mark.dataset.key] ?? "");
    mark.textContent = letter.toUpperCase();
    mark.hidden = !letter;
  }
  document.documentElement.classList.toggle("keys-off", keys.off);
}

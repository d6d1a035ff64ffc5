// The three questions asked beside the desk: why pass, who calls back, which number is called by hand.

import { post } from "./server.js";

/** timed(claim, seconds) keeps the length of a call already made. app, words, desk() as in the cockpit; load.parts() draws what is in hand now, load.next() takes the next; told(claim) tells the other tabs. */
export function panels({ app, words, desk, load, told, timed }) {
  const skip = panel("skip-panel", async (fields) => {
    const { claim, skip: url } = desk().dataset;
    const answer = await post(url, { reason: fields.reason, note: fields.note ?? "" });
    if (answer.status < 300) {
      await load.next();
      told(claim);
    }
    return answer;
  });
  const inbound = panel("inbound-panel", (fields) => taken(post(app.dataset.answer, { phone: fields.phone })));
  const byHand = panel("by-hand-panel", async (fields) => {
    const answer = await post(app.dataset.byHand, typed(fields));
    if (answer.status < 300 && fields.when === "before") timed(answer.body.card.claim, Math.round(Number(fields.minutes || 0) * 60));
    return taken(answer);
  });

  async function taken(asked) {
    const answer = await asked;
    if (answer.status >= 300) return answer;
    told("");
    if (answer.body.engagement === app.dataset.engagement) await load.parts();
    else location.assign(app.dataset.other.replace(app.dataset.engagement, answer.body.engagement));
    return answer;
  }

  for (const reason of document.querySelectorAll("#skip-panel [data-reason]")) {
    reason.addEventListener("click", () => reason.dataset.reason !== "other" && skip.submit());
  }
  skip.dialog.addEventListener("keydown", (event) => {
    const reason = !event.target.matches("input[type=text]") && skip.dialog.querySelectorAll("[data-reason]")[Number(event.key) - 1];
    if (!reason) return;
    event.preventDefault();
    reason.click();
    if (reason.dataset.reason === "other") skip.dialog.querySelector("[name=note]").focus();
  });
  byHand.dialog.addEventListener("input", (event) => {
    const before = byHand.form.elements.when.value === "before";
    for (const part of byHand.dialog.querySelectorAll("[data-before]")) part.hidden = !before;
    if (event.target.name === "when" && before) byHand.form.elements.made_at.value ||= here(serverNow());
  });

  // The server's clock counts, whatever this computer's says.
  const serverNow = () => new Date(Date.parse(app.dataset.now) + performance.now());

  return {
    skip: () => desk().dataset.state === "before" && skip.open(),
    inbound: () => inbound.open(),
    byHand: () => byHand.open(),
  };

  function panel(id, send) {
    const dialog = document.getElementById(id);
    const form = dialog.querySelector("form");
    const wrong = dialog.querySelector(".wrong");
    const say = (sentence) => {
      wrong.textContent = sentence;
      wrong.hidden = !sentence;
    };
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (dialog.dataset.busy) return;
      dialog.dataset.busy = "yes";
      try {
        const answer = await send(Object.fromEntries(new FormData(form)));
        const problem = answer.body.errors?.[0];
        if (answer.status >= 300) {
          say(problem?.detail ?? answer.body.detail ?? words.offline);
          form.elements.namedItem(problem?.field ?? "")?.focus?.();
        } else {
          form.reset();
          dialog.close();
        }
      } catch {
        say(words.no_dial_offline);
      } finally {
        delete dialog.dataset.busy;
      }
    });
    return {
      dialog,
      form,
      submit: () => form.requestSubmit(),
      open: () => {
        say("");
        dialog.showModal();
      },
    };
  }
}

/** What the API takes. The time of a call already made is said on this computer's clock. */
function typed({ when, made_at: made, minutes: _told, ...fields }) {
  if (when !== "before") return fields;
  return { ...fields, made_at: made ? new Date(made).toISOString() : null };
}

const here = (date) => new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);

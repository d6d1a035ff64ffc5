// The foot of the cockpit: what was saved last and can still be undone, and the state of the connection in words.

const UNDO_SECONDS = 10;

export class Strip {
  /** undo(): take back what was saved last. forget(entry), again(entry): what becomes of a call the server refused. */
  constructor(words, { undo, forget, again }) {
    Object.assign(this, { words, undo, forget, again });
    this.last = document.getElementById("last");
    this.foot = document.getElementById("foot");
    this.offSince = null;
    setInterval(() => this.offSince && this.say(), 15_000);
  }

  /** Entries of the outbox. state: "on", "off" (not reached), "wait" (the server asks to wait), "out" (signed out). */
  net(waiting, refused, state) {
    this.count = waiting.length;
    this.refused = refused.length;
    this.state = state;
    this.list(waiting, refused);
    this.offSince = state === "off" ? (this.offSince ?? Date.now()) : null;
    this.foot.dataset.net = state === "on" ? (refused.length ? "wait" : "on") : state === "off" ? "off" : "wait";
    this.say();
  }

  say() {
    const { words, count, state } = this;
    const minutes = this.offSince ? Math.floor((Date.now() - this.offSince) / 60_000) : 0;
    const waits = count === 0 ? "" : ` · ${(count === 1 ? words.waits_one : words.waits_many).replace("{n}", count)}`;
    const said = {
      on: count ? words.sending.replace("{n}", count) : words.online,
      off: (minutes ? words.offline_since.replace("{n}", minutes) : words.offline) + waits,
      wait: words.sending.replace("{n}", count),
      out: words.signed_out,
    };
    const no = this.refused ? ` · ${(this.refused === 1 ? words.no_one : words.no_many).replace("{n}", this.refused)}` : "";
    const place = document.getElementById("net-words");
    if (place.textContent !== said[state] + no) place.textContent = said[state] + no;
  }

  /** Every call kept here, with what was said, and what the server answered to those it refused. */
  list(waiting, refused) {
    const rows = [...refused, ...waiting].map((entry) => {
      const row = document.getElementById(entry.why ? "kept-refused" : "kept-waiting").content.cloneNode(true);
      const told = { name: entry.name, outcome: entry.label, note: entry.body.note ?? "", why: entry.why ?? "" };
      for (const [part, text] of Object.entries(told)) {
        const place = row.querySelector(`[data-told="${part}"]`);
        if (place) place.textContent = text;
      }
      row.querySelector("[data-again]")?.addEventListener("click", () => this.again(entry));
      row.querySelector("[data-forget]")?.addEventListener("click", () => this.forget(entry));
      return row;
    });
    document.getElementById("kept-list").replaceChildren(...rows);
    document.getElementById("kept-none").hidden = rows.length > 0;
  }

  saved(name, label) {
    this.write("mark-saved", this.words.saved.replace("{name}", name).replace("{outcome}", label));
    this.last.append(document.getElementById("undo-words").content.cloneNode(true));
    this.last.querySelector("#undo").addEventListener("click", this.undo);
    this.countDown(UNDO_SECONDS);
  }

  countDown(left) {
    clearTimeout(this.timer);
    if (left <= 0) return this.forgetUndo();
    document.getElementById("undo-left").textContent = this.words.left.replace("{n}", left);
    this.timer = setTimeout(() => this.countDown(left - 1), 1000);
    return undefined;
  }

  forgetUndo() {
    clearTimeout(this.timer);
    for (const part of [...this.last.children].slice(2)) part.remove();
  }

  kept(name) {
    this.write("mark-kept", this.words.kept.replace("{name}", name));
  }

  note(text) {
    this.write("mark-kept", text);
  }

  write(mark, text) {
    clearTimeout(this.timer);
    const said = document.createElement("span");
    said.textContent = text;
    this.last.replaceChildren(document.getElementById(mark).content.cloneNode(true), said);
  }
}

// The foot of the cockpit: what was saved last and can still be undone, and the state of the connection in words.

const UNDO_SECONDS = 10;

export class Strip {
  constructor(words, { undo }) {
    this.words = words;
    this.undo = undo;
    this.last = document.getElementById("last");
    this.foot = document.getElementById("foot");
    this.offSince = null;
    setInterval(() => this.offSince && this.say(), 15_000);
  }

  /** state: "on", "off" (not reached), "wait" (the server asks to wait), "out" (signed out). */
  net(count, state) {
    this.count = count;
    this.state = state;
    this.offSince = state === "off" ? (this.offSince ?? Date.now()) : null;
    this.foot.dataset.net = state === "on" ? "on" : state === "off" ? "off" : "wait";
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
    const place = document.getElementById("net-words");
    if (place.textContent !== said[state]) place.textContent = said[state];
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

// Calls on their way to the server. Each is written to this machine before it is sent, and stays until the server has
// acknowledged it: a cut line, a closed tab or a crash loses nothing, and the key made here keeps it from counting twice.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60_000;

export class Outbox {
  /**
   * scope: names the entries of one agent. send(entry) → {status, body}, or throws when the server was not reached.
   * on.change(count, "on" | "off" | "wait" | "out") after every move; on.saved(entry, body) and on.refused(entry, problem).
   */
  constructor({ scope, send, on }) {
    this.prefix = `decroche.call.${scope}.`;
    this.send = send;
    this.on = on;
    this.tries = 0;
    this.timer = null;
    this.busy = false;
    this.state = "on";
    addEventListener("online", () => this.flush());
    addEventListener("offline", () => this.move("off"));
    addEventListener("storage", (event) => event.key?.startsWith(this.prefix) && this.move(this.state));
  }

  entries() {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(this.prefix))
      .map((name) => JSON.parse(localStorage.getItem(name)))
      .sort((one, other) => one.at - other.at);
  }

  put(entry) {
    localStorage.setItem(this.prefix + entry.body.key, JSON.stringify({ ...entry, at: Date.now() }));
    this.move(this.state);
    return this.flush();
  }

  drop(entry) {
    localStorage.removeItem(this.prefix + entry.body.key);
  }

  /** Send what waits, in order, from one tab at a time. */
  async flush() {
    if (this.busy || !this.entries().length) return;
    this.busy = true;
    clearTimeout(this.timer);
    const turn = () => this.drain();
    try {
      await (navigator.locks ? navigator.locks.request(this.prefix, turn) : turn());
    } finally {
      this.busy = false;
    }
  }

  async drain() {
    for (let entry = this.entries()[0]; entry; entry = this.entries()[0]) {
      const answer = await this.attempt(entry);
      if (!answer) return;
      this.tries = 0;
      this.drop(entry);
      this.move("on");
      if (answer.status < 300) this.on.saved(entry, answer.body);
      else this.on.refused(entry, answer.body);
    }
  }

  /** The server's answer when it has decided; null when this must be sent again, which is then planned. */
  async attempt(entry) {
    let answer;
    try {
      answer = await this.send(entry);
    } catch {
      return this.later("off");
    }
    if (answer.status === 401 || answer.status === 403) return this.later("out");
    if (answer.status >= 500 || [408, 425, 429].includes(answer.status)) return this.later("wait");
    return answer;
  }

  later(state) {
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.tries++) * (0.75 + Math.random() / 2);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), wait);
    this.move(state);
    return null;
  }

  move(state) {
    this.state = state;
    this.on.change(this.entries().length, state);
  }
}

/** A random key; crypto.randomUUID only exists on secure pages, and a home network may serve this one plainly. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

// Calls on their way to the server. Each is written to this machine before it is sent, and stays until the server has
// acknowledged it: a cut line, a closed tab or a crash loses nothing, and the key made here keeps it from counting twice.

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60_000;

export class Outbox {
  /**
   * person: whose calls they are; another person at this machine leaves them alone. send(entry) → {status, body}, or
   * throws when the server was not reached. on.change(waiting, refused, "on" | "off" | "wait" | "out") after every move;
   * on.saved(entry, body); on.refused(entry, problem) → true when the page takes it back into its form.
   */
  constructor({ store, person, engagement, send, on }) {
    Object.assign(this, { store, person, engagement, send, on });
    this.tries = 0;
    this.timer = null;
    this.busy = false;
    this.state = navigator.onLine ? "on" : "off";
    this.channel = new BroadcastChannel("decroche.outbox");
    this.channel.addEventListener("message", () => this.tell());
    addEventListener("online", () => this.flush());
    addEventListener("offline", () => this.move("off"));
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.flush());
  }

  /** Those still to be sent first, in the order in which they were saved; those the server refused for good apart. */
  async entries() {
    const own = (await this.store.entries()).filter((one) => this.isMine(one));
    return { waiting: own.filter((one) => !one.why), refused: own.filter((one) => one.why) };
  }

  /** A call kept before calls bore their person's name belongs to this engagement, or to nobody here. */
  isMine(entry) {
    return entry.person ? entry.person === this.person : entry.body.engagement === this.engagement;
  }

  async put(entry) {
    await this.store.add({ ...entry, person: this.person, key: entry.body.key, at: Date.now() });
    this.move(this.state);
    return this.flush();
  }

  async forget(entry) {
    await this.store.drop(entry);
    this.move(this.state);
  }

  /** Send once more a call that the server had refused. */
  async again({ why, ...entry }) {
    await this.store.change(entry);
    return this.flush();
  }

  /** Send what waits, in order, from one tab at a time. */
  async flush() {
    if (this.busy) return;
    this.busy = true;
    clearTimeout(this.timer);
    const turn = () => this.drain();
    try {
      await (navigator.locks ? navigator.locks.request("decroche.outbox", turn) : turn());
    } finally {
      this.busy = false;
    }
  }

  async drain() {
    for (let entry = await this.first(); entry; entry = await this.first()) {
      const answer = await this.attempt(entry);
      if (!answer) return;
      this.tries = 0;
      if (answer.status < 300) await this.settle(entry, () => this.on.saved(entry, answer.body));
      else if (this.on.refused(entry, answer.body)) await this.settle(entry, () => {});
      else await this.setAside(entry, answer.body);
    }
  }

  async first() {
    return (await this.entries()).waiting[0];
  }

  /** The next contact is shown before the disk has forgotten the call: its key would only be told that it is known. */
  async settle(entry, shown) {
    const dropped = this.store.drop(entry);
    shown();
    await dropped;
    this.move("on");
  }

  async setAside(entry, problem) {
    await this.store.change({ ...entry, why: problem.errors?.[0]?.detail ?? problem.detail ?? String(problem.status ?? "") });
    this.move("on");
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
    this.channel.postMessage("moved");
    return this.tell();
  }

  async tell() {
    const { waiting, refused } = await this.entries();
    this.on.change(waiting, refused, this.state);
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

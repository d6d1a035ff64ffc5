// The hold on the contact in hand: kept while the page is looked at, given back when it is left before the dial.

import { post } from "./server.js";

const send = (url) => post(url, {}, { keepalive: true });

const BEAT = 45_000;

export class Standing {
  /** desk() is the element of the contact in hand. follow(claim) when another tab has done something with it. */
  constructor({ engagement, desk, follow }) {
    this.desk = desk;
    this.alone = true;
    this.name = `decroche.desk.${engagement}`;
    this.channel = new BroadcastChannel(this.name);
    this.channel.addEventListener("message", ({ data }) => (data.opened ? this.count() : follow(data.claim)));
    this.stay();
    setInterval(() => this.beat(), BEAT);
    document.addEventListener("visibilitychange", () => this.beat());
    addEventListener("pagehide", () => this.leave());
  }

  /** The other tabs: what they show has changed. */
  tell(claim) {
    this.channel.postMessage({ claim });
  }

  beat() {
    this.count();
    const { heartbeat } = this.desk().dataset;
    if (heartbeat && document.visibilityState === "visible") send(heartbeat).catch(() => {});
  }

  /** Leaving before the dial gives the contact back; after it, or while another tab shows it, nothing is given back. */
  leave() {
    const { state, release } = this.desk().dataset;
    if (state === "before" && release && this.alone) send(release).catch(() => {});
  }

  /** Each tab holds a place of its own for as long as it lives; how many there are is only known by asking. */
  async stay() {
    navigator.locks?.request(`${this.name}.${Math.random()}`, () => new Promise(() => {}));
    this.channel.postMessage({ opened: true });
    await this.count();
  }

  async count() {
    const held = (await navigator.locks?.query())?.held ?? [];
    this.alone = held.filter((one) => one.name.startsWith(`${this.name}.`)).length < 2;
  }
}

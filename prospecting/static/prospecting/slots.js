// The free slots of the mission: a day, then an hour, by the digits of the layer or by arrow. Those last seen are kept on this machine, so that
// the cockpit offers them without network too; the server decides when the call is saved. An hour pressed is only typed
// into the field beside: any other hour may be written there.

const FRESH = 20_000; // milliseconds during which what was seen is not asked again while one chooses
const KEPT_FRESH = 10 * 60_000; // and without being looked at
const DAYS = 5;

class FreeSlots extends HTMLElement {
  connectedCallback() {
    this.key = `decroche.slots.${this.dataset.url}`;
    this.days = this.querySelector("[data-days]");
    this.times = this.querySelector("[data-times]");
    this.ask = this.closest("[data-ask]");
    this.drawDays();
    if (this.age() > KEPT_FRESH) this.fetch();
    this.addEventListener("input", (event) => this.picked(event.target));
  }

  /** What was last seen: {at, slots}, the past ones left out. */
  seen() {
    const kept = JSON.parse(localStorage.getItem(this.key) ?? '{"at": 0, "slots": []}');
    return { at: kept.at, slots: kept.slots.filter((slot) => Date.parse(slot) > Date.now()) };
  }

  age() {
    return Date.now() - this.seen().at;
  }

  async fetch() {
    if (this.fetching) return;
    this.fetching = true;
    try {
      const answer = await fetch(this.dataset.url, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(10_000) });
      if (!answer.ok || answer.redirected) return;
      const { slots } = await answer.json();
      localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), slots }));
      this.drawDays();
      this.drawTimes();
      this.dispatchEvent(new Event("slots", { bubbles: true })); // the digits are given out anew
    } catch {
      // without network those last seen stay
    } finally {
      this.fetching = false;
    }
  }

  /** Called whenever the form changes: the hours of the day chosen by now. */
  draw() {
    if (this.ask.hidden) return;
    if (this.age() > FRESH) this.fetch();
    this.drawTimes();
  }

  drawDays() {
    const days = [...new Set(this.seen().slots.map((slot) => this.dayOf(slot)))].slice(0, DAYS);
    if (!days.length || days.join() === this.drawnDays) return;
    this.drawnDays = days.join();
    const chosen = this.days.querySelector("input:checked")?.value;
    const focused = this.days.contains(document.activeElement) ? document.activeElement.value : null;
    const other = this.days.lastElementChild;
    const labels = days.map((day) => this.label("day", day, this.nameOf(day), true));
    this.days.replaceChildren(...labels, other);
    for (const radio of this.days.querySelectorAll("input")) {
      if (radio.value === chosen) radio.checked = true;
      if (radio.value === focused) radio.focus();
    }
  }

  drawTimes() {
    const form = this.ask.closest("form");
    const day = form.elements.day.value === "other" ? form.elements.other_day.value : form.elements.day.value;
    const slots = this.seen().slots.filter((slot) => this.dayOf(slot) === day);
    const wanted = `${day} ${slots.join()}`;
    if (wanted !== this.drawnTimes) {
      this.drawnTimes = wanted;
      this.times.replaceChildren(...slots.map((slot) => this.label("slot", slot, this.hourOf(slot), false)));
    }
    this.times.hidden = !slots.length;
    for (const radio of this.times.querySelectorAll("input")) radio.checked = this.hourOf(radio.value) === form.elements.hour.value;
    const stale = this.querySelector("[data-stale]");
    stale.hidden = !slots.length || this.age() < KEPT_FRESH;
    if (!stale.hidden) stale.textContent = this.dataset.seen.replace("{time}", this.hourOf(this.seen().at, undefined));
  }

  label(name, value, text, required) {
    const label = document.createElement("label");
    label.className = "slot";
    const radio = Object.assign(document.createElement("input"), { type: "radio", name, value, required, disabled: this.ask.hidden });
    const words = document.createElement("span");
    words.textContent = text;
    label.append(radio, words);
    return label;
  }

  picked(field) {
    if (field.name === "slot") this.ask.closest("form").elements.hour.value = this.hourOf(field.value);
  }

  part(slot, options, zone = this.dataset.zone) {
    return new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", ...options }).formatToParts(new Date(slot));
  }

  dayOf(slot) {
    const parts = Object.fromEntries(this.part(slot, { year: "numeric", month: "2-digit", day: "2-digit" }).map((part) => [part.type, part.value]));
    return `${parts.year}-${parts.month}-${parts.day}`;
  }

  hourOf(slot, zone = this.dataset.zone) {
    const parts = Object.fromEntries(this.part(slot, { hour: "numeric", minute: "2-digit" }, zone).map((part) => [part.type, part.value]));
    const hour = Number(parts.hour);
    return document.documentElement.lang.startsWith("fr") ? `${hour} h ${parts.minute.padStart(2, "0")}` : `${hour}:${parts.minute.padStart(2, "0")}`;
  }

  nameOf(day) {
    const options = { weekday: "short", day: "numeric", timeZone: "UTC" };
    return new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : document.documentElement.lang, options).format(new Date(`${day}T12:00Z`)).replace(",", "");
  }
}

customElements.define("free-slots", FreeSlots);

// The clock of the line: it runs from the dial, and stops when the agent hangs up.

const TICK = 250;

export class Line {
  constructor(words) {
    this.words = words;
    this.timer = null;
    this.reset();
  }

  reset() {
    clearInterval(this.timer);
    this.startedAt = null;
    this.hungUp = null; // seconds, once hung up
    this.draw();
  }

  /** `seconds` have gone since the dial; `hungUp` is where the clock stopped, or null while it runs. */
  start(seconds, hungUp) {
    this.startedAt = performance.now() - Math.max(0, seconds) * 1000;
    this.hungUp = hungUp;
    clearInterval(this.timer);
    this.timer = setInterval(() => this.draw(), TICK);
    this.draw();
  }

  toggle() {
    this.hungUp = this.hungUp === null ? this.seconds() : null;
    this.draw();
  }

  hangUp() {
    this.hungUp = this.seconds();
    this.draw();
  }

  seconds() {
    if (this.startedAt === null) return 0;
    return this.hungUp ?? Math.floor((performance.now() - this.startedAt) / 1000);
  }

  draw() {
    const running = this.startedAt !== null && this.hungUp === null;
    const clock = this.clock();
    const say = this.startedAt === null ? this.words.idle : (running ? this.words.in_call : this.words.hung_up).replace("{time}", clock);
    document.getElementById("line").className = running ? "st go" : "st quiet";
    document.querySelector("#line .dot").className = running ? "dot" : "dot o";
    document.querySelector("#hang-up .dot")?.classList.toggle("o", !running);
    write("line-words", say);
    write("timer", say);
    write("hang-up-words", running ? this.words.hang_up : this.words.resume);
  }

  clock() {
    const seconds = this.seconds();
    return [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
  }
}

function write(id, text) {
  const place = document.getElementById(id);
  if (place && place.textContent !== text) place.textContent = text;
}

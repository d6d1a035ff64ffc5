// What this machine keeps until the server has it: calls on their way, and what is typed on a contact. In IndexedDB,
// which survives a closed tab and a restart of the browser; every tab of the cockpit reads the same.

const NAME = "decroche";
const OUTBOX = "outbox";
const DRAFTS = "drafts";
const OLD_CALL = "decroche.call."; // where the first cockpits kept them, in localStorage
const OLD_DRAFT = "decroche.draft.";
const DRAFT_KEPT_FOR = 2 * 24 * 3600 * 1000;

/** Open what is kept. Where the browser keeps nothing (`lasting` is false), it stands in memory, and the page says so. */
export async function open() {
  try {
    const store = new Store(await database());
    await store.takeOver();
    await store.readDrafts();
    navigator.storage?.persist?.();
    return store;
  } catch {
    return new Memory();
  }
}

function database() {
  const asked = indexedDB.open(NAME, 1);
  asked.onupgradeneeded = () => {
    const outbox = asked.result.createObjectStore(OUTBOX, { keyPath: "seq", autoIncrement: true });
    outbox.createIndex("key", "key", { unique: true });
    asked.result.createObjectStore(DRAFTS, { keyPath: "claim" });
  };
  return answerOf(asked);
}

const answerOf = (asked) =>
  new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = asked.onblocked = () => reject(asked.error);
  });

const doneWith = (work) =>
  new Promise((resolve, reject) => {
    work.oncomplete = () => resolve();
    work.onerror = work.onabort = () => reject(work.error);
  });

class Store {
  lasting = true;
  #drafts = new Map();

  constructor(db) {
    this.db = db;
  }

  /** Every call kept here, by whomever, in the order in which they were saved. */
  entries() {
    return answerOf(this.db.transaction(OUTBOX).objectStore(OUTBOX).getAll());
  }

  /** Resolves once it is on the disk, whatever happens to the tab, the browser or the machine. */
  add(entry) {
    return this.#write(OUTBOX, (outbox) => outbox.add(entry), "strict");
  }

  change(entry) {
    return this.#write(OUTBOX, (outbox) => outbox.put(entry), "strict");
  }

  drop(entry) {
    return this.#write(OUTBOX, (outbox) => outbox.delete(entry.seq));
  }

  draft(claim) {
    return this.#drafts.get(claim) ?? null;
  }

  keepDraft(claim, draft) {
    const kept = { ...draft, claim, at: Date.now() };
    this.#drafts.set(claim, kept);
    return this.#write(DRAFTS, (drafts) => drafts.put(kept));
  }

  dropDraft(claim) {
    this.#drafts.delete(claim);
    return this.#write(DRAFTS, (drafts) => drafts.delete(claim));
  }

  async readDrafts() {
    for (const draft of await answerOf(this.db.transaction(DRAFTS).objectStore(DRAFTS).getAll())) {
      if (Date.now() - draft.at < DRAFT_KEPT_FOR) this.#drafts.set(draft.claim, draft);
      else this.dropDraft(draft.claim); // of a contact that never came back
    }
  }

  /** Once: what a cockpit of before left in localStorage. It is removed there only when it stands here. */
  async takeOver() {
    const left = Object.keys(localStorage).filter((name) => name.startsWith(OLD_CALL) || name.startsWith(OLD_DRAFT));
    if (!left.length) return;
    const old = left.map((name) => [name, JSON.parse(localStorage.getItem(name))]).sort(([, one], [, other]) => one.at - other.at);
    for (const [name, value] of old) {
      if (name.startsWith(OLD_DRAFT)) await this.keepDraft(name.slice(OLD_DRAFT.length), value);
      else await this.add({ ...value, key: value.body.key }).catch(() => {}); // another tab has taken it
      localStorage.removeItem(name);
    }
  }

  #write(name, change, durability = "relaxed") {
    const work = this.db.transaction(name, "readwrite", { durability });
    const done = doneWith(work);
    change(work.objectStore(name));
    work.commit(); // at once: the tab may be closed before the browser would do it
    return done;
  }
}

class Memory {
  lasting = false;
  #entries = [];
  #drafts = new Map();
  #seq = 0;

  entries = async () => [...this.#entries];
  add = async (entry) => void this.#entries.push({ ...entry, seq: ++this.#seq });
  change = async (entry) => void (this.#entries = this.#entries.map((one) => (one.seq === entry.seq ? entry : one)));
  drop = async (entry) => void (this.#entries = this.#entries.filter((one) => one.seq !== entry.seq));
  draft = (claim) => this.#drafts.get(claim) ?? null;
  keepDraft = async (claim, draft) => void this.#drafts.set(claim, { ...draft, claim, at: Date.now() });
  dropDraft = async (claim) => void this.#drafts.delete(claim);
}

// What is typed on a contact, kept on this machine at every keystroke until its call is saved.

const PREFIX = "decroche.draft.";
const KEPT_FOR = 2 * 24 * 3600 * 1000;

export function read(claim) {
  const text = localStorage.getItem(PREFIX + claim);
  return text ? JSON.parse(text) : null;
}

export function write(claim, draft) {
  localStorage.setItem(PREFIX + claim, JSON.stringify({ ...draft, at: Date.now() }));
}

export function clear(claim) {
  localStorage.removeItem(PREFIX + claim);
}

/** Drafts of contacts that never came back. */
export function sweep() {
  for (const name of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
    const { at } = JSON.parse(localStorage.getItem(name));
    if (!(Date.now() - at < KEPT_FOR)) localStorage.removeItem(name);
  }
}

export function fieldsOf(form) {
  return Object.fromEntries(new FormData(form));
}

export function fill(form, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = form.elements.namedItem(name);
    if (!field) continue;
    if (field instanceof RadioNodeList) field.value = value;
    else if (field.type === "checkbox" || field.type === "radio") field.checked = field.value === value;
    else field.value = value;
  }
}

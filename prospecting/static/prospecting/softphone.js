// From the number shown to the telephone: a tel: or sip: link, a copied number, or a phone in hand that needs none.

const CHOICE = "decroche.softphone"; // of this machine, not of the person: each desk has its own telephone

// Until somebody chooses, a device with a telephone in it dials; a browser elsewhere would ask at each dial, and take
// the keys away while it asks: there the page asks once.
export const way = () => localStorage.getItem(CHOICE) ?? (matchMedia("(pointer: coarse)").matches ? "tel" : "");
export const chooseWay = (chosen) => localStorage.setItem(CHOICE, chosen);

const grouped = (phone) => (/^\+33\d{9}$/.test(phone) ? `0${phone.slice(3)}`.replace(/(\d\d)(?=\d)/g, "$1\u00a0") : phone);

/** Show the number just revealed, E.164. */
export function reveal(phone) {
  const link = document.getElementById("tel");
  link.dataset.phone = phone;
  link.textContent = grouped(phone);
  point();
}

/** The link follows the way chosen; without one it is only a number. */
export function point() {
  const link = document.getElementById("tel");
  const select = document.getElementById("softphone");
  if (select) select.value = way();
  select?.classList.toggle("unchosen", way() === "");
  if (!link?.dataset.phone) return;
  link.href = `${way() === "sip" ? "sip" : "tel"}:${link.dataset.phone}`;
}

/** Hand the number over in the way chosen. Resolves to true when it was copied. */
export async function hand() {
  if (way() === "copy") return copy();
  if (way() === "tel" || way() === "sip") document.getElementById("tel").click();
  return false;
}

/** The same when it is asked for: a link if nothing was chosen. */
export async function handAgain() {
  if (way() !== "") return hand();
  document.getElementById("tel").click();
  return false;
}

export async function copy() {
  const { phone } = document.getElementById("tel").dataset;
  if (navigator.clipboard) return navigator.clipboard.writeText(phone).then(() => true, () => false);
  const place = Object.assign(document.createElement("textarea"), { value: phone }); // a page served plainly has no clipboard
  document.body.append(place);
  place.select();
  const copied = document.execCommand("copy");
  place.remove();
  return copied;
}

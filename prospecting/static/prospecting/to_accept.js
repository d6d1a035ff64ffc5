// The queue of what is to be accepted, from the keyboard: A accepts, C contests, J and K go on and back.

const click = (id) => document.getElementById(id)?.click();
const KEYS = { a: "accept", c: "contest-button", j: "after", k: "before" };

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select, [popover]:popover-open");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !(event.key.toLowerCase() in KEYS)) return;
  event.preventDefault();
  click(KEYS[event.key.toLowerCase()]);
});

document.getElementById("all")?.addEventListener("change", (event) => {
  for (const box of document.querySelectorAll('input[type=checkbox][name="one"]')) box.checked = event.target.checked;
});

document.querySelector("#contest[data-open]")?.showPopover();

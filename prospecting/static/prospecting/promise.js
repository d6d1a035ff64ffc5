// The promise at the foot of the cockpit turns amber five minutes before its hour, whatever one is doing meanwhile.

const SOON = 5 * 60_000;

const look = () => {
  const promise = document.querySelector("#promise [data-due]");
  if (!promise) return;
  const near = Date.parse(promise.dataset.due) - Date.now() < SOON;
  promise.parentElement.classList.toggle("soon", near);
};

look();
setInterval(look, 5_000);

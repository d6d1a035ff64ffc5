// The way to the server: every request of the cockpit, with its token and its patience.

const PATIENCE = 15_000;

export function headers() {
  const csrf = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
  return { "X-CSRFToken": csrf, Accept: "application/json" };
}

/** {status, body}; throws when the server was not reached. */
export async function post(url, data, { keepalive = false } = {}) {
  const sent = { method: "POST", headers: { ...headers(), "Content-Type": "application/json" }, body: JSON.stringify(data ?? {}) };
  const answer = await fetch(url, { ...sent, keepalive, signal: AbortSignal.timeout(PATIENCE) });
  return { status: answer.status, body: await answer.json().catch(() => ({})) };
}

/** {status, text}: a part of the page; a sign-in page instead of it reads as status 401. Throws when not reached. */
export async function draw(url, method = "GET") {
  const answer = await fetch(url, { method, headers: headers(), signal: AbortSignal.timeout(PATIENCE) });
  return { status: answer.redirected ? 401 : answer.status, text: await answer.text() };
}

/** Put the parts of an answer in the places of those with the same ids. An open panel stays open. */
export function place(html) {
  for (const part of new DOMParser().parseFromString(html, "text/html").body.querySelectorAll(":scope > [id]")) {
    const old = document.getElementById(part.id);
    if (!old?.matches(":popover-open")) old?.replaceWith(part);
    else {
      old.replaceChildren(...part.childNodes);
      Object.assign(old.dataset, part.dataset);
    }
  }
}

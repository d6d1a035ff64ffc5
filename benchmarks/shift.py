"""The wait of a telemarketer: from the key that saves a call to the next contact painted, in a real Chromium.

Beside it, in the same page: the smallest question the server answers (/healthz), and the next contact drawn again.
"""

import os
import shutil
from typing import Any

from django.core.management import call_command
from playwright.sync_api import Page, sync_playwright

from benchmarks import servers
from benchmarks.load import HOST
from benchmarks.tables import table
from benchmarks.world import Agent, House
from config import clock

GOAL = 100.0  # ms, no wait above it
FIRST = 3  # calls that only warm the browser and the server
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SCRIPT = [
    {
        "kind": "who",
        "text": "Bonjour {contact}, {agent}, je vous appelle pour {entreprise}. C’est un appel commercial.",
    },
    {
        "kind": "questions",
        "text": "Deux questions.",
        "questions": [{"key": "n", "label": "Couverts", "required": True}],
    },
    {"kind": "objections", "answers": [{"label": "Trop cher", "text": "Goûter n’engage à rien."}]},
]

# From the last key to the frame after the one in which another claim stands on the desk.
WATCH = """() => {
  let pressed = 0;
  window.waits = [];
  addEventListener("keydown", () => { pressed = performance.now(); }, true);
  let claim = document.getElementById("main").dataset.claim;
  new MutationObserver(() => {
    const now = document.getElementById("main").dataset.claim;
    if (now === claim) return;
    claim = now;
    const from = pressed;
    requestAnimationFrame(() => { const part = new MessageChannel();
      part.port1.onmessage = () => window.waits.push(performance.now() - from); part.port2.postMessage(0); });
  }).observe(document.getElementById("app"), { childList: true, subtree: true });
}"""
ASK = """async ([url, times]) => {
  const took = [];
  for (let n = 0; n < times; n++) {
    const from = performance.now();
    await (await fetch(url, { cache: "no-store" })).text();
    took.push(performance.now() - from);
  }
  return took;
}"""


def measure(*, small: bool) -> bool:
    calls = 12 if small else 120
    house = House(at=clock.now())
    house.mission.script = SCRIPT
    house.mission.save(update_fields=["script"])
    house.add_contacts(2_000 if small else 20_000)
    agent = house.add_agents(1)[0]
    call_command("collectstatic", interactive=False, verbosity=0)  # under their hashed names, as in production
    with servers.product("web", "worker", "beat") as port, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = _cockpit(chromium, port, agent)
        waits = _shift(page, calls)
        parts = page.locator("#app").get_attribute("data-parts")
        asked = {
            name: page.evaluate(ASK, [url, calls]) for name, url in (("/healthz", "/healthz"), ("drawn again", parts))
        }
        chromium.close()
    rows = [_row("save → next contact painted", waits)]
    rows += [_row(f"same browser: {name}", times) for name, times in asked.items()]
    table(["", "times", "p50 ms", "p95 ms", "longest ms", f"over {GOAL:.0f} ms"], rows)
    return len(waits) == calls


def _cockpit(chromium: Any, port: int, agent: Agent) -> Page:
    base = f"http://{HOST}:{port}"
    context = chromium.new_context(base_url=base, locale="fr", viewport={"width": 1366, "height": 768})
    pairs = [pair.split("=", 1) for pair in agent.cookies["Cookie"].split("; ")]
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in pairs])
    page: Page = context.new_page()
    page.goto(f"/appeler/{agent.engagement.public_id}/")
    page.wait_for_selector("#app[data-ready]")
    return page


def _shift(page: Page, calls: int) -> list[float]:
    """Every call in two keys: the dial, and the digit that saves it."""
    page.wait_for_selector("#main[data-state=before]")
    page.evaluate(WATCH)
    for _call in range(calls + FIRST):
        page.wait_for_selector("#main[data-state=before]")
        claim = page.locator("#main").get_attribute("data-claim")
        page.keyboard.press("a")
        page.wait_for_selector("#main[data-state=call]")
        page.keyboard.press("1")
        page.wait_for_selector(f'#main:not([data-claim="{claim}"])')
    page.wait_for_timeout(200)
    waits: list[float] = page.evaluate("window.waits")
    return waits[FIRST:]


def _row(name: str, times: list[float]) -> list[object]:
    ordered = sorted(times)
    middle, high = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
    return [name, len(times), middle, high, ordered[-1], sum(time > GOAL for time in times)]

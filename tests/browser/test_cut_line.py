"""Nothing typed is lost: through a cut line, a lost answer, a reload, a closed tab, a contact given back."""

import json
import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser.cockpit import dial, figures, in_state, keys_answer, open_cockpit, save, sign_in

MISSION = "receptions-2027"


@pytest.fixture
def cut_line(browser: Browser, house: str) -> BrowserContext:
    """A window that may lose its connection: what the browser then logs is no fault of the page."""
    context = browser.new_context(base_url=house, locale="fr", viewport={"width": 1366, "height": 768})
    yield context
    context.close()


KEPT = """async () => {
  const answer = (asked) => new Promise((done) => { asked.onsuccess = () => done(asked.result) });
  const db = await answer(indexedDB.open("decroche"));
  const rows = await answer(db.transaction("outbox").objectStore("outbox").getAll());
  return rows.map((row) => row.body.note);
}"""


def test_an_outcome_given_offline_waits_and_is_sent_once(
    cut_line: BrowserContext, shoot: Callable[[Page, str], None]
) -> None:
    page = cut_line.new_page()
    sign_in(page, "bob")
    open_cockpit(page)
    dials = figures(page)[0]
    dial(page)
    page.keyboard.press("n")
    page.keyboard.type("dit pendant la coupure")
    page.keyboard.press("Escape")
    cut_line.set_offline(True)
    page.keyboard.press("1")
    expect(page.locator("#net")).to_contain_text("1 appel gardé ici")
    expect(page.locator(".kept")).to_be_visible()
    assert page.evaluate(KEPT) == ["dit pendant la coupure"]
    page.locator("#net").click()
    expect(page.locator("#kept")).to_contain_text("dit pendant la coupure")
    shoot(page, "cockpit-offline")
    cut_line.set_offline(False)
    in_state(page, "before")
    expect(page.locator("#net")).to_contain_text("0 appel en attente")
    assert figures(page)[0] == dials + 1
    assert page.evaluate(KEPT) == []


def test_what_is_typed_survives_a_reload(cut_line: BrowserContext) -> None:
    page = cut_line.new_page()
    sign_in(page, "bob")
    open_cockpit(page)
    dial(page)
    page.keyboard.press("n")
    page.keyboard.type("à moitié tapé")
    page.reload()
    keys_answer(page)
    in_state(page, "call")
    expect(page.locator("#note")).to_have_value("à moitié tapé")
    save(page, "1")


def test_what_a_former_cockpit_kept_elsewhere_is_taken_over_and_sent(cut_line: BrowserContext) -> None:
    page = cut_line.new_page()
    sign_in(page, "bob")
    open_cockpit(page)
    dial(page)
    address = page.url
    claim, app = page.locator("#main").get_attribute("data-claim"), page.locator("#app")
    engagement, key = app.get_attribute("data-engagement"), str(uuid4())
    body = {"engagement": engagement, "claim": claim, "key": key, "outcome": "NRP", "note": "d’avant", "seconds": 4}
    page.goto("/rappels/")
    kept = json.dumps({"label": "ne répond pas", "name": "Mairie", "at": 1, "body": body})
    page.evaluate("([name, kept]) => localStorage.setItem(name, kept)", [f"decroche.call.{engagement}.{key}", kept])
    page.goto(address)
    expect(page.locator("#last")).to_contain_text("Mairie, ne répond pas", timeout=15_000)
    in_state(page, "before")
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('decroche.call'))") == []


def test_twenty_calls_through_a_cut_line_a_lost_answer_and_a_closed_tab(
    cut_line: BrowserContext, visit: Callable[..., Page]
) -> None:
    """R2: each outcome once, in the order in which they were given."""
    page = cut_line.new_page()
    sign_in(page, "bob")
    open_cockpit(page)
    dials = figures(page)[0]
    for call in range(20):
        dial(page)
        page.keyboard.press("n")
        page.keyboard.type(f"appel {call}")
        page.keyboard.press("Escape")
        if call == 5:  # the server has saved it, and the answer never arrives
            page.route("**/enregistrer/", lambda route: (route.fetch(), route.abort()), times=1)
        if call == 10:
            page = cut_and_reopen(cut_line, page)
        else:
            save(page, "1")
    assert figures(page)[0] == dials + 20
    alice = visit()
    sign_in(alice, "alice")
    listed = alice.evaluate(f"fetch('/api/v1/missions/{MISSION}/calls/').then(r => r.json())")["results"]
    notes = [call["note"] for call in listed if re.fullmatch(r"appel \d+", call["note"])]
    assert list(reversed(notes)) == [f"appel {call}" for call in range(20)]


def cut_and_reopen(context: BrowserContext, page: Page) -> Page:
    """The line is cut as the outcome is given, the tab closed, opened again in vain, then with the line back."""
    address = page.url
    context.set_offline(True)
    page.keyboard.press("1")
    expect(page.locator("#net")).to_contain_text("1 appel gardé ici")
    page.close()
    again = context.new_page()
    with pytest.raises(Error, match="ERR_INTERNET_DISCONNECTED"):
        again.goto(address)
    context.set_offline(False)
    again.goto(address)
    expect(again.locator("#last")).to_contain_text("enregistré", timeout=15_000)
    in_state(again, "before")
    return again


def test_a_contact_no_longer_in_hand_says_so_and_leads_to_the_next(cut_line: BrowserContext) -> None:
    page = cut_line.new_page()
    sign_in(page, "bob")
    open_cockpit(page)
    claim = page.locator("#main").get_attribute("data-claim") or ""
    release = page.locator("#main").get_attribute("data-release")
    csrf = "document.cookie.match(/csrftoken=([^;]+)/)[1]"
    page.evaluate(f"url => fetch(url, {{method: 'POST', headers: {{'X-CSRFToken': {csrf}}}}})", release)
    page.keyboard.press("a")
    expect(page.locator("#dial-refused")).to_contain_text("n’est plus dans vos mains")
    page.keyboard.press("Enter")
    in_state(page, "before")
    expect(page.locator("#main")).not_to_have_attribute("data-claim", claim)

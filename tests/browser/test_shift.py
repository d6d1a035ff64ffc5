"""A telemarketer's shift, by keyboard only, and through a connection that fails."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from marketplace.demo import PASSWORD

MISSION = "receptions-2027"
OUTCOME = "const outcome = await import('/static/prospecting/outcome.js')"


def sign_in(page: Page, name: str) -> None:
    page.goto("/compte/login/")
    page.fill('input[name="login"]', f"{name}@decroche.example")
    page.fill('input[name="password"]', PASSWORD)
    page.press('input[name="password"]', "Enter")
    page.wait_for_url("**/")


def open_cockpit(page: Page) -> None:
    page.goto("/")
    page.get_by_role("row", name=re.compile("Réceptions 2027")).get_by_role("link", name="Appeler").press("Enter")
    keys_answer(page)
    in_state(page, "before")


def keys_answer(page: Page) -> None:
    expect(page.locator("#app")).to_have_attribute("data-ready", "", timeout=15_000)


def in_state(page: Page, state: str) -> None:
    expect(page.locator("#main")).to_have_attribute("data-state", state, timeout=15_000)


def dial(page: Page) -> str:
    """Dials by key and returns the number now shown."""
    expect(page.locator(".tel")).to_contain_text("••")
    page.keyboard.press("a")
    in_state(page, "call")
    return page.locator("#tel").inner_text()


def save(page: Page) -> None:
    """Saves by key; the next contact is there, and it is another one."""
    before = page.locator("#main").get_attribute("data-claim") or ""
    page.keyboard.press("Enter")
    expect(page.locator("#main")).not_to_have_attribute("data-claim", before, timeout=15_000)
    expect(page.locator("#last")).to_contain_text("enregistré")
    in_state(page, "before")


def figures(page: Page) -> list[int]:
    """Dials, reached and appointments of the day, as the header prints them."""
    return [int(re.sub(r"\D", "", text)) for text in page.locator("#day dd").all_inner_texts()[:3]]


def test_a_shift_is_played_by_keyboard_only(visit: Callable[..., Page], shoot: Callable[[Page, str], None]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    dials, reached, appointments = figures(page)
    shoot(page, "cockpit-before")

    assert re.fullmatch(r"0\d(\s\d\d){4}", dial(page))  # masked until now
    page.keyboard.press("1")
    save(page)

    dial(page)
    page.keyboard.press("3")
    page.keyboard.press("3")  # the second time: a message was left
    page.keyboard.press("n")
    page.keyboard.type("Message laissé à l’accueil")
    save(page)

    dial(page)
    page.keyboard.press("6")
    page.keyboard.press("ArrowRight")  # the first moment offered
    shoot(page, "cockpit-callback")
    save(page)
    expect(page.locator("#promise")).to_contain_text("Vous rappelez")

    dial(page)
    page.keyboard.press("7")
    page.keyboard.press("Enter")
    expect(page.locator("#wrong")).to_have_text("Il manque\u202f: motif du refus.")
    page.keyboard.type("trop cher")
    save(page)

    dial(page)
    page.keyboard.press("9")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("9h30")
    page.keyboard.press("Enter")
    expect(page.locator("#wrong")).to_contain_text("couverts par réception")
    page.keyboard.type("120")
    page.keyboard.press("Tab")
    page.keyboard.type("15/01")
    shoot(page, "cockpit-appointment")
    save(page)

    assert figures(page) == [dials + 5, reached + 3, appointments + 1]
    shoot(page, "cockpit-after")


def test_what_was_saved_can_be_undone_for_ten_seconds(visit: Callable[..., Page]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    number = dial(page)
    page.keyboard.press("8")
    page.keyboard.press("n")
    page.keyboard.type("se trompe de touche")
    save(page)
    page.keyboard.press("Control+z")
    in_state(page, "call")
    assert page.locator("#tel").inner_text() == number
    expect(page.locator("#note")).to_have_value("se trompe de touche")
    page.keyboard.press("1")
    save(page)


def test_two_tabs_show_one_contact(visit: Callable[..., Page]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    other = page.context.new_page()
    other.goto(page.url)
    keys_answer(other)
    in_state(other, "before")
    assert other.locator("#main").get_attribute("data-claim") == page.locator("#main").get_attribute("data-claim")


def test_the_keys_and_the_queue_explain_themselves(visit: Callable[..., Page]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Toutes les touches")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.locator("#queue")).to_contain_text("à appeler maintenant")
    page.keyboard.press("f")
    expect(page.locator("#queue")).to_be_hidden()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_one_screen_without_scrolling(visit: Callable[..., Page], width: int, height: int) -> None:
    page = visit(width=width, height=height)
    sign_in(page, "bob")
    open_cockpit(page)
    over = "[...document.querySelectorAll('html, .who1, .outcome')].filter(e => e.scrollHeight > e.clientHeight)"
    assert page.evaluate(f"{over}.map(e => e.className)") == []  # only a very long script scrolls, in its own column


def test_on_a_phone_nothing_stands_out_sideways(visit: Callable[..., Page], shoot: Callable[[Page, str], None]) -> None:
    page = visit(width=360, height=740)
    sign_in(page, "bob")
    open_cockpit(page)
    shoot(page, "cockpit-360")
    assert page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.fixture
def cut_line(browser: Browser, house: str) -> BrowserContext:
    """A window that may lose its connection: what the browser then logs is no fault of the page."""
    context = browser.new_context(base_url=house, locale="fr", viewport={"width": 1366, "height": 768})
    yield context
    context.close()


def test_an_outcome_given_offline_waits_and_is_sent_once(
    cut_line: BrowserContext, shoot: Callable[[Page, str], None]
) -> None:
    page = cut_line.new_page()
    sign_in(page, "bob")
    open_cockpit(page)
    dials = figures(page)[0]
    dial(page)
    page.keyboard.press("1")
    page.keyboard.press("n")
    page.keyboard.type("dit pendant la coupure")
    cut_line.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator("#net")).to_contain_text("1 appel gardé ici")
    expect(page.locator(".kept")).to_be_visible()
    shoot(page, "cockpit-offline")
    cut_line.set_offline(False)
    in_state(page, "before")
    expect(page.locator("#net")).to_contain_text("0 appel en attente")
    assert figures(page)[0] == dials + 1
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('decroche.call'))") == []


def test_what_is_typed_survives_a_reload_and_a_call_kept_is_sent_by_the_next_page(cut_line: BrowserContext) -> None:
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
    page.keyboard.press("4")
    page.route("**/api/v1/calls/", lambda route: route.abort())
    page.keyboard.press("Enter")
    expect(page.locator("#net")).to_contain_text("1 appel gardé ici")
    page.close()
    page = cut_line.new_page()
    page.goto("/")
    page.get_by_role("row", name=re.compile("Réceptions 2027")).get_by_role("link", name="Appeler").press("Enter")
    expect(page.locator("#last")).to_contain_text("enregistré", timeout=15_000)
    in_state(page, "before")


def test_hours_are_said_on_the_contacts_own_clock(visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto("/compte/login/")
    said = [
        ["2026-12-03", "09:30", "Europe/Paris"],
        ["2026-12-03", "09:30", "Indian/Reunion"],
        ["2026-12-03", "09:30", "America/Martinique"],
        ["2027-03-28", "14:00", "Europe/Paris"],  # the day on which the clocks go forward
        ["2027-10-31", "09:00", "Europe/Paris"],  # and back
    ]
    assert page.evaluate(f"async said => {{ {OUTCOME}; return said.map(one => outcome.instant(...one)) }}", said) == [
        "2026-12-03T08:30:00.000Z",
        "2026-12-03T05:30:00.000Z",
        "2026-12-03T13:30:00.000Z",
        "2027-03-28T12:00:00.000Z",
        "2027-10-31T08:00:00.000Z",
    ]


def test_an_hour_may_be_typed_as_one_writes_it(visit: Callable[..., Page]) -> None:
    page = visit()
    page.goto("/compte/login/")
    typed = ["9", "9h", "9h30", "9 h 30", "09:30", "930", "1430", "24:00", "9:75", "midi", ""]
    assert page.evaluate(f"async typed => {{ {OUTCOME}; return typed.map(outcome.hourOf) }}", typed) == [
        "09:00", "09:00", "09:30", "09:30", "09:30", "09:30", "14:30", None, None, None, None
    ]  # fmt: skip


def test_a_contact_no_longer_in_hand_says_so_and_leads_to_the_next(cut_line: BrowserContext) -> None:
    page = cut_line.new_page()
    sign_in(page, "bob")
    open_cockpit(page)
    other = cut_line.new_page()
    other.goto(page.url)
    keys_answer(other)
    dial(other)
    other.keyboard.press("1")
    save(other)
    page.keyboard.press("a")
    expect(page.locator("#dial-refused")).to_contain_text("n’est plus dans vos mains")
    page.keyboard.press("Enter")
    in_state(page, "before")
    assert page.locator("#main").get_attribute("data-claim") == other.locator("#main").get_attribute("data-claim")


def test_the_business_sees_the_appointments_at_once(
    visit: Callable[..., Page], shoot: Callable[[Page, str], None]
) -> None:
    page = visit()
    sign_in(page, "alice")
    page.goto(f"/missions/{MISSION}/rendez-vous/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Réceptions 2027")
    expect(page.locator("main")).to_contain_text("Semaine du 23 nov. 2026")
    shoot(page, "appointments")

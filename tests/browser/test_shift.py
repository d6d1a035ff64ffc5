"""A telemarketer's shift, by keyboard only."""

import re
from collections.abc import Callable
from statistics import median

from playwright.sync_api import Page, expect

from tests.browser.cockpit import dial, figures, in_state, keys_answer, nobody_answers, open_cockpit, save, sign_in

MISSION = "receptions-2027"
OUTCOME = "const outcome = await import('/static/prospecting/outcome.js')"


# Thirty calls as they come: the keys of each after the dial, and what is typed in a field. The last key saves.
UNANSWERED = [["1"], ["1"], ["2"], ["3", "1"], ["1"], ["3", "2"], ["1"], ["4", "1"], ["1"], ["2"]]
REACHED = [["6", "5", "Enter"], ["7", "6", "Enter"], ["8", "2", "Enter"], ["7", "2", "Enter"], ["5", "Enter"]]
SHIFT = [*UNANSWERED, *REACHED, *UNANSWERED, ["n", "+message laissé à l’accueil", "Escape", "3", "2"], *REACHED[:4]]


def play(page: Page, keys: list[str]) -> int:
    """One call by keyboard; returns the keys pressed, what is typed in a field apart."""
    for key in keys[:-1]:
        if key.startswith("+"):
            page.keyboard.type(key[1:])
        else:
            page.keyboard.press(key)
    save(page, keys[-1])
    return sum(not key.startswith("+") for key in keys)


def test_thirty_calls_are_played_by_keyboard_only(visit: Callable[..., Page]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    dials, reached, appointments = figures(page)
    pressed: list[int] = []
    for keys in SHIFT:
        dial(page)
        pressed.append(1 + play(page, keys))
    unanswered = [count for count, keys in zip(pressed, SHIFT, strict=True) if keys in UNANSWERED]
    assert len(pressed) == 30
    assert (median(unanswered), max(unanswered)) == (2, 3)
    assert figures(page) == [dials + 30, reached + sum(keys[0] in ("6", "7") for keys in SHIFT), appointments]


def test_a_shift_with_every_kind_of_outcome(visit: Callable[..., Page], shoot: Callable[[Page, str], None]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    dials, reached, appointments = figures(page)
    shoot(page, "cockpit-before")

    assert re.fullmatch(r"0\d(\s\d\d){4}", dial(page))  # masked until now
    save(page, "1")

    dial(page)
    page.keyboard.press("6")
    shoot(page, "cockpit-callback")
    page.keyboard.press("ArrowRight")  # the first moment offered
    save(page)
    expect(page.locator("#promise")).to_contain_text("Vous rappelez")

    dial(page)
    page.keyboard.press("7")
    page.keyboard.press("Enter")
    expect(page.locator("#wrong")).to_have_text("Il manque\u202f: motif du refus.")
    page.keyboard.type("leur cantine est neuve")
    save(page)

    dial(page)
    page.keyboard.press("9")
    page.keyboard.press("4")  # the second day that has free slots; then its second free hour
    expect(page.locator("[data-times]")).to_be_visible()
    page.keyboard.press("2")
    expect(page.locator("[name=hour]")).not_to_have_value("")
    page.keyboard.press("Enter")
    expect(page.locator("#wrong")).to_contain_text("couverts par réception")
    page.keyboard.type("120")
    page.keyboard.press("Tab")
    page.keyboard.type("15/01")
    page.keyboard.press("Escape")
    for _criterion in range(3):
        page.keyboard.press("k")
        page.keyboard.press("Space")
    shoot(page, "cockpit-appointment")
    page.keyboard.press("Enter")
    expect(page.locator("#wrong")).to_contain_text("1 critère non rempli")  # the fourth: the business may contest
    save(page)

    assert figures(page) == [dials + 4, reached + 3, appointments + 1]
    shoot(page, "cockpit-after")


def test_every_choice_that_an_outcome_opens_bears_a_digit(visit: Callable[..., Page]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    dial(page)
    page.keyboard.press("7")
    chosen = page.locator("input[name=outcome]:checked")
    assert page.locator("#result [data-pick]").evaluate_all("all => all.map(one => one.dataset.pick)") == list(
        "12345678"
    )
    page.keyboard.press("3")
    expect(chosen).to_have_value("PROJ")
    page.keyboard.press("Escape")  # out of the date that it asks
    page.keyboard.press("Escape")  # and out of the layer: the digits are the outcomes again
    page.keyboard.press("8")
    expect(chosen).to_have_value("HC")
    page.keyboard.press("0")  # never call again: in one key, wherever one is
    expect(chosen).to_have_value("OPP")
    page.keyboard.press("Escape")
    save(page, "1")


def test_an_hour_typed_beside_its_field_changes_no_outcome(visit: Callable[..., Page]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    dial(page)
    page.keyboard.press("9")
    page.keyboard.press("4")
    expect(page.locator("[data-times]")).to_be_visible()
    page.keyboard.type("0")
    expect(page.locator("input[name=outcome]:checked")).to_have_value("RDV")
    for _step in range(2):  # out of the hours, out of the days
        page.keyboard.press("Escape")
    save(page, "1")


def test_what_was_saved_can_be_undone_for_ten_seconds(visit: Callable[..., Page]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    number = dial(page)
    page.keyboard.press("n")
    page.keyboard.type("se trompe de touche")
    page.keyboard.press("Escape")
    page.keyboard.press("8")
    save(page)
    page.keyboard.press("Control+z")
    in_state(page, "call")
    assert page.locator("#tel").inner_text() == number
    expect(page.locator("#note")).to_have_value("se trompe de touche")
    page.keyboard.press("Escape")
    save(page, "1")


def test_two_tabs_show_one_contact_and_go_on_together(visit: Callable[..., Page]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    other = page.context.new_page()
    other.goto(page.url)
    keys_answer(other)
    in_state(other, "before")
    first = page.locator("#main").get_attribute("data-claim") or ""
    expect(other.locator("#main")).to_have_attribute("data-claim", first)
    nobody_answers(page)
    second = page.locator("#main").get_attribute("data-claim") or ""
    expect(other.locator("#main")).to_have_attribute("data-claim", second)
    nobody_answers(other)
    third = other.locator("#main").get_attribute("data-claim") or ""
    expect(page.locator("#main")).to_have_attribute("data-claim", third)
    assert len({first, second, third}) == 3
    other.close()  # the other still looks at it: nothing is given back
    expect(page.locator("#main")).to_have_attribute("data-claim", third)


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


def test_each_person_has_their_own_keys(visit: Callable[..., Page], shoot: Callable[[Page, str], None]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    page.keyboard.press("?")
    page.get_by_role("link", name="Changer mes touches").click()
    page.get_by_label("Appeler\u202f; en ligne, raccrocher").fill("L")
    shoot(page, "keys")
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    keys_answer(page)
    in_state(page, "before")
    page.keyboard.press("a")
    expect(page.locator("#dial kbd")).to_have_text("L")
    in_state(page, "before")
    page.keyboard.press("l")
    in_state(page, "call")
    save(page, "1")
    page.goto("/touches/")
    page.get_by_role("button", name="Revenir aux touches d’origine").click()


def test_a_contact_is_passed_with_a_reason(visit: Callable[..., Page]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    claim = page.locator("#main").get_attribute("data-claim") or ""
    page.keyboard.press("s")
    page.keyboard.press("2")
    expect(page.locator("#main")).not_to_have_attribute("data-claim", claim)
    in_state(page, "before")


def test_a_person_who_calls_back_is_found_by_the_number(visit: Callable[..., Page]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    name, number = page.locator(".who1 h1").inner_text(), dial(page)
    save(page, "1")
    page.keyboard.press("i")
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    in_state(page, "call")
    expect(page.locator(".who1 h1")).to_have_text(name)
    page.keyboard.press("8")
    save(page)


def test_a_call_made_on_ones_own_phone_is_noted(visit: Callable[..., Page]) -> None:
    page = visit()
    sign_in(page, "bob")
    open_cockpit(page)
    dials = figures(page)[0]
    page.keyboard.press("m")
    page.keyboard.type("01 99 00 77 31")
    page.get_by_label("Entreprise").fill("Garage Morvan")
    page.get_by_label("D’où vient ce numéro").fill("carte laissée au salon")
    page.get_by_label("noter un appel déjà passé").check()
    page.get_by_label("Durée, en minutes").fill("3")
    page.keyboard.press("Enter")
    in_state(page, "call")
    expect(page.locator(".who1 h1")).to_have_text("Garage Morvan")
    expect(page.locator("#timer")).to_contain_text("00:03:00")
    save(page, "1")
    assert figures(page)[0] == dials + 1


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


def test_the_business_sees_the_appointments_at_once(
    visit: Callable[..., Page], shoot: Callable[[Page, str], None]
) -> None:
    page = visit()
    sign_in(page, "alice")
    page.goto(f"/missions/{MISSION}/rendez-vous/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Réceptions 2027")
    expect(page.locator("main")).to_contain_text("Semaine du 23 nov. 2026")
    shoot(page, "appointments")

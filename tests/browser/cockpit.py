"""What the tests of the cockpit do with it, by keyboard."""

import re

from playwright.sync_api import Page, expect

from marketplace.demo import PASSWORD


def sign_in(page: Page, name: str) -> None:
    page.goto("/compte/login/")
    page.fill('input[name="login"]', f"{name}@decroche.example")
    page.fill('input[name="password"]', PASSWORD)
    page.press('input[name="password"]', "Enter")
    page.wait_for_url("**/")


def open_cockpit(page: Page) -> None:
    page.goto("/")
    page.get_by_role("row", name=re.compile("Réceptions 2027")).get_by_role(
        "link", name=re.compile("Appeler|Call")
    ).press("Enter")
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


def save(page: Page, key: str = "Enter") -> None:
    """Saves by key; the next contact is there, and it is another one."""
    before = page.locator("#main").get_attribute("data-claim") or ""
    page.keyboard.press(key)
    expect(page.locator("#main")).not_to_have_attribute("data-claim", before, timeout=15_000)
    expect(page.locator("#last")).to_contain_text("enregistré")
    in_state(page, "before")


def nobody_answers(page: Page) -> None:
    """The whole call in two keys: the dial, and the digit that also saves."""
    dial(page)
    save(page, "1")


def figures(page: Page) -> list[int]:
    """Dials, reached and appointments of the day, as the header prints them."""
    return [int(re.sub(r"\D", "", text)) for text in page.locator("#day dd").all_inner_texts()[:3]]

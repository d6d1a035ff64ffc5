"""The cockpit as it looks: one screen on a laptop in both languages and themes, one part at a time on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.cockpit import in_state, open_cockpit, sign_in
from tests.browser.test_look import serious


@pytest.mark.parametrize(
    ("language", "scheme", "width", "height"),
    [
        ("fr", "light", 1366, 768),
        ("fr", "dark", 1366, 768),
        ("en", "light", 1366, 768),
        ("en", "dark", 1366, 768),
        ("fr", "light", 1920, 1080),
    ],
)
def test_one_screen_without_scrolling(
    visit: Callable[..., Page],
    shoot: Callable[[Page, str], None],
    language: str,
    scheme: str,
    width: int,
    height: int,
) -> None:
    page = visit(language=language, scheme=scheme, width=width, height=height)
    sign_in(page, "bob")
    page.context.add_cookies([{"name": "django_language", "value": language, "url": page.url}])
    open_cockpit(page)
    expect(page.locator("html")).to_have_attribute("lang", language)
    over = "[...document.querySelectorAll('html, .who1, .outcome')].filter(e => e.scrollHeight > e.clientHeight)"

    def fits() -> None:
        assert (
            page.evaluate(f"{over}.map(e => e.className)") == []
        )  # only a very long script scrolls, in its own column
        assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    fits()
    assert serious(page) == []
    page.keyboard.press("a")
    in_state(page, "call")
    for key in ("6", "7", "9"):
        page.keyboard.press(key)
        fits()
        shoot(page, f"cockpit-{language}-{scheme}-{width}-{key}")
        page.keyboard.press("Escape")
        page.keyboard.press("Escape")
    page.keyboard.press("9")
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    in_state(page, "before")


def test_on_a_phone_nothing_stands_out_sideways(visit: Callable[..., Page], shoot: Callable[[Page, str], None]) -> None:
    page = visit(width=360, height=740)
    sign_in(page, "bob")
    open_cockpit(page)
    shoot(page, "cockpit-360")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator("#dial").click()
    in_state(page, "call")
    page.get_by_role("button", name="Résultat").click()
    shoot(page, "cockpit-360-outcome")
    last = page.locator('[data-digit="0"]').bounding_box()
    assert last is not None and last["y"] + last["height"] < 740  # every outcome on one screen
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert serious(page) == []
    page.locator('[data-digit="1"]').click()
    page.locator("#save").click()
    in_state(page, "before")

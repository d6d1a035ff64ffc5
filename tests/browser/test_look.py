"""Every page, in French by day on a laptop and in English by night on a phone: axe finds nothing serious, nothing
overflows, nothing comes from elsewhere, and the first page weighs less than 100 KB."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response

from marketplace.demo import PASSWORD

AXE = (Path(__file__).parent / "vendor" / "axe" / "axe.min.js").read_text(encoding="utf-8")
MISSION = "/missions/receptions-2027/"
PAGES = {
    "": ["/compte/login/", "/compte/signup/", "/compte/password/reset/"],
    "alice": [
        "/",
        "/missions/",
        "/missions/nouvelle/",
        MISSION,
        MISSION + "script/",
        MISSION + "teleprospecteurs/",
        MISSION + "resultats/",
        MISSION + "rendez-vous/",
        MISSION + "fichiers/",
        "/rendez-vous/",
        "/rendez-vous/a-accepter/",
        MISSION + "rappels/",
        "/equipe/",
        "/fichiers/",
        "/moi/",
        "/compte/2fa/",
    ],
    "bob": ["/", "/missions/", "/missions/assurance-de-flottes/", "/rappels/", "/gains/", "/profil/"],
    "odile": ["/", "/contestations/"],
}
DRESSES = [("fr", 1366, "light"), ("en", 360, "dark")]


def come_in(page: Page, name: str) -> None:
    page.goto("/compte/login/")
    page.fill("#id_login", f"{name}@decroche.example")
    page.fill("#id_password", PASSWORD)
    page.press("#id_password", "Enter")
    page.wait_for_url("**/")


def serious(page: Page) -> list[str]:
    found = page.evaluate(AXE + "; axe.run()")["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found if one["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize(("language", "width", "scheme"), DRESSES)
@pytest.mark.parametrize("name", PAGES)
def test_pages_read_well(
    visit: Callable[..., Page],
    shoot: Callable[[Page, str], None],
    name: str,
    language: str,
    width: int,
    scheme: str,
):
    page = visit(language=language, width=width, height=768, scheme=scheme)
    if name:
        come_in(page, name)
        page.context.add_cookies(
            [{"name": "django_language", "value": language, "url": page.url}]
        )  # the account's own is French
    faults = {}
    for path in PAGES[name]:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        shoot(page, f"look-{name or 'nobody'}{path.replace('/', '-')}{language}-{width}-{scheme}")
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        said = page.evaluate("document.documentElement.lang")
        faults[path] = (
            serious(page) + ([f"{wider} px too wide"] if wider else []) + ([said] if said != language else [])
        )
    assert {path: found for path, found in faults.items() if found} == {}


def test_the_first_page_is_light_and_all_ours(visit: Callable[..., Page], house: str):
    page, answers = visit(), []

    def keep(response: Response) -> None:
        answers.append((response.url, response.request.sizes()["responseBodySize"]))

    page.on("requestfinished", lambda request: keep(request.response()))
    page.goto("/compte/login/")
    page.wait_for_load_state("networkidle")
    assert [url for url, _size in answers if not url.startswith(house)] == []
    assert sum(size for _url, size in answers) < 100_000


def test_light_and_language_are_switched_from_the_rail_and_kept(visit: Callable[..., Page]):
    page = visit()
    come_in(page, "carole")
    page.click(".rail button[name=theme][value=dark]")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 27)"
    page.click(".rail button[name=language][value=en]")
    assert page.locator("html").get_attribute("lang") == "en"
    again = visit()
    come_in(again, "carole")
    assert (again.locator("html").get_attribute("lang"), again.locator("html").get_attribute("data-theme")) == (
        "en",
        "dark",
    )
    again.click(".rail button[name=language][value=fr]")
    again.click(".rail button[name=theme][value='']")


def test_the_skip_link_is_first_and_leads_to_the_content(visit: Callable[..., Page]):
    page = visit()
    come_in(page, "alice")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")

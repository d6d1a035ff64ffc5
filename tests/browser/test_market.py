"""A mission is posted, read by a telemarketer, applied for, and the application accepted, by hand in a browser."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.test_look import come_in


def test_from_a_blank_page_to_an_engagement(visit: Callable[..., Page], shoot: Callable[[Page, str], None]):
    alice, bob = visit(), visit()
    come_in(alice, "alice")
    alice.click("text=Nouvelle mission")
    alice.fill("#id_title", "Cocktails d’été")
    alice.fill("#id_summary", "Des cocktails d’entreprise dans les jardins de Rennes.")
    alice.fill("#id_criteria", "40 couverts ou plus\nà 40 km de Rennes")
    alice.click("text=Enregistrer le brouillon")
    assert "Avant de publier" in alice.inner_text("main")
    shoot(alice, "market-draft")

    alice.click("text=Compléter la mission")
    alice.fill("#id_pay", "34,50")
    alice.fill("#id_caller_number", "01 99 00 12 34")
    alice.click("button:has-text('Enregistrer')")
    alice.click("button:has-text('Publier')")
    alice.click("button:has-text('Ouvrir les appels')")
    assert "en cours" in alice.inner_text("main")
    shoot(alice, "market-running")

    come_in(bob, "bob")
    bob.click(".rail >> text=Missions")
    bob.fill("#id_q", "cocktails rennes")
    bob.press("#id_q", "Enter")
    bob.click("text=Cocktails d’été")
    assert bob.input_value("#id_asked") == "34,50"
    bob.fill("#id_message", "Bonjour, je connais vos clients.")
    shoot(bob, "market-offer")
    bob.click("button:has-text('Postuler')")
    assert "Retirer ma candidature" in bob.inner_text("main")

    alice.click(".rail >> text=Accueil")
    assert "candidatures attendent votre réponse." in alice.inner_text("h1")  # the demo's own, and this one
    shoot(alice, "market-to-decide")
    alice.locator("tr", has_text="je connais vos clients").get_by_role("button", name="Accepter").click()

    bob.click(".rail >> text=Appeler")
    row = bob.locator("tr", has_text="Cocktails d’été")
    assert "34,50" in row.inner_text()
    assert row.locator("a.btn-primary").get_attribute("href").startswith("/appeler/")
    shoot(bob, "market-engaged")


def test_a_form_sent_twice_by_an_impatient_hand_is_sent_once(visit: Callable[..., Page]):
    page = visit()
    come_in(page, "carole")
    page.goto("/missions/nouvelle/")
    page.fill("#id_title", "Deux clics")
    page.evaluate("() => { const save = document.querySelector('form .submit button'); save.click(); save.click(); }")
    page.wait_for_url("**/missions/deux-clics/")
    page.goto("/missions/")
    assert page.locator("th", has_text="Deux clics").count() == 1

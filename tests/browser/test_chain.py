"""The main job, end to end, in French: post, import, apply, accept, call, book, read the rate."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.browser.conftest import until

FILE = (
    "Raison sociale;Nom;Téléphone;Code postal;Ville\nLycée Jean-Macé;Le Goff;02 61 91 08 47;35000;Rennes\n"
    + "".join(f"Mairie {n};Riou;02 61 91 50 {n:02};35000;Rennes\n" for n in range(20))
)


def test_from_a_lead_file_to_a_rate_that_anyone_can_check(
    visit: Callable[..., Page], shoot: Callable[[Page, str], None], tmp_path: Path
) -> None:
    alice, bob = visit(), visit()
    _sign_up(alice, "entreprise", "Aline Prigent", f"aline-{uuid4().hex}@example.test", "Fleurs du Blosne")
    shoot(alice, "chain-1-home")
    mission = _post_a_mission(alice)
    shoot(alice, "chain-2-published")
    _import(alice, mission, tmp_path, shoot)

    _sign_up(bob, "Téléprospecteur", "Basile Corlay", f"basile-{uuid4().hex}@example.test")
    bob.get_by_role("link", name="Missions", exact=True).first.click()
    shoot(bob, "chain-5-market")
    bob.get_by_role("link", name="Bouquets de bureau").first.click()
    shoot(bob, "chain-6-offer")
    bob.get_by_label("Message").fill("Bonjour, libre le matin.")
    bob.get_by_role("button", name="Postuler").click()
    expect(bob.get_by_text("envoyée", exact=True)).to_be_visible()

    alice.goto(f"{mission}teleprospecteurs/")
    shoot(alice, "chain-7-application")
    alice.get_by_role("button", name="Accepter").click()
    expect(alice.get_by_text("actif", exact=True)).to_be_visible()

    _call_and_book(bob, shoot)
    _read_the_rate(alice, mission, shoot)


def _sign_up(page: Page, kind: str, name: str, email: str, organisation: str = "") -> None:
    page.goto("/compte/signup/")
    page.get_by_role("radio", name=re.compile(kind)).check()
    page.get_by_label("Votre nom").fill(name)
    if organisation:
        page.get_by_label("Nom de l’entreprise").fill(organisation)
    page.get_by_label("Ville").fill("Rennes")
    page.get_by_label("Adresse e-mail").fill(email)
    page.get_by_label("Mot de passe").fill("une phrase qui se retient")
    page.get_by_role("button", name="Créer le compte").click()
    expect(page.locator(".rail")).to_contain_text(organisation or name)


def _post_a_mission(page: Page) -> str:
    """Returns the mission's address."""
    page.goto("/missions/nouvelle/")
    page.get_by_label("Titre").fill("Bouquets de bureau")
    page.get_by_label("Par conversion acceptée, en euros").fill("28")
    page.get_by_label("Numéro présenté").fill("01 99 00 12 34")
    page.get_by_label("Questions", exact=True).fill("Combien de bureaux ? *")
    page.get_by_role("button", name="Enregistrer le brouillon").click()
    page.get_by_role("button", name="Publier").click()
    page.get_by_role("button", name="Ouvrir les appels").click()
    expect(page.get_by_text("en cours", exact=True)).to_be_visible()
    return page.url


def _import(page: Page, mission: str, folder: Path, shoot: Callable[[Page, str], None]) -> None:
    spreadsheet = folder / "clients.csv"
    spreadsheet.write_bytes((FILE + "Sans numéro;Morel;;35000;Rennes\n").encode("cp1252"))
    page.goto(f"{mission}fichiers/")
    page.locator('input[type="file"]').set_input_files(spreadsheet)
    page.get_by_role("button", name="Voir ce qu’il contient").click()
    expect(page.locator("#work")).to_contain_text("21")
    page.get_by_label("Fournisseur").fill("Annuaire public")
    page.get_by_label("Ce que le téléprospecteur répondra").fill("Votre numéro vient de l’annuaire public.")
    shoot(page, "chain-3-preview")
    page.get_by_role("button", name=re.compile("^Importer 21")).first.click()
    expect(page.locator("body")).to_contain_text("restée de côté", timeout=20_000)
    shoot(page, "chain-4-imported")


def _call_and_book(page: Page, shoot: Callable[[Page, str], None]) -> None:
    page.goto("/")
    page.get_by_role("link", name="Appeler").last.click()
    main = page.locator("#main")
    _dial(page)
    _save(page, "1")  # nobody answered: saved by its digit
    _dial(page)
    page.keyboard.press("8")
    _save(page, "Enter")
    _dial(page)
    page.keyboard.press("9")
    page.keyboard.press("4")  # the second day offered
    page.get_by_label("Heure du rendez-vous").fill("9h30")
    page.get_by_label("Combien de bureaux").fill("12")
    shoot(page, "chain-8-booking")
    page.keyboard.press("Enter")
    expect(page.locator("#last")).to_contain_text("enregistré", timeout=15_000)
    expect(main).to_have_attribute("data-state", "before", timeout=15_000)
    _dial(page)
    page.keyboard.press("7")
    page.keyboard.press("n")
    shoot(page, "chain-9-refusal")
    page.keyboard.press("Escape")


def _dial(page: Page) -> None:
    expect(page.locator("#main")).to_have_attribute("data-state", "before", timeout=15_000)
    page.keyboard.press("a")
    expect(page.locator("#main")).to_have_attribute("data-state", "call", timeout=15_000)


def _save(page: Page, key: str) -> None:
    claim = page.locator("#main").get_attribute("data-claim") or ""
    page.keyboard.press(key)
    expect(page.locator("#main")).not_to_have_attribute("data-claim", claim, timeout=15_000)


def _read_the_rate(page: Page, mission: str, shoot: Callable[[Page, str], None]) -> None:
    def says_one_of_one() -> bool:
        page.goto(f"{mission}resultats/")
        return "1 rendez-vous" in page.locator(".lead").inner_text().replace("\u202f", " ").replace("\u00a0", " ")

    until(says_one_of_one)
    rate = page.evaluate(
        "slug => fetch(`/api/v1/missions/${slug}/rates/?by=agent`).then(r => r.json())", mission.split("/")[-2]
    )
    row = {key: rate["rows"][0][key] for key in ("label", "dials", "reached", "converted", "rate")}
    assert row == {"label": "Basile Corlay", "dials": 3, "reached": 1, "converted": 1, "rate": 1.0}
    shoot(page, "chain-10-rate")
    page.goto(f"{mission}rendez-vous/")
    expect(page.locator("main")).to_contain_text(re.compile("Riou|Le Goff|Mairie|Lycée"))  # in the week that is shown
    shoot(page, "chain-11-appointment")

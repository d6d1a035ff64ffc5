"""What a file changed, what it is worth, and undoing it: as a person reads them."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from prospecting.models import Call, Contact, LeadFile
from prospecting.quality import Share, quality_of
from prospecting.queue import next_contact
from tests.cast import TUESDAY_10H, World
from tests.prospecting.importing.lead_files import contact, loaded, received
from tests.prospecting.pages.test_lead_files import client_of, page, words

OLD = "Société;Tél;Ville\nArmor;0199001234;Rennes\nBreizh;0199001235;\n"
NEW = "Société;Tél;Ville\nArmor SA;0199001234;\nCrêpes;0199001236;Brest\n"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def seen(client: Client, name: str, lead_file: LeadFile, query: str = "") -> str:
    response = client.get(reverse(name, args=[lead_file.public_id]) + query)
    assert response.status_code == 200
    return words(response)


def versions(world: World) -> tuple[LeadFile, LeadFile]:
    old = loaded(world, OLD)
    return old, loaded(world, NEW, newer_than=old)


def test_the_choices_are_offered_before_the_load_and_change_what_will_happen(world: World) -> None:
    carole = client_of(world.carole)
    old = loaded(world, OLD)
    lead_file = received(world, NEW, newer_than="")
    text = page(carole, lead_file)
    assert "aucun : c’est un nouveau fichier" in text and "n’y est plus" not in text
    body = {
        "header_row": "1",
        "encoding": "utf-8",
        "delimiter": ";",
        "col-0": "company",
        "col-1": "phone",
        "col-2": "city",
    }
    chosen = body | {"newer_than": str(old.public_id), "identity": "number", "keep_apart": ""}
    response = carole.post(reverse("file_correct", args=[lead_file.public_id]), chosen)
    assert "Fiches nouvelles : 1, mises à jour : 1, inchangées : 0." in words(response)
    assert "1 fiche de la version d’avant n’y est plus" in words(response)
    response = carole.post(reverse("file_correct", args=[lead_file.public_id]), chosen | {"newer_than": "x"})
    assert "n’a pas de fichier chargé dont celui-ci" in words(response)
    origin = {"supplier": "S", "received_on": "2026-11-24", "cost": "1", "source_sentence": "Un annuaire."}
    bad = chosen | origin | {"identity": "siret", "legal_basis": "legitimate_interest"}
    response = carole.post(reverse("file_start", args=[lead_file.public_id]), bad)
    assert response.status_code == 400 and "Aucune colonne n’est « SIRET »" in words(response)


def test_what_changed_is_told_field_by_field_and_contact_by_contact(world: World) -> None:
    carole = client_of(world.carole)
    _old, new = versions(world)
    text = page(carole, new)
    assert "Entreprise dans 1 fiche" in text and "1 fiche absente de cette version" in text
    assert "Nouvelle version de « prospects.csv »." in text
    changes = seen(carole, "file_changes", new, "?champ=company")
    assert "Armor → Armor SA" in changes and "1 fiche changée." in changes
    assert "Breizh" in seen(carole, "file_changes", new, "?quoi=missing")
    assert "Rien de tel" in seen(carole, "file_changes", new, "?champ=phone")
    assert seen(carole, "file_changes", new, "?quoi=nimporte")


def test_a_file_is_undone_by_its_name_and_says_who_stays(world: World) -> None:
    carole = client_of(world.carole)
    lead_file = loaded(world, OLD)
    next_contact(engagement=world.bobs, at=TUESDAY_10H)
    asked = seen(carole, "file_undo", lead_file)
    assert "Fiches créées qui s’en vont : 2 ; mises à jour qui redeviennent ce qu’elles étaient : 0." in asked
    address = reverse("file_undo", args=[lead_file.public_id])
    wrong = carole.post(address, {"name": "autre"})
    assert wrong.status_code == 400 and "Ce n’est pas le nom du fichier" in words(wrong)
    assert carole.post(address, {"name": "prospects.csv"}).status_code == 302
    text = page(carole, lead_file)
    assert "1 fiche est restée : quelqu’un y a travaillé." in text and "1 en main." in text
    assert Contact.objects.count() == 1 and "défait" in words(carole.get(reverse("files")))


def test_a_file_that_a_later_one_knows_says_so_instead_of_asking(world: World) -> None:
    old, _new = versions(world)
    text = seen(client_of(world.carole), "file_undo", old)
    assert "défaites-le d’abord" in text and "recopiez" not in text


def test_a_reader_sees_the_changes_but_undoes_nothing_and_a_stranger_sees_nothing(world: World) -> None:
    _old, new = versions(world)
    reader, stranger, agent = client_of(world.victor), client_of(world.charlie), client_of(world.bob)
    for name in ("file_changes", "file_quality"):
        assert seen(reader, name, new)
    assert reader.post(reverse("file_undo", args=[new.public_id]), {"name": new.name}).status_code == 404
    assert "Défaire l’import" not in page(reader, new)
    for client in (stranger, agent):
        for name in ("file_changes", "file_quality", "file_undo"):
            assert client.get(reverse(name, args=[new.public_id])).status_code == 404


def test_the_quality_of_a_file_says_what_it_is_counted_over(world: World) -> None:
    lead_file = loaded(world, OLD + "Armor bis;0199001234;\nFaux;0199001239;\n")
    LeadFile.objects.filter(pk=lead_file.pk).update(cost_cents=1000)
    lead_file.refresh_from_db()
    flags = {"answered": True, "reached": True, "argued": False, "converted": False, "final": False}
    for phone, code, more in (
        ("+33199001234", "RAP", {"valid": True}),
        ("+33199001239", "FNUM", {"valid": False, "answered": False, "reached": False}),
    ):
        Call.objects.create(
            organisation=world.organisation, mission=world.mission, contact=contact(phone), engagement=world.bobs,
            phone=phone, started_at=TUESDAY_10H, outcome=code, **(flags | more),
        )  # fmt: skip
    quality = quality_of(lead_file)
    assert (quality.contacts, quality.called, quality.enough) == (3, 2, False)
    assert (quality.valid, quality.answered, quality.reached) == (Share(1, 2), Share(1, 2), Share(1, 2))
    assert (quality.duplicates, quality.opposed, quality.cost_cents) == (Share(1, 4), Share(0, 3), 1000)
    text = seen(client_of(world.carole), "file_quality", lead_file)
    assert "trop peu encore pour juger le fichier" in text and "Une fiche jointe a coûté 10,00 €" in text


def test_an_uncalled_file_has_no_quality_yet(world: World) -> None:
    text = seen(client_of(world.carole), "file_quality", loaded(world, OLD))
    assert "Personne de ce fichier n’a encore été appelé" in text and "rien à compter encore" in text

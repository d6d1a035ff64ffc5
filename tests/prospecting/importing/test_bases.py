"""Bases by file: a mission to private persons takes no row without a complete, valid one; each keeps its proof."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from marketplace.models import Mission
from prospecting.importing.loading import load_lead_file
from prospecting.importing.receiving import Origin, queue_lead_file, receive_lead_file
from prospecting.importing.undoing import undo_load
from prospecting.models import Basis, Contact, LeadFile, SetAsideRow
from prospecting.objecting import number_hash
from prospecting.queue import next_contact
from tests.cast import TUESDAY_10H, World
from tests.prospecting.importing import lead_files

HEADER = "Téléphone;Nom;Date consentement;Objet consentement;Source consentement;Réponse consentement;Qui appelle;Durée consentement;Retrait consentement;Preuve consentement"  # noqa: E501
GOOD = "0199001234;Le Goff;01/06/2026;Réceptions;Formulaire;Oui;Traiteur Armor;12 mois;par e-mail;sur demande"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def loaded(mission: Mission, *lines: str, header: str = HEADER) -> LeadFile:
    content = ContentFile("\n".join([header, *lines, ""]).encode(), name="f.csv")
    origin = Origin(supplier="Formulaire du site")
    received = receive_lead_file(mission=mission, content=content, name="f.csv", by=None, origin=origin, ready=True)
    queue_lead_file(lead_file=received, at=TUESDAY_10H)
    return load_lead_file(lead_file_id=received.pk, at=TUESDAY_10H)


def consumers(world: World) -> Mission:
    Mission.objects.filter(pk=world.mission.pk).update(regime="FR_B2C")
    world.mission.refresh_from_db()
    return world.mission


def test_a_row_with_its_five_mentions_enters_with_its_proof(world: World) -> None:
    done = loaded(consumers(world), GOOD)
    assert (done.created, done.set_aside) == (1, 0)
    basis = Basis.objects.get()
    assert (basis.contact, basis.lead_file, basis.row_number) == (Contact.objects.get(), done, 2)
    assert (basis.kind, basis.about, basis.source, basis.number_hash) == (
        "consent", "Réceptions", "Formulaire", number_hash("+33199001234"),
    )  # fmt: skip
    assert basis.collected_at == datetime(2026, 5, 31, 22, 0, tzinfo=UTC)  # midnight in Paris
    assert (basis.until - basis.collected_at).days == 365 and len(basis.proof_token) == 43
    assert basis.mentions == {
        "who": "Traiteur Armor", "answer": "Oui", "period": "12 mois", "withdraw": "par e-mail", "proof": "sur demande",
    }  # fmt: skip
    assert next_contact(engagement=world.bobs, at=TUESDAY_10H) is not None


@pytest.mark.parametrize(
    ("change", "reason", "column"),
    [
        (("01/06/2026", ""), "basis_date_missing", "Date consentement"),
        (("01/06/2026", "24/11/2025"), "basis_expired", "Date consentement"),
        (("01/06/2026", "25/11/2026"), "basis_in_future", "Date consentement"),
        (("Oui", "Non"), "consent_refused", "Réponse consentement"),
        (("sur demande", ""), "mention_missing", "Preuve consentement"),
        (("Traiteur Armor", "Un rival"), "consent_for_another", "Qui appelle"),
        (("Réceptions", ""), "basis_about_missing", "Objet consentement"),
    ],
)
def test_a_row_without_a_valid_basis_stays_aside_and_says_what_is_wrong(
    world: World, change: tuple[str, str], reason: str, column: str
) -> None:
    done = loaded(consumers(world), GOOD.replace(*change), GOOD.replace("1234", "1235"))
    assert (done.created, done.set_aside, Basis.objects.count()) == (1, 1, 1)
    assert SetAsideRow.objects.values_list("reason", "column").get() == (reason, column)


def test_a_file_without_a_word_of_consent_gives_a_mission_to_persons_nothing(world: World) -> None:
    done = loaded(consumers(world), "0199001234;Le Goff", header="Téléphone;Nom")
    assert (done.created, done.set_aside, Contact.objects.count()) == (0, 1, 0)


def test_the_same_file_again_proves_nothing_twice(world: World) -> None:
    mission = consumers(world)
    loaded(mission, GOOD)
    loaded(mission, GOOD)
    assert Basis.objects.count() == 1


def test_a_basis_that_comes_by_file_frees_a_contact_that_waited_for_one(world: World) -> None:
    mission = consumers(world)
    contact = world.contact("+33199001234")
    assert next_contact(engagement=world.bobs, at=TUESDAY_10H) is None
    loaded(mission, GOOD)
    claim = next_contact(engagement=world.bobs, at=TUESDAY_10H)
    assert claim is not None and claim.contact == contact


def test_professionals_need_none_and_a_sole_trader_is_held_until_reviewed(world: World) -> None:
    header = "Téléphone;Société;Forme juridique"
    done = loaded(world.mission, "0199001234;Armor;SARL", "0199001235;Le Goff;Entrepreneur individuel", header=header)
    assert (done.created, Basis.objects.count()) == (2, 0)
    assert dict(Contact.objects.values_list("company", "kind")) == {"Armor": "professional", "Le Goff": "unclear"}
    assert Contact.objects.get(company="Le Goff").columns["Forme juridique"] == "Entrepreneur individuel"


ONCE = {
    "consent_about": "Réceptions", "consent_source": "Formulaire", "consent_answer": "Oui", "consent_period": "12 mois",
    "consent_who": "Traiteur Armor", "consent_withdraw": "par e-mail", "consent_proof": "sur demande",
}  # fmt: skip


def once(world: World, text: str, mission: Mission | None = None, **more: Any) -> LeadFile:
    origin = Origin(supplier="Formulaire du site", legal_basis="consent", basis_texts=ONCE)
    return lead_files.loaded(world, text, mission=mission or consumers(world), origin=origin, **more)


def test_what_no_column_says_is_said_once_for_the_file(world: World) -> None:
    done = once(world, "Téléphone;Nom;Date consentement\n0199001234;Le Goff;01/06/2026\n0199001235;Le Bris;\n")
    assert (done.created, done.reasons) == (1, {"basis_date_missing": 1})
    assert Basis.objects.get().about == "Réceptions" and Basis.objects.get().mentions["proof"] == "sur demande"


def test_a_consent_is_its_person_s_alone_where_two_share_a_number(world: World) -> None:
    text = "Téléphone;Nom;Date consentement\n0199001234;Le Goff;01/06/2026\n0199001234;Le Bris;02/06/2026\n"
    once(world, text, keep_apart=True)
    by_person = Basis.objects.values_list("contact__company", "contact__last_name", "row_number")
    assert sorted(row for *_name, row in by_person) == [2, 3] and len({name[:2] for name in by_person}) == 2


def test_a_no_is_heard_among_professionals_too(world: World) -> None:
    text = "Téléphone;Entreprise;Date consentement;Réponse consentement\n0199001234;Armor;01/06/2026;Non\n"
    assert once(world, text, mission=world.mission).reasons == {"consent_refused": 1}


def test_a_basis_goes_with_the_undo_of_its_file(world: World) -> None:
    done = once(world, "Téléphone;Nom;Date consentement\n0199001234;Le Goff;01/06/2026\n")
    undo_load(lead_file=done, by=None, at=TUESDAY_10H, name=done.name)
    assert not Basis.objects.exists() and not Contact.objects.exists()

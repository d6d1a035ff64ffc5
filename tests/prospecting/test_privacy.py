"""What is kept, for how long, and what a person may ask: the access log, requests, erasure, purges."""

import csv
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from config.errors import Invalid, Refused
from marketplace.models import Organisation
from marketplace.posting import close
from prospecting import people, purging
from prospecting.access_log import note_access
from prospecting.anonymising import sweep
from prospecting.consenting import record_basis
from prospecting.models import AccessEntry, Basis, Call, Contact, Dial, LeadFile, Opposition, PersonRequest, SetAsideRow
from prospecting.objecting import number_hash, oppose
from prospecting.returning import return_file
from reporting.folding import Drift, check, fold_everything
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_calling import call
from tests.prospecting.test_consenting import CONSENT

PHONE = "+33199001234"
PERSON = {"first_name": "Anne", "last_name": "Le Goff", "email": "anne@armor.example", "columns": {"Note": "diabète"}}


def called(world: World, outcome: str = "REF", **said: str) -> Contact:
    contact = world.contact(PHONE, **PERSON, also_at=[{"row": 3}], other_phones=["+33199001235"])
    call(world.bobs, outcome, note="rappeler après l’opération", **({"reason": "malade"} | said))
    return contact


def told_of(contact: Contact) -> dict:
    names = (
        "phone",
        "company",
        "first_name",
        "last_name",
        "email",
        "postal_code",
        "columns",
        "also_at",
        "other_phones",
    )
    return {name: getattr(contact, name) for name in names}


NOTHING = {
    "phone": None, "company": "", "first_name": "", "last_name": "", "email": "", "postal_code": "35", "columns": {},
    "also_at": [], "other_phones": [],
}  # fmt: skip


def test_the_log_is_never_changed_nor_cut_short(world: World) -> None:
    line = note_access("read", at=TUESDAY_10H, organisation=world.organisation, user=world.carole, detail="x")
    for wrong in (
        lambda: AccessEntry.objects.update(detail="y"),
        line.delete,
        lambda: AccessEntry.objects.update(user=world.bob),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
    world.carole.delete()  # who read it may leave; that it was read stays
    assert list(AccessEntry.objects.values_list("user", "detail")) == [(None, "x")]


def test_the_purge_alone_removes_lines_of_more_than_twelve_months(world: World) -> None:
    for days in (366, 364):
        note_access("read", at=TUESDAY_10H - timedelta(days=days), organisation=world.organisation, detail=str(days))
    assert purging.purge_access_log(TUESDAY_10H) == 1
    assert list(AccessEntry.objects.values_list("detail", flat=True)) == ["364"]
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessEntry.objects.all().delete()


def test_a_dial_is_never_changed_nor_removed(world: World) -> None:
    called(world)
    for change in (
        {"allowed": False, "attempt": False},
        {"rule_version": "x"},
        {"evidence": {}},
        {"phone": "+33199009999"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Dial.objects.update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Dial.objects.all().delete()
    Dial.objects.update(attempt=False)  # the line failed: no attempt


def test_a_person_is_found_over_all_missions_by_number_mail_or_name_and_every_step_is_logged(world: World) -> None:
    called(world)
    for text in ("01 99 00 12 34", "ANNE@armor.example", "le goff", "jean-macé"):
        found = people.search(organisation=world.organisation, text=text, by=world.carole, at=TUESDAY_10H)
        assert [(one.who, one.name, one.contacts) for one in found] == [(PHONE, "Anne Le Goff", 1)]
    held = people.held_of(organisation=world.organisation, who=PHONE, by=world.carole, at=TUESDAY_10H)
    assert held.counts() == {"contacts": 1, "calls": 1, "appointments": 0, "bases": 0, "set_aside": 0, "opposed": 0}
    steps = list(AccessEntry.objects.order_by("pk").values_list("what", "user", "number_hash"))
    assert steps[0] == ("search", world.carole.pk, number_hash(PHONE))
    assert steps[-1] == ("read", world.carole.pk, number_hash(PHONE))
    assert not AccessEntry.objects.filter(detail__icontains="goff").exists()  # never the data itself


def test_another_business_finds_nothing(world: World) -> None:
    called(world)
    rival = Organisation.objects.create(name="Rival")
    assert people.search(organisation=rival, text="anne@armor.example", by=world.charlie, at=TUESDAY_10H) == []
    assert people.held_of(organisation=rival, who=PHONE, by=world.charlie, at=TUESDAY_10H).empty
    with pytest.raises(Refused):
        people.erase(organisation=rival, who=PHONE, by=world.charlie, at=TUESDAY_10H)


def test_too_little_is_not_searched(world: World) -> None:
    with pytest.raises(Invalid):
        people.search(organisation=world.organisation, text="le", by=world.carole, at=TUESDAY_10H)


def test_a_copy_holds_everything_said_and_answers_the_request(world: World) -> None:
    called(world)
    copy = people.export(organisation=world.organisation, who=PHONE, by=world.carole, at=TUESDAY_10H)
    assert copy["controller"] == "Traiteur Armor" and copy["contacts"][0]["columns"] == {"Note": "diabète"}
    assert [(one["outcome"], one["note"]) for one in copy["calls"]] == [("REF", "rappeler après l’opération")]
    assert PersonRequest.objects.get().kind == "access" and AccessEntry.objects.get().what == "export"


def test_an_erasure_is_now_its_calls_still_count_and_an_opposition_survives(world: World) -> None:
    contact = called(world)
    fold_everything()
    record_basis(contact=contact, stated=CONSENT, at=TUESDAY_10H)
    oppose(organisation=world.organisation, phone=PHONE, at=TUESDAY_10H, source="page")
    row = SetAsideRow.objects.create(
        lead_file=world.file, row_number=9, reason="x", value="01.99.00.12.34", cells=["01.99.00.12.34", "Anne"]
    )
    before = Call.objects.values("outcome", "reached", "refusal", "seconds", "started_at").get()
    asked = people.erase(organisation=world.organisation, who=PHONE, by=world.carole, at=TUESDAY_10H)
    contact.refresh_from_db()
    row.refresh_from_db()
    assert (told_of(contact), contact.anonymised_at) == (NOTHING, TUESDAY_10H)
    assert (row.cells, row.value) == ([], "")
    kept = Call.objects.values("outcome", "reached", "refusal", "seconds", "started_at").get()
    assert (kept, Call.objects.values_list("note", "reason").get()) == (before, ("", ""))
    assert (Opposition.objects.count(), Basis.objects.values_list("contact", "number_hash").get()) == (
        1,
        (None, number_hash(PHONE)),
    )
    assert asked.summary["contacts"] == 1 and AccessEntry.objects.filter(what="erase").count() == 1
    fold_everything()
    assert check(since=TUESDAY_10H - timedelta(days=1)) == Drift(0, 0)
    found = people.held_of(organisation=world.organisation, who=PHONE, by=world.carole, at=TUESDAY_10H)
    assert (found.contacts, found.set_aside, found.opposed) == ([], [], True)


def test_an_erased_person_is_not_called_again_before_the_law_lets_one(world: World) -> None:
    called(world)  # a refusal: 60 days
    people.erase(organisation=world.organisation, who=PHONE, by=world.carole, at=TUESDAY_10H)
    assert (Call.objects.get().phone, Dial.objects.get().phone) == (PHONE, PHONE)
    sweep(TUESDAY_10H + timedelta(days=31))
    assert (Call.objects.get().phone, Dial.objects.get().phone) == (PHONE, "")
    sweep(TUESDAY_10H + timedelta(days=61))
    assert Call.objects.get().phone == ""


def test_what_a_call_under_way_saved_after_the_erasure_goes_with_the_night(world: World) -> None:
    called(world)
    people.erase(organisation=world.organisation, who=PHONE, by=world.carole, at=TUESDAY_10H)
    Call.objects.update(note="Mme Le Goff")
    purging.purge(at=TUESDAY_10H + timedelta(hours=12))
    assert Call.objects.get().note == ""


def test_contacts_are_anonymised_and_files_deleted_thirty_days_after_the_mission_closed(world: World) -> None:
    contact = called(world)
    fold_everything()
    world.file.content.save("fichier.csv", ContentFile(b"0199001234"), save=True)
    storage, name = world.file.content.storage, world.file.content.name
    close(mission=world.mission, at=TUESDAY_10H)
    assert purging.purge(at=TUESDAY_10H + timedelta(days=30, seconds=-1))["contacts"] == 0
    done = purging.purge(at=TUESDAY_10H + timedelta(days=30))
    assert (done["contacts"], done["files"]) == (1, 1)
    contact.refresh_from_db()
    assert told_of(contact) == NOTHING
    assert LeadFile.objects.values_list("content", "purged_at").get() == ("", TUESDAY_10H + timedelta(days=30))
    storage.delete(name)
    fold_everything()
    assert check(since=TUESDAY_10H - timedelta(days=1)) == Drift(0, 0)
    assert not any(purging.purge(at=TUESDAY_10H + timedelta(days=31)).values())  # twice is once


def test_an_open_mission_keeps_its_contacts(world: World) -> None:
    contact = called(world)
    purging.purge(at=TUESDAY_10H + timedelta(days=300))
    contact.refresh_from_db()
    assert contact.last_name == "Le Goff"


def test_a_proof_is_kept_three_years_after_the_consent_ended_and_an_opposition_for_good(world: World) -> None:
    contact = world.contact(PHONE)
    basis = record_basis(contact=contact, stated=CONSENT, at=TUESDAY_10H)
    oppose(organisation=world.organisation, phone=PHONE, at=TUESDAY_10H, source="page")
    purging.purge_proofs(datetime(basis.until.year + 3, basis.until.month, basis.until.day, tzinfo=UTC))
    assert Basis.objects.count() == 1
    purging.purge_proofs(basis.until + timedelta(days=3 * 366))
    assert (Basis.objects.count(), Opposition.objects.count()) == (0, 1)


def test_the_return_file_holds_every_contact_with_its_outcome_and_no_formula(world: World) -> None:
    called(world)
    world.contact("+33199001299", company="=2+2", first_name="Loïc")
    lines = "".join(return_file(mission=world.mission, by=world.alice, at=TUESDAY_10H))
    rows = list(csv.DictReader(lines.lstrip("\ufeff").splitlines(), delimiter=";"))
    assert [(row["Nom"], row["Entreprise"], row["Appels"], row["Qualification"]) for row in rows] == [
        ("Le Goff", "Lycée Jean-Macé", "1", "REF"),
        ("", "'=2+2", "0", ""),
    ]
    assert rows[0]["Note"] == "rappeler après l’opération" and rows[0]["Téléphone"] == f"'{PHONE}"
    assert AccessEntry.objects.get().what == "export"

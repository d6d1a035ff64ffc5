"""Lead files become contacts, each row accounted for."""

import csv
import json
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
import time_machine
from django.core.files import File
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import Invalid, Refused
from prospecting.importing import loading
from prospecting.importing.loading import abandoned, load_lead_file
from prospecting.importing.previewing import preview
from prospecting.importing.receiving import (
    Corrections,
    Origin,
    correct_lead_file,
    queue_lead_file,
    receive_lead_file,
    start_loading,
    twin_of,
)
from prospecting.models import Contact, LeadFile, QueueSettings, SetAsideRow
from prospecting.objecting import oppose
from prospecting.queue import next_contact
from prospecting.tasks import load_abandoned_lead_files
from tests.cast import TUESDAY_10H, running_mission
from tests.prospecting.importing.files import CENTRES, DRESSES, SCHOOLS, real

HEAD = "Société;Tél;Portable;Prénom;Nom;CP;Siret;Ne pas appeler;Effectif\n"


@pytest.fixture(autouse=True)
def media(request, tmp_path):
    request.getfixturevalue("settings").MEDIA_ROOT = tmp_path / "media"


def received(world, text, name="prospects.csv", **more):
    content = text.encode() if isinstance(text, str) else text
    return receive_lead_file(
        mission=more.pop("mission", world.mission), content=File(BytesIO(content)), name=name, by=world.alice, **more
    )


def loaded(world, text, **more):
    lead_file = queue_lead_file(lead_file=received(world, text, **more), at=TUESDAY_10H)
    return load_lead_file(lead_file_id=lead_file.pk, at=TUESDAY_10H)


def counts(lead_file):
    return {
        name: getattr(lead_file, name)
        for name in ("state", "rows", "created", "updated", "merged", "set_aside", "reasons")
    }


def contacts(lead_file):
    return {contact.phone: contact for contact in lead_file.contacts.all()}


@pytest.mark.parametrize("name", DRESSES)
def test_each_dress_of_the_school_file_gives_the_same_919_numbers(world, tmp_path, name):
    lead_file = loaded(world, real(name, tmp_path).read_bytes(), name=name)
    assert counts(lead_file) == {
        "state": "loaded",
        "rows": 996,
        "created": 919,
        "updated": 0,
        "merged": 61,
        "set_aside": 16,
        "reasons": {"phone_missing": 16},
    }
    numbers = set(lead_file.contacts.values_list("phone", flat=True))
    assert numbers == truth_of_the_schools(world, tmp_path)
    assert sum(len(contact.also_at) for contact in lead_file.contacts.all()) == 61
    lost = [notice["count"] for notice in lead_file.notices if notice["code"] == "siret_scientific"]
    assert lost == ([960] if name.startswith("dep35_slim_excel") else [])


def truth_of_the_schools(world, tmp_path):
    """The 919 numbers, read from the ministry's own file without any of our code."""
    lines = real(SCHOOLS, tmp_path).read_text(encoding="utf-8-sig").splitlines()
    place = lines[0].split(";").index("Telephone")
    digits = {"".join(filter(str.isdigit, line.split(";")[place])) for line in lines[1:]}
    return {"+33" + number[1:] for number in digits if number}


def test_every_filled_phone_of_the_vaccination_file_is_right_or_set_aside(world, tmp_path):
    lead_file = loaded(world, real(CENTRES, tmp_path).read_bytes(), name=CENTRES)
    assert counts(lead_file) == {
        "state": "loaded",
        "rows": 2871,
        "created": 697,
        "updated": 0,
        "merged": 508,
        "set_aside": 1666,
        "reasons": {
            "phone_missing": 1237,
            "phone_platform": 396,
            "phone_short": 30,
            "phone_digits": 1,
            "phone_foreign": 1,
            "phone_words": 1,
        },
    }
    overseas = lead_file.contacts.exclude(phone__startswith="+33").values_list("phone", "postal_code", "territory")
    prefixes = {"971": "+590", "972": "+596", "973": "+594", "974": "+262", "976": "+262"}
    assert {prefixes[postal_code[:3]] == phone[:4] for phone, postal_code, _territory in overseas} == {True}
    assert not lead_file.contacts.filter(phone__startswith="+338").exists()
    assert SetAsideRow.objects.get(lead_file=lead_file, reason="phone_words").value == "Sans RDV"


def test_a_row_becomes_a_contact_with_all_that_it_says(world):
    lead_file = loaded(world, HEAD + "Armor;01 99 00 12 34;06 12 34 56 78;Anne;Le Goff;1000;73282932000074;;12\n")
    contact = lead_file.contacts.get()
    assert (contact.phone, contact.phone_raw, contact.other_phones) == (
        "+33199001234",
        "01 99 00 12 34",
        ["+33612345678"],
    )
    assert (contact.company, contact.first_name, contact.last_name) == ("Armor", "Anne", "Le Goff")
    assert (contact.postal_code, contact.siret, contact.territory) == ("01000", "73282932000074", "FR")
    assert (contact.columns, contact.also_at, contact.row_number) == ({"Effectif": "12"}, [], 2)
    assert (contact.state, contact.organisation) == ("fresh", world.organisation)


def test_contacts_are_dealt_in_a_random_order(world):
    rows = "".join(f"A{n};01990{n:05};;;;;;;\n" for n in range(50))
    deals = list(loaded(world, HEAD + rows).contacts.order_by("row_number").values_list("deal", flat=True))
    assert len(set(deals)) == 50 and deals != sorted(deals)


def test_rows_of_one_number_are_merged_and_kept_beside_the_first(world):
    text = HEAD + "Lycée;0199001234;;;;35000;;;3\nCollège;01 99 00 12 34;;Anne;;35000;;;4\nÉcole;+33199001234;;;;;;;\n"
    lead_file = loaded(world, text)
    assert counts(lead_file) | {"state": ""} == counts(LeadFile(rows=3, created=1, merged=2)) | {"state": ""}
    assert lead_file.contacts.get().also_at == [
        {"file": "prospects.csv", "row": 3, "company": "Collège", "first_name": "Anne", "postal_code": "35000",
         "columns": {"Effectif": "4"}},
        {"file": "prospects.csv", "row": 4, "company": "École"},
    ]  # fmt: skip


def test_a_later_file_fills_in_what_was_empty_and_the_first_keeps_the_contact(world):
    first = loaded(world, "Société;Tél\nArmor;0199001234\n")
    second = loaded(world, HEAD + "Traiteur Armor;0199001234;0612345678;Anne;;;;;7\nNeuve;0199001235;;;;;;;\n")
    assert (second.created, second.updated) == (1, 1)
    contact = first.contacts.get()
    assert (contact.company, contact.first_name, contact.other_phones) == ("Armor", "Anne", ["+33612345678"])
    assert contact.columns == {"Effectif": "7"}
    assert contact.also_at[0]["company"] == "Traiteur Armor"
    assert set(contacts(second)) == {"+33199001235"}


def test_the_same_number_in_another_mission_is_another_contact(world):
    loaded(world, "Société;Tél\nArmor;0199001234\n")
    other = running_mission(world.organisation, slug="autre")
    assert loaded(world, "Société;Tél\nArmor;0199001234\n", mission=other).created == 1


def test_loading_the_same_file_again_creates_nothing_and_adds_nothing(world):
    text = HEAD + "Armor;0199001234;;;;;;;9\nBreizh;0199001235;;;;;;;\nArmor bis;0199001234;;;;;;;\n"
    first = loaded(world, text)
    before = list(Contact.objects.order_by("pk").values())
    again = loaded(world, text)
    assert (first.created, again.created, again.updated, again.unchanged, again.merged) == (2, 0, 0, 2, 1)
    assert list(Contact.objects.order_by("pk").values()) == before
    assert (twin_of(again), twin_of(LeadFile(mission=world.mission, sha256="0"))) == (first, None)


def test_a_set_aside_row_keeps_its_number_column_value_and_reason(world):
    text = HEAD + "Armor;02 99 1;;;;;;;\nBreizh;;;;;;;;\nCrêpes;0199001235;;;;;;;12;de trop\n"
    lead_file = loaded(world, text)
    assert list(SetAsideRow.objects.order_by("row_number").values_list("row_number", "column", "value", "reason")) == [
        (2, "Tél", "02 99 1", "phone_digits"),
        (3, "Tél", "", "phone_missing"),
        (4, "", "de trop", "row_shape"),
    ]
    assert lead_file.set_aside_rows.first().cells[0] == "Armor"


def test_an_opposed_number_stays_blocked_whatever_file_brings_it(world):
    oppose(organisation=world.organisation, phone="+33199001234", at=TUESDAY_10H, source="page")
    lead_file = loaded(world, HEAD + "Armor;01 99 00 12 34;;;;;;;\nBreizh;0199001235;0199001234;;;;;;\n")
    assert counts(lead_file)["reasons"] == {"opposed": 2}
    assert not lead_file.contacts.exists()


def test_a_row_marked_not_to_be_called_forbids_its_number_everywhere(world):
    earlier = world.contact("+33199001234")
    claimed = world.contact("+33199001236")
    claimed_by = next_contact(engagement=world.bobs, at=TUESDAY_10H)
    text = HEAD + "Armor;0199001234;;;;;;oui;\nArmor bis;0199001234;;;;;;;\nB;0199001235;;;;;;non;\n"
    text += "C;0199001236 ne pas appeler;;;;;;;\n"
    lead_file = loaded(world, text)
    assert counts(lead_file)["reasons"] == {"do_not_call": 3} and lead_file.created == 1
    for contact in (earlier, claimed):
        contact.refresh_from_db()
        assert (contact.state, contact.blocked_reason) == ("blocked", "do_not_call")
    assert claimed_by and next_contact(engagement=world.bobs, at=TUESDAY_10H).contact.phone == "+33199001235"


def test_a_person_who_declines_offers_is_set_aside_and_one_who_refuses_emails_is_not_written_to(world):
    text = "Nom;Tél;Email;Accepte les offres;Accepts Email Marketing\n"
    text += "A;0199001234;a@exemple.test;non;\nB;0199001235;b@exemple.test;oui;no\n"
    lead_file = loaded(world, text)
    assert counts(lead_file)["reasons"] == {"declined_offers": 1}
    contact = lead_file.contacts.get()
    assert (contact.email, contact.columns["Accepts Email Marketing"]) == ("", "no")
    assert [notice["code"] for notice in lead_file.notices] == ["email_withheld"]


def test_a_national_number_in_a_row_of_another_country_is_not_french(world):
    text = "Société;Tél;Pays\nWallon;04 55 00 12 90;Belgique\nArmor;+33 1 99 00 12 34;Suisse\n"
    text += "Kreol;0262724720;La Réunion\n"
    lead_file = loaded(world, text)
    assert counts(lead_file)["reasons"] == {"phone_foreign": 1}
    assert {contact.territory for contact in lead_file.contacts.all()} == {"FR", "FR-RE"}


def test_a_siret_is_kept_only_if_it_is_one(world):
    rows = ["73282932000074", "732 829 320 00074", "7,32829E+13", "73282932000075", "732829320", "5600000000048"]
    lead_file = loaded(world, HEAD + "".join(f"A;01990012{n:02};;;;;{siret};;\n" for n, siret in enumerate(rows)))
    kept = dict(lead_file.contacts.order_by("row_number").values_list("row_number", "siret"))
    assert list(kept.values()) == ["73282932000074", "73282932000074", "", "", "", ""]
    assert {notice["code"]: notice["count"] for notice in lead_file.notices} == {
        "siret_scientific": 1,
        "siret_invalid": 2,
    }
    assert lead_file.contacts.get(row_number=4).columns == {"Siret": "7,32829E+13"}


def test_a_text_too_long_for_its_field_is_cut_there_and_kept_whole_beside(world):
    lead_file = loaded(world, f"Société;Tél\n{'x' * 1000};0199001234\n")
    contact = lead_file.contacts.get()
    assert (len(contact.company), len(contact.columns["Société"])) == (200, 1000)
    assert lead_file.notices[0]["code"] == "text_cut"


def test_a_file_that_cannot_be_read_leaves_no_trace(world, tmp_path):
    with pytest.raises(Invalid):
        received(world, b"%PDF-1.7")
    assert not LeadFile.objects.filter(name="prospects.csv").exists()
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


def test_a_file_without_a_phone_column_can_be_corrected_but_not_loaded(world):
    lead_file = received(world, "Société;Contact no\nArmor;appeler le 01.99.00.12.34\n")
    lead_file = correct_lead_file(lead_file=lead_file, mapping={"company": "Société"} | {"phone": "Contact no"})
    assert lead_file.mapping == {"phone": "Contact no", "company": "Société"}
    bare = received(world, "Société;Ville\nArmor;Rennes\n")
    with pytest.raises(Invalid) as refused:
        queue_lead_file(lead_file=bare, at=TUESDAY_10H)
    assert refused.value.code == "no_phone_column"


def test_a_correction_reads_the_file_anew(world):
    lead_file = received(world, "Société,Tél;Ville\nArmor,0199001234;Rennes\n", corrections=Corrections(delimiter=";"))
    assert lead_file.mapping == {"phone": "Société,Tél", "city": "Ville"}
    lead_file = correct_lead_file(
        lead_file=lead_file, corrections=Corrections(delimiter=","), origin=Origin(supplier="Data Ouest")
    )
    assert (lead_file.delimiter, lead_file.supplier) == (",", "Data Ouest")
    assert lead_file.mapping["company"] == "Société"


def test_a_loaded_file_is_corrected_no_more_and_loaded_no_more(world):
    lead_file = loaded(world, HEAD + "Armor;0199001234;;;;;;;\n")
    with pytest.raises(Refused) as refused:
        correct_lead_file(lead_file=lead_file, mapping={"phone": "Portable"})
    assert refused.value.code == "already_loading"
    again = load_lead_file(lead_file_id=lead_file.pk, at=TUESDAY_10H + timedelta(hours=1))
    assert (again.created, again.finished_at) == (1, lead_file.finished_at)


def test_starting_rings_the_worker_once_the_file_is_saved(world, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr("prospecting.importing.receiving.ring", rung.append)
    lead_file = received(world, HEAD + "Armor;0199001234;;;;;;;\n", origin=Origin(supplier="Data Ouest"))
    with django_capture_on_commit_callbacks(execute=True):
        assert start_loading(lead_file=lead_file, at=TUESDAY_10H).state == "queued"
    assert rung == [lead_file.pk]


def test_a_load_that_breaks_leaves_nothing_behind_and_can_be_started_again(world, monkeypatch):
    def breaks(*args):
        raise RuntimeError("power cut")

    lead_file = queue_lead_file(lead_file=received(world, HEAD + "Armor;0199001234;;;;;;;\n"), at=TUESDAY_10H)
    with monkeypatch.context() as patch:
        patch.setattr(loading, "finish", breaks)
        with pytest.raises(RuntimeError):
            load_lead_file(lead_file_id=lead_file.pk, at=TUESDAY_10H)
    lead_file.refresh_from_db()
    assert (lead_file.state, Contact.objects.filter(lead_file=lead_file).count()) == ("refused", 0)
    queue_lead_file(lead_file=lead_file, at=TUESDAY_10H)
    assert load_lead_file(lead_file_id=lead_file.pk, at=TUESDAY_10H).created == 1


def test_a_number_that_appears_while_the_file_is_read_is_completed_not_doubled(world, monkeypatch):
    judge = loading.judge

    def judged_then_overtaken(mission, matching):
        tally = judge(mission, matching)
        world.contact("+33199001234", company="", city="")  # a colleague’s number, noted in a call
        return tally

    monkeypatch.setattr(loading, "judge", judged_then_overtaken)
    lead_file = loaded(world, HEAD + "Armor;0199001234;;;;;;;\nBreizh;0199001235;;;;;;;\n")
    assert (lead_file.created, lead_file.updated) == (1, 1)
    assert Contact.objects.get(phone="+33199001234").company == "Armor"


def test_a_file_whose_worker_was_killed_is_taken_up_again(world):
    lead_file = queue_lead_file(lead_file=received(world, HEAD + "Armor;0199001234;;;;;;;\n"), at=TUESDAY_10H)
    LeadFile.objects.filter(pk=lead_file.pk).update(state="loading", rows_done=500)  # as the killed one left it
    assert abandoned(TUESDAY_10H + timedelta(seconds=5)) == []  # it may just have begun
    assert abandoned(TUESDAY_10H + timedelta(seconds=15)) == [lead_file.pk]
    with connection.copy().cursor() as loader:
        loader.execute("SELECT pg_advisory_lock(%s, %s)", [loading.IMPORTS, lead_file.mission_id])
        assert abandoned(TUESDAY_10H + timedelta(seconds=15)) == []  # somebody is at it
        loader.execute("SELECT pg_advisory_unlock_all()")
        loader.db.close()
    with time_machine.travel(TUESDAY_10H + timedelta(seconds=15)):
        load_abandoned_lead_files()
    lead_file.refresh_from_db()
    assert (lead_file.state, lead_file.created) == ("loaded", 1)


def run(capsys, *arguments):
    code = 0
    try:
        call_command("import_leads", *arguments)
    except SystemExit as stopped:
        code = stopped.code
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command_prints_one_object(world, tmp_path, capsys):
    path = real(SCHOOLS, tmp_path)
    code, out, err = run(capsys, str(path), "--mission", world.mission.slug, "--origin", "Ministère", "--json")
    said = json.loads(out)
    assert (code, err) == (0, "")
    assert said.pop("seconds") > 0 and said.pop("lead_file")
    assert said == {
        "rows": 996, "created": 919, "updated": 0, "unchanged": 0, "merged": 61, "set_aside": 16, "missing": 0,
        "kept_apart": 0, "reasons": {"phone_missing": 16},
        "encoding": "utf-8", "delimiter": ";", "header_row": 1, "sheet": None, "notices": [],
        "mapping": {"phone": "Telephone", "company": "Nom_etablissement", "email": "Mail", "address": "Adresse_1",
                    "postal_code": "Code postal", "city": "Nom_commune", "siret": "SIREN_SIRET",
                    "external_id": "Identifiant_de_l_etablissement"},
    }  # fmt: skip
    assert LeadFile.objects.get(name=SCHOOLS).supplier == "Ministère"


def test_a_dry_run_says_the_same_and_loads_nothing(world, tmp_path, capsys):
    path = real("dep35_slim_excel-mangled.csv", tmp_path)
    code, out, _err = run(capsys, str(path), "--mission", world.mission.slug, "--dry-run", "--json")
    said = json.loads(out)
    assert (code, said["rows"], said["created"], said["merged"], said["set_aside"]) == (0, 996, 919, 61, 16)
    assert said["notices"][0]["sentence"].startswith("960 SIRET en notation scientifique")
    assert not Contact.objects.exists() and not LeadFile.objects.filter(name=path.name).exists()


def test_the_command_refuses_in_one_sentence(world, tmp_path, capsys):
    bare = tmp_path / "a.csv"
    bare.write_text("Société;Ville\nArmor;Rennes\n")
    for arguments in (
        (str(bare), "--mission", world.mission.slug),
        (str(bare), "--mission", "nulle-part"),
        (str(tmp_path / "absent.csv"), "--mission", world.mission.slug),
        (str(bare), "--mission", world.mission.slug, "--map", "phone=Portable"),
    ):
        code, out, err = run(capsys, *arguments)
        assert (code, out, err.count("\n")) == (1, "", 1) and "Traceback" not in err
    assert not LeadFile.objects.filter(name="a.csv").exists()


def test_the_command_maps_columns_by_hand(world, tmp_path, capsys):
    path = tmp_path / "a.csv"
    path.write_text("Raison;Contact no;Fax\nArmor;;0199001234\n")
    _code, out, _err = run(capsys, str(path), "--mission", world.mission.slug, "--map", "phone=Fax", "--json")
    assert json.loads(out)["created"] == 1


@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_by_others_while_the_load_is_open(tmp_path, monkeypatch):
    from tests import cast

    world, seen = cast.world(), []
    monkeypatch.setattr(loading, "TELL_EVERY", 0)
    write = loading.Progress.write

    def watched(progress, done):
        write(progress, done)
        other = loading.connection.copy()
        with other.cursor() as cursor:
            cursor.execute("SELECT state, rows_done FROM prospecting_leadfile WHERE id = %s", [progress.lead_file_id])
            seen.append(cursor.fetchone())
        other.close()

    monkeypatch.setattr(loading.Progress, "write", watched)
    rows = "".join(f"A;0199{n:06};;;;;;;\n" for n in range(1200))
    assert loaded(world, HEAD + rows).created == 1200
    assert seen == [("loading", 500), ("loading", 1000)]
    assert LeadFile.objects.filter(pk__in=[world.file.pk + 1], rows_done=F("rows")).exists()


CELLS = st.sampled_from(
    ["", "0199001234", "01 99 00 12 35", "3975", "non", "oui", "x;y", '"', "é\nè", "+377 93 15 12 34"]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=12))
def test_whatever_the_rows_they_add_up_and_the_trial_tells_what_the_load_does(world, rows):
    with transaction.atomic():
        text = StringIO()
        writer = csv.writer(text, delimiter=";")
        writer.writerows([("Société", "Tél", "Mobile", "Ne pas appeler"), *rows])
        try:
            lead_file = received(world, text.getvalue())
        except Invalid as refused:
            assert refused.code == "empty"
            return
        tried = preview(lead_file).tally
        lead_file = load_lead_file(lead_file_id=queue_lead_file(lead_file=lead_file, at=TUESDAY_10H).pk, at=TUESDAY_10H)
        names = ("rows", "created", "updated", "unchanged", "merged", "set_aside", "reasons")
        assert {name: getattr(lead_file, name) for name in names} == {name: getattr(tried, name) for name in names}
        total = lead_file.created + lead_file.updated + lead_file.unchanged + lead_file.merged + lead_file.set_aside
        assert lead_file.rows == total
        assert lead_file.set_aside == lead_file.set_aside_rows.count()
        assert lead_file.contacts.count() == lead_file.created
        transaction.set_rollback(True)


def test_the_missions_filters_hold_for_a_file_from_the_moment_it_is_loaded(world):
    QueueSettings.objects.create(
        mission=world.mission,
        only=[{"column": "Effectif", "is": ["50*"]}],
        first=[{"column": "postal_code", "is": ["35*"]}],
    )
    loaded(world, f"{HEAD}A;0199000001;;;;35000;;;50 à 99\nB;0199000002;;;;44000;;;500\nC;0199000003;;;;35000;;;9\n")
    assert dict(Contact.objects.values_list("company", "priority")) == {"A": 1, "B": 0, "C": -1}

"""The log of another tool becomes contacts, past agents and calls: all of it, or nothing."""

import csv
import gzip
import json
from collections import Counter
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from config.errors import Invalid, Refused
from marketplace.models import Engagement
from prospecting.importing.call_logs import Reading, import_call_log
from prospecting.importing.call_rows import guess_log_mapping, moment, whole
from prospecting.models import Call, CallLog, Contact, LeadFile, Opposition
from reporting.folding import fold_everything
from reporting.rates import read_rates
from tests.cast import TUESDAY_10H, running_mission
from tests.prospecting.importing.files import DATA, real, written

PARIS = ZoneInfo("Europe/Paris")
BANK = Reading(
    mapping={"outcome": "y", "seconds": "duration", "calls": "campaign"},
    values={"yes": "VTE", "no": "REF"},
    on=date(2010, 11, 30),
)
HEAD = "Agent;Contact id;Téléphone;Date;Heure;Durée;Résultat;Commentaire;Secteur\n"
DAY = "03/11/2026"


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def imported(world, folder, text, reading=None, mission=None, name="journal.csv"):
    return import_call_log(
        mission=mission or world.mission,
        path=written(folder, text, name=name),
        reading=reading or Reading(),
        at=TUESDAY_10H,
    )


def test_a_call_to_a_number_kept_apart_counts_once(world, tmp_path):
    first = world.contact("+33199000001", apart=1)
    world.contact("+33199000001", apart=2)
    found = imported(world, tmp_path, HEAD + f"Léa;;01 99 00 00 01;{DAY};10:00;60;REF;;\n")
    assert (found.calls, list(Call.objects.values_list("contact_id", flat=True))) == (1, [first.pk])


def test_the_whole_real_campaign_of_a_bank(world, tmp_path):
    mission = running_mission(world.organisation, slug="banque", objective="sale")
    path = real("bank-full.csv", tmp_path, kind="calls")
    found = import_call_log(mission=mission, path=path, reading=BANK, at=TUESDAY_10H)
    assert (found.rows, found.contacts, found.calls, found.dials) == (45_211, 45_211, 45_211, 124_956)
    assert (found.agents, found.set_aside, found.unknown, found.log.dated) == (1, 0, {}, False)
    fold_everything()
    total = read_rates(mission=mission, by="agent", at=TUESDAY_10H).total
    assert (total.dials, total.reached, total.converted) == (124_956, 45_211, 5_289)
    for column in ("job", "month"):
        rows = read_rates(mission=mission, by=f"column:{column}", at=TUESDAY_10H).rows
        assert {row.key: (row.reached, row.converted) for row in rows} == counted_by_hand(column)


def counted_by_hand(column):
    with gzip.open(DATA / "calls" / "bank-full.csv.gz", "rt") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))
    reached = Counter(row[column] for row in rows)
    converted = Counter(row[column] for row in rows if row["y"] == "yes")
    return {value: (reached[value], converted[value]) for value in reached}


def test_a_log_with_agents_dates_and_phones(world, tmp_path):
    text = HEAD
    text += f"Anne Le Goff;;01 99 00 12 34;{DAY};10:15;1:12;Ne répond pas;;BTP\n"
    text += f"Anne Le Goff;;01 99 00 12 34;{DAY};16:00;72;RDV;« oui »;BTP\n"
    text += f"Bob;;0199001235;{DAY};;00:02:00;Refus argumenté;;Santé\n"
    found = imported(world, tmp_path, text)
    assert (found.rows, found.contacts, found.calls, found.agents) == (3, 2, 3, 2)
    calls = list(Call.objects.order_by("started_at"))
    assert [(call.outcome, call.seconds, call.engagement.label) for call in calls] == [
        ("NRP", 72, "Anne Le Goff"),
        ("REF", 120, "Bob"),
        ("RDV", 72, "Anne Le Goff"),
    ]
    assert calls[0].started_at == datetime(2026, 11, 3, 10, 15, tzinfo=PARIS)
    assert calls[1].started_at == datetime(2026, 11, 3, 12, 0, tzinfo=PARIS)  # a day without a clock is its noon
    assert (calls[2].converted, calls[2].reached, calls[2].note, calls[2].source) == (True, True, "« oui »", "import")
    assert {contact.phone: contact.state for contact in found.log.lead_file.contacts.all()} == {
        "+33199001234": "converted",
        "+33199001235": "closed",
    }
    assert found.log.lead_file.contacts.first().columns == {"Secteur": "BTP"}
    assert found.log.dated


def test_past_agents_are_ended_and_cannot_call(world, tmp_path):
    imported(world, tmp_path, HEAD + f";;0199001234;{DAY};10:00;5;NRP;;\nAnne;;0199001235;{DAY};10:00;5;NRP;;\n")
    past = Engagement.objects.filter(telemarketer=None).order_by("label")
    assert [(agent.label, agent.state) for agent in past] == [("Anne", "ended"), ("Journal importé", "ended")]


def test_contacts_that_the_mission_already_has_receive_their_calls(world, tmp_path):
    by_phone = world.contact("+33199001234")
    by_id = world.contact("+33199001239", external_id="C-7")
    text = (
        HEAD + f"Anne;;01 99 00 12 34;{DAY};10:00;5;NRP;;BTP\nAnne;C-7;;{DAY};11:00;5;RDV;;\nAnne;C-8;;{DAY};;5;ABS;;\n"
    )
    found = imported(world, tmp_path, text)
    for contact in (by_phone, by_id):
        contact.refresh_from_db()
    assert (by_phone.state, by_phone.attempts, by_phone.columns) == ("fresh", 1, {"Secteur": "BTP"})
    assert (by_id.state, by_id.calls.get().converted) == ("converted", True)
    new = found.log.lead_file.contacts.get()
    assert (new.external_id, new.phone, new.state) == ("C-8", None, "exhausted")
    lead_file = LeadFile.objects.get(pk=found.log.lead_file_id)
    assert (lead_file.rows, lead_file.created, lead_file.updated, lead_file.set_aside) == (3, 1, 2, 0)


def test_an_opposition_in_the_log_is_an_opposition(world, tmp_path):
    earlier = world.contact("+33199001234")
    imported(world, tmp_path, HEAD + f"Anne;;0199001234;{DAY};10:00;5;OPP;;\n")
    earlier.refresh_from_db()
    assert (earlier.state, Opposition.objects.count()) == ("closed", 1)


def test_unknown_outcomes_are_listed_and_nothing_is_imported(world, tmp_path):
    text = HEAD + f"Anne;;0199001234;{DAY};;5;Zut;;\nAnne;;0199001235;{DAY};;5;Zut;;\nAnne;;0199001236;{DAY};;5;RDV;;\n"
    with pytest.raises(Invalid) as refused:
        imported(world, tmp_path, text)
    assert (refused.value.code, refused.value.data) == ("unknown_outcomes", {"unknown": {"Zut": 2}})
    assert "« Zut » (2)" in refused.value.sentence
    assert not Call.objects.exists() and not CallLog.objects.exists() and not Contact.objects.exists()
    found = imported(world, tmp_path, text, Reading(set_aside_unknown=True))
    assert (found.calls, found.set_aside, found.reasons) == (1, 2, {"outcome_unknown": 2})


def test_values_are_said_to_be_outcomes_that_exist(world, tmp_path):
    text = HEAD + f"Anne;;0199001234;{DAY};;5;Sale !;;\n"
    assert imported(world, tmp_path, text, Reading(values={"sale!": "vte"})).calls == 1
    with pytest.raises(Invalid) as refused:
        imported(world, tmp_path, text + " ", Reading(values={"Sale !": "HOURRA"}))
    assert refused.value.code == "unknown_code"


def test_rows_that_cannot_be_read_are_set_aside_with_their_reason(world, tmp_path):
    text = HEAD + f"Anne;;0199001234;hier;;5;RDV;;\nAnne;;0199001235;{DAY};;longtemps;RDV;;\nA;;;{DAY};;5;NRP;;\n"
    found = imported(world, tmp_path, text)
    assert (found.reasons, found.calls) == ({"number_unreadable": 1, "started_unreadable": 1}, 1)
    aside = found.log.lead_file.set_aside_rows.order_by("row_number").values_list("row_number", "column", "value")
    assert list(aside) == [(2, "Date", "hier"), (3, "Durée", "longtemps")]


def test_the_same_log_is_not_doubled_in_silence(world, tmp_path):
    text = HEAD + f"Anne;;0199001234;{DAY};;5;NRP;;\n"
    imported(world, tmp_path, text)
    with pytest.raises(Refused) as refused:
        imported(world, tmp_path, text, name="copie.csv")
    assert refused.value.code == "already_imported"
    assert imported(world, tmp_path, text, Reading(again=True)).calls == 1
    assert Call.objects.count() == 2


def test_a_log_without_an_outcome_column_is_refused(world, tmp_path):
    with pytest.raises(Invalid) as refused:
        imported(world, tmp_path, "Agent;Durée\nAnne;5\n")
    assert refused.value.code == "no_outcome_column"


def test_a_reached_answer_is_folded_into_the_rates(world, tmp_path):
    imported(world, tmp_path, HEAD + f"Anne;;0199001234;{DAY};;5;RDV;;\nAnne;;0199001235;{DAY};;5;REF;;\n")
    fold_everything()
    row = next(row for row in read_rates(mission=world.mission, by="agent", at=TUESDAY_10H).rows if row.label == "Anne")
    assert (row.dials, row.reached, row.argued, row.converted) == (2, 2, 2, 1)


def test_columns_of_other_tools_are_recognised():
    call_center = ["Call Id", "Agent", "Date", "Time", "Topic", "Answered (Y/N)", "Resolved", "Talk Duration (Seconds)"]
    assert guess_log_mapping(call_center) == {
        "agent": "Agent",
        "started": "Date",
        "time": "Time",
        "seconds": "Talk Duration (Seconds)",
    }
    bank = ["age", "job", "contact", "day", "month", "duration", "campaign", "y"]
    assert guess_log_mapping(bank) == {"seconds": "duration"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-11-03T10:15:00+01:00", datetime(2026, 11, 3, 10, 15, tzinfo=PARIS)),
        ("2026-11-03 10:15", datetime(2026, 11, 3, 10, 15, tzinfo=PARIS)),
        ("03/11/2026 10:15:30", datetime(2026, 11, 3, 10, 15, 30, tzinfo=PARIS)),
        ("03/11/26 10:15", datetime(2026, 11, 3, 10, 15, tzinfo=PARIS)),
        ("03.11.2026", datetime(2026, 11, 3, 12, 0, tzinfo=PARIS)),
        ("31/02/2026", None),
        ("", None),
    ],
)
def test_moments_are_read_in_the_mission_s_zone(text, found):
    assert moment(text, PARIS) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("72", 72), ("72.0", 72), ("1:12", 72), ("00:01:12", 72), ("1 204", 1204), ("-3", None), ("x", None)],
)
def test_lengths_are_read_as_people_write_them(text, found):
    assert whole(text) == found


def run(capsys, *arguments):
    code = 0
    try:
        call_command("import_calls", *arguments)
    except SystemExit as stopped:
        code = stopped.code
    out, err = capsys.readouterr()
    return code, out, err


def test_the_command_prints_one_object_or_refuses_in_one_sentence(world, tmp_path, capsys):
    path = str(written(tmp_path, HEAD + f"Anne;;0199001234;{DAY};;5;yes;;\n"))
    code, out, err = run(capsys, path, "--mission", world.mission.slug, "--json")
    assert (code, out, err.count("\n")) == (1, "", 1) and "« yes » (1)" in err
    code, out, err = run(capsys, path, "--mission", world.mission.slug, "--value", "outcome:yes=RDV", "--json")
    said = json.loads(out)
    assert (code, err, said["rows"], said["calls"], said["dials"]) == (0, "", 1, 1, 1)
    assert said["mapping"]["outcome"] == "Résultat" and said["seconds"] >= 0

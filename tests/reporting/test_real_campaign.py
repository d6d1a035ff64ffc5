"""A real campaign, whole: the 45,211 people of UCI Bank Marketing, against a count by hand of its file."""

import csv
import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection

from reporting.folding import Drift, check, fold_everything
from reporting.rates import read_rates
from tests.reporting import given
from tests.reporting.conftest import paris

FILE = Path(__file__).parents[1] / "data" / "calls" / "bank-full.csv.gz"  # its licence stands beside it
CONTACT = "organisation_id, mission_id, lead_file_id, external_id, columns"
CALL = (
    "organisation_id, mission_id, contact_id, engagement_id, started_at, seconds, dials,"
    " answered, reached, argued, converted, final, outcome, source"
)


@pytest.fixture
def people():
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        return list(csv.DictReader(lines, delimiter=";"))


@pytest.fixture
def campaign(db, people):
    """One contact and one row of the log each; `campaign` is how many calls the row stands for, `y` whether it sold."""
    mission = given.a_mission("banque", objective="sale")
    lead_file, agent = given.a_file(mission, "bank-full.csv"), given.an_agent(mission, "Agents d’alors")
    owner = (mission.organisation_id, mission.pk)
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY prospecting_contact ({CONTACT}) FROM STDIN") as copy:
            for number, person in enumerate(people):
                copy.write_row((*owner, lead_file.pk, str(number), json.dumps(person)))
        cursor.execute("SELECT external_id::int, id FROM prospecting_contact WHERE mission_id = %s", [mission.pk])
        ids = dict(cursor.fetchall())
        with cursor.copy(f"COPY prospecting_call ({CALL}) FROM STDIN") as copy:
            for number, person in enumerate(people):
                sold = person["y"] == "yes"
                talk = (agent.pk, paris(2), int(person["duration"]), int(person["campaign"]))
                flags = (True, True, True, sold, True, "VTE" if sold else "REF", "import")
                copy.write_row((*owner, ids[number], *talk, *flags))
    fold_everything()
    return mission


def test_its_rates_are_those_of_the_file(campaign, people):
    total = read_rates(mission=campaign, by="agent", at=paris(3)).total
    assert (total.dials, total.reached, total.argued, total.converted) == (124_956, 45_211, 45_211, 5_289)
    assert (round(total.rate, 4), round(total.low, 4), round(total.high, 4)) == (0.1170, 0.1141, 0.1200)
    for column in ("job", "month", "age"):
        assert_counted_by_hand(campaign, people, column)
    assert check(since=paris(1)) == Drift(contacts=0, cells=0)


def assert_counted_by_hand(campaign, people, column):
    calls, reached, sold = Counter(), Counter(), Counter()
    for person in people:
        calls[person[column]] += int(person["campaign"])
        reached[person[column]] += 1
        sold[person[column]] += person["y"] == "yes"
    rates = read_rates(mission=campaign, by=f"column:{column}", at=paris(3))
    assert {row.key: (row.dials, row.reached, row.converted) for row in rates.rows} == {
        value: (calls[value], reached[value], sold[value]) for value in reached
    }

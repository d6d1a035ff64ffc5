"""The rates of the golden world, whole, as a count by hand gives them."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from config.errors import Invalid
from marketplace.models import Engagement
from prospecting.models import Contact, LeadFile
from reporting.folding import fold_everything
from reporting.rates import Period, Row, Total, read_rates
from tests.reporting import given
from tests.reporting.conftest import paris

NOW = paris(28)


def counts(rates):
    """(label, dials, reached, argued, converted) of each row, and of the total with its own line."""
    rows = [(row.label, row.dials, row.reached, row.argued, row.converted) for row in rates.rows]
    total = rates.total
    return rows, (total.dials, total.reached, total.argued, total.converted, total.reached_by_several)


def test_by_agent_each_is_counted_from_their_own_first_reach(golden):
    rows, total = counts(read_rates(at=NOW, mission=golden, by="agent"))
    assert rows == [("Bob", 5, 3, 2, 1), ("Dora", 4, 2, 2, 2)]
    assert total == (9, 4, 4, 3, 1)


def test_by_file_a_contact_is_counted_once(golden):
    rows, total = counts(read_rates(at=NOW, mission=golden, by="file"))
    assert rows == [("Salon", 5, 3, 3, 3), ("Annuaire", 4, 1, 1, 0)]
    assert total == (9, 4, 4, 3, 1)


def test_by_day_calls_stand_on_their_day_and_conversions_on_the_day_of_the_first_reach(golden):
    rates = read_rates(at=NOW, mission=golden, by="day")
    assert [(row.key, row.dials, row.reached, row.argued, row.converted) for row in rates.rows] == [
        ("2026-03-02", 1, 0, 0, 0),
        ("2026-03-03", 4, 4, 4, 3),
        ("2026-03-04", 2, 0, 0, 0),
        ("2026-03-05", 1, 0, 0, 0),
        ("2026-03-12", 1, 0, 0, 0),
    ]
    assert counts(rates)[1] == (9, 4, 4, 3, 1)


def test_by_a_column_of_the_file_contacts_without_it_are_a_row_too(golden):
    rates = read_rates(at=NOW, mission=golden, by="column:Taille")
    assert [(row.key, row.label, row.dials, row.reached, row.argued, row.converted) for row in rates.rows] == [
        ("10 à 50", "10 à 50", 4, 2, 2, 2),
        ("", "(vide)", 4, 1, 1, 0),
        ("50 et plus", "50 et plus", 1, 1, 1, 1),
    ]
    assert counts(rates)[1] == (9, 4, 4, 3, 1)


def test_by_a_mapped_field_by_its_name_or_by_its_header(golden):
    LeadFile.objects.filter(name="Salon").update(mapping={"city": "Commune"})
    expected = [("Rennes", 4, 2, 2, 2), ("Fougères", 4, 1, 1, 0), ("Vitré", 1, 1, 1, 1)]
    assert counts(read_rates(at=NOW, mission=golden, by="column:city"))[0] == expected
    assert counts(read_rates(at=NOW, mission=golden, by="column:Commune"))[0] == expected


def test_a_period_counts_the_contacts_first_reached_in_it(golden):
    fourth = Period(date(2026, 3, 4), date(2026, 3, 5))
    rows, total = counts(read_rates(at=NOW, mission=golden, by="agent", period=fourth))
    assert rows == [("Dora", 2, 1, 1, 1)]
    assert total == (2, 0, 0, 0, 1)
    upto = Period(until=date(2026, 3, 4))
    assert counts(read_rates(at=NOW, mission=golden, by="file", period=upto)) == (
        [("Salon", 4, 3, 3, 3), ("Annuaire", 1, 1, 1, 0)],
        (5, 4, 4, 3, 0),
    )


def test_the_day_is_that_of_the_mission_s_clock(golden):
    at = datetime.fromisoformat("2026-03-20T21:30:00+00:00")  # the 20th in Paris, the 21st on Réunion
    given.a_call(Contact.objects.filter(city="Fougères").last(), Engagement.objects.get(label="Bob"), at, "talk")
    type(golden).objects.filter(pk=golden.pk).update(time_zone="Indian/Reunion")
    fold_everything()
    assert [row.key for row in read_rates(at=NOW, mission=golden, by="day").rows][-1] == "2026-03-21"


def test_a_rate_has_its_interval_and_nobody_reached_has_no_rate(golden):
    rates = read_rates(at=NOW, mission=golden, by="day")
    assert (rates.rows[0].rate, rates.rows[0].low, rates.rows[0].high) == (None, None, None)
    third = rates.rows[1]
    assert third.rate == 0.75
    assert (round(third.low, 4), round(third.high, 4)) == (0.3006, 0.9544)


def test_a_mission_without_a_call_has_no_row_and_no_rate(db):
    rates = read_rates(at=NOW, mission=given.a_mission("vide"), by="file")
    assert rates.rows == []
    assert (rates.total.dials, rates.total.reached, rates.total.rate, rates.total.low) == (0, 0, None, None)


def test_another_mission_s_calls_are_not_counted(golden):
    other = given.a_mission("autre")
    (contact,) = given.contacts(given.a_file(other), 1, city="Rennes")
    given.a_call(contact, given.an_agent(other, "Charlie"), paris(3), "won")
    fold_everything()
    for by in ("agent", "file", "day", "column:city"):
        assert counts(read_rates(at=NOW, mission=golden, by=by))[1] == (9, 4, 4, 3, 1)
        assert counts(read_rates(at=NOW, mission=other, by=by))[1] == (1, 1, 1, 1, 0)


def test_a_conversion_long_after_the_last_talk_is_nobody_s_and_still_counts(db):
    mission = given.a_mission("achat", window_days=60)
    (contact,) = given.contacts(given.a_file(mission), 1)
    given.a_call(contact, given.an_agent(mission, "Bob"), paris(1), "pitch")
    given.a_conversion(contact, paris(1) + timedelta(days=31))
    fold_everything()
    rates = read_rates(at=NOW, mission=mission, by="agent")
    bob, nobody = rates.rows
    assert (bob.label, bob.reached, bob.converted) == ("Bob", 1, 0)
    assert (nobody.key, nobody.label, nobody.reached, nobody.converted) == ("unattributed", "non attribué", 0, 1)
    assert (nobody.rate, nobody.low, nobody.high) == (None, None, None)
    assert (rates.total.reached, rates.total.converted, rates.total.rate) == (1, 1, 1.0)


def test_the_conversions_that_are_nobody_s_add_up_on_a_day_and_go_again(db):
    mission = given.a_mission("achat", window_days=60)
    agent, events = given.an_agent(mission, "Bob"), []
    for contact in given.contacts(given.a_file(mission), 3):
        given.a_call(contact, agent, paris(1), "talk")
        events.append(given.a_conversion(contact, paris(1) + timedelta(days=31)))
        fold_everything()
    nobody = read_rates(at=NOW, mission=mission, by="agent").rows[-1]
    assert (nobody.key, nobody.converted) == ("unattributed", 3)
    for left in (2, 1):
        events.pop().delete()
        fold_everything()
        assert read_rates(at=NOW, mission=mission, by="agent").rows[-1].converted == left


def test_a_conversion_less_than_30_days_after_the_last_talk_is_that_agent_s(db):
    mission = given.a_mission("achat", window_days=60)
    (contact,) = given.contacts(given.a_file(mission), 1)
    given.a_call(contact, given.an_agent(mission, "Bob"), paris(1), "pitch")
    given.a_call(contact, given.an_agent(mission, "Dora"), paris(2), "talk")
    given.a_conversion(contact, paris(1) + timedelta(days=31))
    fold_everything()
    assert counts(read_rates(at=NOW, mission=mission, by="agent")) == (
        [("Bob", 1, 1, 1, 0), ("Dora", 1, 1, 0, 1)],
        (2, 1, 1, 1, 1),
    )


def test_a_row_of_a_log_that_stands_for_several_calls_counts_them_all(db):
    mission = given.a_mission("historique")
    (contact,) = given.contacts(given.a_file(mission), 1)
    given.a_call(contact, given.an_agent(mission, "Bob"), paris(1), "talk", dials=63)
    fold_everything()
    assert counts(read_rates(at=NOW, mission=mission, by="agent"))[0] == [("Bob", 63, 1, 0, 0)]


def test_values_beyond_the_hundredth_are_one_row(db):
    mission = given.a_mission("large")
    lead_file, agent = given.a_file(mission), given.an_agent(mission, "Bob")
    for number in range(103):
        (contact,) = given.contacts(lead_file, 1, columns={"rang": f"{number:03}"})
        given.a_call(contact, agent, paris(1), "won" if number > 100 else "talk")
    fold_everything()
    rates = read_rates(at=NOW, mission=mission, by="column:rang")
    assert [row.key for row in rates.rows[:100]] == [f"{number:03}" for number in range(100)]
    assert rates.rows[100:] == [Row(None, "3 autres valeurs", dials=3, reached=3, argued=2, converted=2)]
    assert rates.total == Total(None, "Mission", 103, 103, 2, 2, reached_by_several=0)


@pytest.mark.parametrize("by", ["agent", "file", "day", "column:Taille"])
def test_the_number_of_queries_is_fixed(golden, by):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        read_rates(at=NOW, mission=golden, by=by)
    assert len(queries) == 2 + by.startswith("column")


def test_what_waits_is_told_and_what_is_told_is_folded_next(golden):
    assert read_rates(at=NOW, mission=golden, by="agent").waiting == 0
    contact = Contact.objects.filter(city="Vitré").get()
    given.a_call(contact, Engagement.objects.get(label="Bob"), paris(13), "nobody")
    assert read_rates(at=NOW, mission=golden, by="agent").waiting == 1
    assert read_rates(at=NOW, mission=given.a_mission("autre"), by="agent").waiting == 0
    fold_everything()
    assert (
        read_rates(at=NOW, mission=golden, by="agent").waiting,
        read_rates(at=NOW, mission=golden, by="agent").total.dials,
    ) == (
        0,
        10,
    )


def test_an_unknown_grouping_or_column_is_refused_with_what_there_is(golden):
    with pytest.raises(Invalid) as error:
        read_rates(at=NOW, mission=golden, by="moon")
    assert (error.value.code, error.value.field) == ("by", "by")
    with pytest.raises(Invalid) as error:
        read_rates(at=NOW, mission=golden, by="column:Effectif")
    assert error.value.code == "column"
    assert error.value.sentence == (
        "Aucun fichier de cette mission n’a de colonne « Effectif »."
        " Colonnes : Taille, city, postal_code, job_title, company, territory."
    )


def test_a_column_that_names_a_person_is_no_grouping(golden):
    with pytest.raises(Invalid):
        read_rates(at=NOW, mission=golden, by="column:phone")


@pytest.mark.parametrize("until", [date(2026, 3, 3), date(2026, 3, 4)])
def test_a_period_the_wrong_way_round_is_refused(until):
    with pytest.raises(Invalid, match="finir après son début"):
        Period(date(2026, 3, 4), until)

"""What stands on each key must be what really happens."""

from datetime import timedelta

import pytest
from django.utils import translation

from prospecting.consequences import consequence
from prospecting.models import Contact, Outcome
from prospecting.reasons import half_day, near, sentence
from prospecting.rules.calling_rules import Facts, may_call
from prospecting.rules.regimes import regime
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_calling import call

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("NRP", "cet après-midi"),
        ("OCC", "dans 15 min"),
        ("REPM", "jeudi matin"),
        ("ABS", "demain matin"),
        ("ABSL", "à la date dite"),
        ("RAP", "promis, date et heure"),
        ("REF", "motif\u202f; paix de 60 jours"),
        ("REFI", "paix de 60 jours"),
        ("HC", "compte pour le fichier"),
        ("FNUM", "close la fiche"),
        ("OPP", "définitif, partout"),
        ("RDV", "+ 32,00\xa0€"),
        ("ERR", "dans 15 min, sans compter d’essai"),
    ],
)
def test_each_outcome_says_its_consequence(world: World, code: str, said: str) -> None:
    contact = world.contact()
    outcome = Outcome.objects.get(mission=None, code=code)
    rules = regime(world.mission.regime, TUESDAY_10H)
    assert consequence(outcome, contact, world.bobs, rules, TUESDAY_10H, attempts=1) == said


@pytest.mark.parametrize("code", ["NRP", "OCC", "REPM", "ABS", "STD"])
def test_the_words_are_what_then_happens(world: World, code: str) -> None:
    contact = world.contact()
    outcome = Outcome.objects.get(mission=None, code=code)
    at = TUESDAY_10H + timedelta(minutes=1)
    said = consequence(outcome, contact, world.bobs, regime(world.mission.regime, at), at, attempts=1)
    call(world.bobs, code)
    next_at = Contact.objects.get(pk=contact.pk).next_at
    assert next_at is not None
    assert said in {half_day(next_at, at), half_day(next_at, TUESDAY_10H)}


@pytest.mark.parametrize("code", ["NRP", "OCC", "ABSL"])
def test_the_last_attempt_says_that_it_is(world: World, code: str) -> None:
    outcome, rules = Outcome.objects.get(mission=None, code=code), regime(world.mission.regime, TUESDAY_10H)
    said = consequence(outcome, world.contact(), world.bobs, rules, TUESDAY_10H, attempts=4)
    assert said == "dernier essai"


def test_another_number_comes_next_when_there_is_one(world: World) -> None:
    contact = world.contact(other_phones=["+33199009999"])
    outcome = Outcome.objects.get(mission=None, code="FNUM")
    rules = regime(world.mission.regime, TUESDAY_10H)
    assert consequence(outcome, contact, world.bobs, rules, TUESDAY_10H, attempts=1) == "au numéro suivant"


def test_a_refusal_of_the_rules_is_one_sentence() -> None:
    lunch = TUESDAY_10H + timedelta(hours=3)
    assert sentence(may_call(Facts("FR_B2B", "FR"), lunch), lunch) == (
        "Hors des heures d’appel (9\xa0h–12\xa0h\xa030, 13\xa0h\xa030–18\xa0h\xa030)"
        "\xa0; prochain créneau à 13\xa0h\xa030"
    )
    assert sentence(may_call(Facts("FR_B2B", "FR", opposed=True), lunch - timedelta(hours=1)), lunch) == (
        "Ce numéro a demandé à ne plus être appelé, c’est définitif"
    )


def test_near_moments_are_said_from_now() -> None:
    at = TUESDAY_10H
    assert [near(at + timedelta(hours=hours), at, "Europe/Paris") for hours in (1, 24, 48, 24 * 8)] == [
        "11\xa0h\xa000",
        "demain 10\xa0h\xa000",
        "jeudi 10\xa0h\xa000",
        "mer. 2\xa0déc. 10\xa0h\xa000",
    ]
    with translation.override("en"):
        assert near(at + timedelta(hours=1), at, "Europe/Paris") == "11:00"

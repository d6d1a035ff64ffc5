"""Bases: when a consent, a contract or a requested call lets one call, until when, and why not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from prospecting.rules.bases import Problem, Stated, basis_problem, basis_until
from prospecting.rules.regimes import FR_B2B, FR_B2C
from prospecting.rules.territories import PARIS

MENTIONS = {
    "who": "Traiteur Armor et son prestataire Décroche, pour des réceptions",
    "answer": "Oui",
    "period": "12 mois",
    "withdraw": "par e-mail, ou de vive voix",
    "proof": "sur demande à bonjour@armor.example",
}
COLLECTED = datetime(2026, 6, 1, 14, 0, tzinfo=UTC)
CONSENT = Stated("consent", COLLECTED, about="réceptions", source="formulaire du site", mentions=MENTIONS)
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def problem(stated: Stated, at: datetime = AT) -> Problem | None:
    return basis_problem(stated, business="Traiteur ARMOR", rules=FR_B2C, at=at)


def test_a_consent_is_usable_365_days_and_blocks_on_day_366() -> None:
    assert basis_until(CONSENT, rules=FR_B2C) == COLLECTED + timedelta(days=365)
    assert problem(CONSENT, COLLECTED + timedelta(days=365, seconds=-1)) is None
    assert problem(CONSENT, COLLECTED + timedelta(days=365)) == Problem("basis_expired", "collected_at")


def test_a_consent_given_for_less_ends_sooner_and_never_later() -> None:
    sooner, later = COLLECTED + timedelta(days=90), COLLECTED + timedelta(days=900)
    assert basis_until(replace(CONSENT, ends_at=sooner), rules=FR_B2C) == sooner
    assert basis_until(replace(CONSENT, ends_at=later), rules=FR_B2C) == COLLECTED + timedelta(days=365)


@pytest.mark.parametrize("mention", ["who", "answer", "period", "withdraw", "proof"])
def test_a_consent_without_one_of_its_five_mentions_is_none(mention: str) -> None:
    assert problem(replace(CONSENT, mentions=MENTIONS | {mention: " "})) == Problem("mention_missing", mention)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("Oui", None), ("J’accepte d’être appelé", None), ("1", None), ("OPT-IN", None),
        ("Non", "consent_refused"), ("Je n’accepte pas", "consent_refused"), ("0", "consent_refused"),
        ("peut-être", "consent_unclear"), ("case précochée", "consent_unclear"),
    ],
)  # fmt: skip
def test_only_a_real_yes_is_a_consent(answer: str, code: str | None) -> None:
    found = problem(replace(CONSENT, mentions=MENTIONS | {"answer": answer}))
    assert (found and found.code) == code


def test_a_consent_names_the_business_that_calls() -> None:
    other = MENTIONS | {"who": "Nos partenaires commerciaux"}
    assert problem(replace(CONSENT, mentions=other)) == Problem("consent_for_another", "who")


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"kind": "legitimate_interest"}, Problem("basis_kind", "kind")),
        ({"collected_at": None}, Problem("basis_date_missing", "collected_at")),
        ({"collected_at": AT + timedelta(seconds=1)}, Problem("basis_in_future", "collected_at")),
        ({"about": " "}, Problem("basis_about_missing", "about")),
        ({"source": ""}, Problem("basis_source_missing", "source")),
    ],
)
def test_every_basis_says_what_when_and_from_where(change: dict, found: Problem) -> None:
    assert problem(replace(CONSENT, **change)) == found
    if "kind" not in change:
        assert problem(replace(CONSENT, kind="contract", mentions={}, **change)) == found


def test_a_requested_call_is_made_within_five_working_days() -> None:
    friday = datetime(2026, 11, 6, 17, 0, tzinfo=PARIS)  # the five: 9, 10, 12, 13 and 16: the 11th is a holiday
    asked = Stated("requested", friday, about="devis", source="formulaire")
    end = datetime(2026, 11, 17, tzinfo=PARIS)
    assert basis_until(asked, rules=FR_B2C) == end
    assert problem(asked, end - timedelta(seconds=1)) is None
    assert problem(asked, end) == Problem("basis_expired", "collected_at")


def test_the_working_days_of_a_request_are_counted_where_the_person_is() -> None:
    asked = Stated("requested", datetime(2026, 12, 16, 9, 0, tzinfo=PARIS), about="devis", source="site")
    reunion = ZoneInfo("Indian/Reunion")
    assert basis_until(asked, rules=FR_B2C, territory="FR-RE") == datetime(2026, 12, 24, tzinfo=reunion)


def test_a_contract_lasts_until_its_end_or_a_year_after_it_was_last_known() -> None:
    contract = Stated("contract", COLLECTED, about="entretien", source="contrat 42")
    end = COLLECTED + timedelta(days=800)
    assert basis_until(replace(contract, ends_at=end), rules=FR_B2C) == end
    assert basis_until(contract, rules=FR_B2C) == COLLECTED + timedelta(days=365)
    assert problem(contract) is None


def test_professionals_may_give_a_basis_too() -> None:
    assert basis_problem(CONSENT, business="Traiteur Armor", rules=FR_B2B, at=AT) is None

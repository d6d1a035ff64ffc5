"""What a call won is accepted, or contested for a listed reason within the window, then ruled."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.errors import DecrocheError, Invalid, Refused
from marketplace.models import Mission, User
from prospecting import accepting
from prospecting.accepting import TRANSITIONS, accept, accept_the_silent, answer, contest, follow, rule
from prospecting.anonymising import anonymise
from prospecting.booking import Slot
from prospecting.calling import undo
from prospecting.models import Acceptance, AcceptanceEvent, Appointment, Call, Contact
from prospecting.standard_outcomes import lay_down
from tests import cast
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_calling import call
from tests.prospecting.test_locks import closing

pytestmark = pytest.mark.django_db
CRITERIA = [{"key": "60_couverts", "label": "60 couverts"}, {"key": "a_40_km", "label": "À 40 km"}]
THURSDAY_10H = TUESDAY_10H + timedelta(days=2)
AGREED: dict[str, Any] = {"answers": {"covers": "80", "criterion.60_couverts": "yes"}}
BOOKED: dict[str, Any] = AGREED | {"appointment": Slot(THURSDAY_10H, "on_site")}
LEAD_DEADLINE = datetime(
    2026, 11, 29, 23, tzinfo=UTC
)  # won on Tuesday the 24th: until Sunday the 29th, midnight in Paris


def won(world: World, outcome: str = "LEAD", at: datetime = TUESDAY_10H, **said: Any) -> Acceptance:
    Mission.objects.filter(pk=world.mission.pk).update(criteria=CRITERIA)
    world.bobs.refresh_from_db()
    world.contact()
    saved = call(world.bobs, outcome, at, **(said or (BOOKED if outcome == "RDV" else AGREED)))
    return Acceptance.objects.get(call=saved)


def contested(world: World) -> Acceptance:
    return contest(
        acceptance=won(world), reason="wrong_person", text="C’est le stagiaire.", user=world.alice, at=TUESDAY_10H
    )


def operator() -> User:
    return User.objects.create_user("odile@example.test", is_operator=True)


def history(acceptance: Acceptance) -> list[tuple[str, str, int | None]]:
    return list(AcceptanceEvent.objects.filter(acceptance=acceptance).order_by("pk").values_list("what", "by", "user"))


def test_a_conversion_opens_an_acceptance_with_what_the_criteria_say_by_themselves(world: World) -> None:
    acceptance = won(world)
    assert acceptance.verdict == [
        {"criterion": "60_couverts", "label": "60 couverts", "met": True, "answer": "yes"},
        {"criterion": "a_40_km", "label": "À 40 km", "met": False, "answer": ""},
        {"criterion": "question.covers", "label": "Couverts", "met": True, "answer": "80"},
    ]
    assert (acceptance.state, acceptance.deadline_at, acceptance.engagement) == ("pending", LEAD_DEADLINE, world.bobs)
    assert history(acceptance) == [("pending", "system", None)]


def test_the_criteria_and_the_days_are_those_that_were_agreed(world: World) -> None:
    world.bobs.terms = {"criteria": ["Décide"], "contest_days": 1}
    world.bobs.save()
    acceptance = won(world)
    assert [one["label"] for one in acceptance.verdict] == ["Décide", "Couverts"]
    assert acceptance.deadline_at == datetime(2026, 11, 25, 23, tzinfo=UTC)


def test_the_window_of_an_appointment_begins_at_its_end(world: World) -> None:
    acceptance = won(world, "RDV")
    assert acceptance.appointment == Appointment.objects.get()
    assert acceptance.deadline_at == datetime(2026, 12, 1, 23, tzinfo=UTC)


@pytest.mark.parametrize("outcome", ["NRP", "REFI", "HC"])
def test_what_wins_nothing_opens_nothing(world: World, outcome: str) -> None:
    world.contact()
    call(world.bobs, outcome)
    assert not Acceptance.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "converted", "state"),
    [("RDV", False, "closed"), ("LEAD", False, "closed"), ("VTE", True, "converted")],
)
def test_where_a_sale_is_wanted_less_is_a_step_neither_counted_nor_paid(
    world: World, outcome: str, converted: bool, state: str
) -> None:
    Mission.objects.filter(pk=world.mission.pk).update(objective="sale")
    world.contact()
    saved = call(world.bobs, outcome, **(BOOKED if outcome == "RDV" else AGREED))
    assert (saved.converted, Contact.objects.get().state) == (converted, state)
    assert (Acceptance.objects.count(), Appointment.objects.count()) == (int(converted), int(outcome == "RDV"))


def test_a_contact_won_twice_is_owed_once(world: World) -> None:
    first = won(world)
    second = accepting.open_acceptance(
        call=_second_call(first), contact=first.contact, appointment=None, at=TUESDAY_10H
    )
    assert (first.state, second.state) == ("pending", "void")


def _second_call(first: Acceptance) -> Call:
    return Call.objects.create(
        organisation=first.organisation, mission=first.mission, contact=first.contact, engagement=first.engagement,
        started_at=TUESDAY_10H, outcome="LEAD", answered=True, reached=True, argued=True, converted=True, final=True,
    )  # fmt: skip


def test_undoing_the_call_voids_what_it_won_and_logging_it_again_opens_another(world: World) -> None:
    acceptance = won(world, "RDV")
    undo(engagement=world.bobs, call_id=acceptance.call.public_id, key=uuid4(), at=acceptance.call.logged_at)
    acceptance.refresh_from_db()
    assert (acceptance.state, history(acceptance)[-1][:2]) == ("void", ("void", "agent"))


def test_a_call_whose_gain_is_accepted_is_not_undone_any_more(world: World) -> None:
    acceptance = won(world)
    accept(acceptances=[acceptance], user=world.alice, at=TUESDAY_10H)
    with pytest.raises(Refused) as refused:
        undo(engagement=world.bobs, call_id=acceptance.call.public_id, key=uuid4(), at=acceptance.call.logged_at)
    assert (refused.value.code, Call.objects.filter(void=True).count()) == ("already_decided", 0)


def test_the_business_accepts_several_at_once_and_twice_is_once(world: World) -> None:
    both = [won(world), won(world)]
    for _twice in range(2):
        accept(acceptances=both, user=world.alice, at=TUESDAY_10H)
    assert {(one.state, one.decided_at, one.decided_by) for one in Acceptance.objects.all()} == {
        ("accepted", TUESDAY_10H, "business")
    }
    assert [history(one) for one in both] == [
        [("pending", "system", None), ("accepted", "business", world.alice.pk)]
    ] * 2


def test_all_are_accepted_or_none(world: World) -> None:
    lost, other = contested(world), won(world)
    with pytest.raises(Refused):
        accept(acceptances=[other, lost], user=world.alice, at=TUESDAY_10H)
    other.refresh_from_db()
    assert other.state == "pending"


@pytest.mark.parametrize(
    ("reason", "text", "field"),
    [("interest", "Peu motivé", "reason"), ("", "Rien", "reason"), ("criteria", " ", "text")],
)
def test_a_contest_needs_a_reason_of_the_list_and_the_facts(world: World, reason: str, text: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        contest(acceptance=won(world), reason=reason, text=text, user=world.alice, at=TUESDAY_10H)
    assert (refused.value.field, Acceptance.objects.get().state) == (field, "pending")


def test_a_contest_is_heard_until_the_last_second_and_not_after(world: World) -> None:
    late, in_time = won(world), won(world)
    with pytest.raises(Refused) as refused:
        contest(acceptance=late, reason="criteria", text="Non", user=world.alice, at=LEAD_DEADLINE)
    assert (refused.value.code, refused.value.data) == ("window_closed", {"deadline_at": LEAD_DEADLINE.isoformat()})
    last_second = LEAD_DEADLINE - timedelta(seconds=1)
    kept = contest(acceptance=in_time, reason="criteria", text="Non", user=world.alice, at=last_second)
    assert (kept.state, kept.contested_at, kept.contested_by) == ("contested", last_second, world.alice)


def test_silence_accepts_a_minute_after_the_deadline_and_leaves_the_contested(world: World) -> None:
    silent, disputed = won(world), contested(world)
    assert accept_the_silent(at=LEAD_DEADLINE) == 0
    after = LEAD_DEADLINE + timedelta(minutes=1)
    assert (accept_the_silent(at=after), accept_the_silent(at=after)) == (1, 0)
    assert list(Acceptance.objects.order_by("pk").values_list("state", "decided_by", "decided_at")) == [
        ("accepted", "silence", after), ("contested", "", None),
    ]  # fmt: skip
    assert history(silent)[-1] == ("accepted", "silence", None)
    assert disputed.pk


def test_silence_is_heard_in_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accepting, "BATCH", 2)
    for _five in range(5):
        won(world)
    assert accept_the_silent(at=LEAD_DEADLINE + timedelta(days=1)) == 5


@pytest.mark.parametrize(("uphold", "state"), [(True, "upheld"), (False, "rejected")])
def test_the_operator_rules_once_with_words(world: World, uphold: bool, state: str) -> None:
    odile, acceptance = operator(), contested(world)
    answer(acceptance=acceptance, text="C’était la gérante.", user=world.bob, at=TUESDAY_10H)
    for _twice in range(2):
        ruled = rule(acceptance=acceptance, uphold=uphold, text="L’appel le dit.", user=odile, at=THURSDAY_10H)
    assert (ruled.state, ruled.answer_text, ruled.ruling_text, ruled.ruled_by) == (
        state, "C’était la gérante.", "L’appel le dit.", odile,
    )  # fmt: skip
    assert (ruled.decided_at, ruled.decided_by) == (THURSDAY_10H, "operator")
    assert history(ruled) == [
        ("pending", "system", None), ("contested", "business", world.alice.pk), ("answered", "agent", world.bob.pk),
        (state, "operator", odile.pk),
    ]  # fmt: skip
    with pytest.raises(Refused):
        rule(acceptance=acceptance, uphold=not uphold, text="Et puis non.", user=odile, at=THURSDAY_10H)


def test_a_ruling_says_why_and_answers_only_what_is_contested(world: World) -> None:
    with pytest.raises(Invalid):
        rule(acceptance=contested(world), uphold=True, text="", user=operator(), at=TUESDAY_10H)
    with pytest.raises(Refused) as refused:
        answer(acceptance=won(world), text="Mais si", user=world.bob, at=TUESDAY_10H)
    assert refused.value.code == "not_contested"


# Every change of state, tried from every state, by the activity and by plain SQL.

STATES = list(Acceptance.State.values)


def put(acceptance: Acceptance, state: str) -> Acceptance:
    """Bring it to a state by the ways that there are."""
    path = {"accepted": ["accepted"], "contested": ["contested"], "upheld": ["contested", "upheld"],
            "rejected": ["contested", "rejected"], "void": ["void"], "pending": []}[state]  # fmt: skip
    for step in path:
        set_by_sql(acceptance, step)
    acceptance.refresh_from_db()
    return acceptance


def set_by_sql(acceptance: Acceptance, state: str) -> None:
    said = {"reason": "criteria", "contested_at": TUESDAY_10H} if state == "contested" else {}
    done = {"decided_at": TUESDAY_10H, "decided_by": "operator"} if state in ("accepted", "upheld", "rejected") else {}
    with transaction.atomic():
        Acceptance.objects.filter(pk=acceptance.pk).update(state=state, **said, **done)


@pytest.mark.parametrize("state", STATES)
def test_the_database_holds_the_same_table_of_changes(world: World, state: str) -> None:
    acceptance = put(won(world), state)
    for to in STATES:
        allowed = to == state or (to in TRANSITIONS[state] and state != "void")
        try:
            with transaction.atomic():
                set_by_sql(acceptance, to)
                transaction.set_rollback(True)
            done = True
        except IntegrityError:
            done = False
        assert done == allowed, (state, to)


VERBS: dict[str, Callable[[Acceptance, User], object]] = {
    "accepted": lambda one, who: accept(acceptances=[one], user=who, at=THURSDAY_10H),
    "contested": lambda one, who: contest(acceptance=one, reason="criteria", text="Non", user=who, at=THURSDAY_10H),
    "upheld": lambda one, who: rule(acceptance=one, uphold=True, text="Oui", user=who, at=THURSDAY_10H),
    "rejected": lambda one, who: rule(acceptance=one, uphold=False, text="Non", user=who, at=THURSDAY_10H),
}


@pytest.mark.parametrize("state", STATES)
def test_every_verb_is_refused_from_every_state_that_does_not_lead_there(world: World, state: str) -> None:
    acceptance = put(won(world), state)
    for to, verb in VERBS.items():
        if to in TRANSITIONS[state] or to == state == "accepted":
            continue
        with pytest.raises(Refused) as refused:
            verb(acceptance, world.alice)
        assert refused.value.code == "already_decided"
        assert Acceptance.objects.get().state == state


def test_the_database_closes_the_window_and_keeps_the_history(world: World) -> None:
    acceptance = won(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Acceptance.objects.update(state="contested", reason="criteria", contested_at=LEAD_DEADLINE)
    with pytest.raises(IntegrityError), transaction.atomic():
        AcceptanceEvent.objects.filter(acceptance=acceptance).update(what="accepted")
    with pytest.raises(IntegrityError), transaction.atomic():
        AcceptanceEvent.objects.filter(acceptance=acceptance).delete()


# An appointment that changes takes along what was won.


def test_moved_to_another_hour_the_window_moves_along(world: World) -> None:
    acceptance = won(world, "RDV")
    old = acceptance.appointment
    assert old is not None
    Appointment.objects.filter(pk=old.pk).update(state="moved")
    new = Appointment.objects.get(pk=old.pk)
    new.pk, new.public_id, new.state = None, uuid4(), "booked"
    new.starts_at, new.ends_at = old.starts_at + timedelta(days=7), old.ends_at + timedelta(days=7)
    new.save(force_insert=True)
    follow(new, THURSDAY_10H)
    acceptance.refresh_from_db()
    assert (acceptance.appointment, acceptance.state, acceptance.deadline_at) == (
        new, "pending", datetime(2026, 12, 8, 23, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("by", "state"),
    [("prospect", "void"), ("agent", "void"), ("business", "pending"), ("system", "pending"), ("operator", "pending")],
)
def test_called_off_by_the_business_it_stays_won(world: World, by: str, state: str) -> None:
    acceptance = won(world, "RDV")
    Appointment.objects.update(state="cancelled", cancelled_by=by)
    follow(Appointment.objects.get(), TUESDAY_10H)
    acceptance.refresh_from_db()
    assert acceptance.state == state
    if state == "pending":
        assert acceptance.deadline_at == LEAD_DEADLINE  # the days begin when it was called off


# At once, on real connections.


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "at_once",
    [
        ("accepted", "contested"),
        ("upheld", "rejected"),
        ("silence", "contested"),
        ("contested", "contested"),
        ("silence", "silence"),
    ],
)
def test_whoever_comes_first_decides_and_nobody_twice(at_once: tuple[str, str]) -> None:
    lay_down()
    world = cast.world()
    last_second = LEAD_DEADLINE - timedelta(seconds=1)
    verbs = VERBS | {"silence": lambda one, _who: accept_the_silent(at=LEAD_DEADLINE + timedelta(minutes=2))}
    verbs["contested"] = lambda one, who: contest(
        acceptance=one, reason="criteria", text=who.email, user=who, at=last_second
    )
    for _round in range(6):
        acceptance = won(world)
        if "upheld" in at_once:
            contest(acceptance=acceptance, reason="criteria", text="Non", user=world.alice, at=TUESDAY_10H)
        acts = [lambda verb=verb, who=who, one=acceptance: verbs[verb](one, who)  # type: ignore[misc]
                for verb, who in zip(at_once, (world.alice, world.carole), strict=True)]  # fmt: skip
        with ThreadPoolExecutor(2) as threads:
            refused = [done.exception() for done in [threads.submit(closing(act)) for act in acts]]
        assert all(one is None or isinstance(one, Refused) for one in refused)
        acceptance.refresh_from_db()
        decided = [
            what for what, _by, _user in history(acceptance) if what in ("accepted", "upheld", "rejected", "contested")
        ]
        expected = ["contested"] if "upheld" in at_once else []
        assert decided == [*expected, acceptance.state]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from([*VERBS, "silence", "answered", "cancelled"]), max_size=8))
def test_whatever_is_tried_in_whatever_order_the_history_tells_the_state(world: World, steps: list[str]) -> None:
    acceptance = won(world)
    verbs = VERBS | {
        "silence": lambda _one, _who: accept_the_silent(at=LEAD_DEADLINE + timedelta(days=1)),
        "answered": lambda one, who: answer(acceptance=one, text="Si", user=who, at=THURSDAY_10H),
        "cancelled": lambda one, _who: accepting.void(one.call, THURSDAY_10H),
    }
    for step in steps:
        with suppress(DecrocheError):
            verbs[step](acceptance, world.alice)
    acceptance.refresh_from_db()
    states = [what for what, _by, _user in history(acceptance) if what in STATES]
    assert states[-1] == acceptance.state
    assert all(after in TRANSITIONS[before] for before, after in pairwise(states))
    assert (acceptance.decided_at is not None) == (acceptance.state in ("accepted", "upheld", "rejected"))


def test_once_the_person_is_erased_the_verdict_keeps_what_was_met_and_not_their_words(world: World) -> None:
    acceptance = won(world)
    before = acceptance.verdict
    anonymise([acceptance.contact_id], at=TUESDAY_10H)
    acceptance.refresh_from_db()
    assert any(line["answer"] for line in before)
    assert acceptance.verdict == [line | {"answer": ""} for line in before]

"""What became of an appointment, from both sides; who is asked, and what silence means."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.test import Client

from config.errors import Invalid, Refused
from marketplace.models import Membership
from prospecting import asking
from prospecting.accepting import accept_the_silent
from prospecting.asking import ask_all
from prospecting.fate import FATES, disagrees, last_words, settle_the_silent, tell
from prospecting.models import Acceptance, Appointment, AppointmentEvent
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_accepting import THURSDAY_10H, won

pytestmark = pytest.mark.django_db
AFTER = THURSDAY_10H + timedelta(hours=2)
NEXT_MORNING = datetime(2026, 11, 27, 7, 30, tzinfo=UTC)  # Friday, 8:30 in Paris
OVER = datetime(2026, 12, 1, 23, 1, tzinfo=UTC)  # a minute past the deadline


@pytest.fixture
def booked(world: World) -> Appointment:
    appointment = won(world, "RDV").appointment
    assert appointment is not None
    return appointment


def told(appointment: Appointment, fate: str, by: str = "business", at: datetime = AFTER, **more: Any) -> Appointment:
    tell(appointment=appointment, fate=fate, by=by, user=None, at=at, **more)
    appointment.refresh_from_db()
    return appointment


@pytest.mark.parametrize("fate", [key for key in FATES if key != "moved"])
def test_the_word_of_the_business_moves_the_state_and_is_kept(booked: Appointment, fate: str) -> None:
    told(booked, fate)
    said = FATES[fate]
    assert (booked.state, booked.fate_by_business, booked.cancelled_by) == (said.state, said.state, said.by)
    [event] = AppointmentEvent.objects.filter(what="fate")
    assert (event.by, event.at, event.detail, booked.fate_at) == ("business", AFTER, {"fate": fate}, AFTER)


def test_the_agents_word_stands_beside_and_moves_nothing(booked: Appointment) -> None:
    told(booked, "prospect_absent", by="agent")
    assert (booked.state, booked.fate_by_agent, disagrees(booked)) == ("booked", "prospect_absent", False)
    told(booked, "held")
    assert (booked.state, disagrees(booked)) == ("held", True)
    assert last_words([booked]) == {booked.pk: {"agent": "prospect_absent", "business": "held"}}


def test_a_fate_told_wrongly_is_told_again_and_both_are_kept(booked: Appointment) -> None:
    for fate in ("prospect_absent", "prospect_absent", "held"):
        told(booked, fate)
    events = AppointmentEvent.objects.filter(what="fate").order_by("pk").values_list("detail__fate", flat=True)
    assert (booked.state, list(events)) == ("held", ["prospect_absent", "held"])


def test_nothing_is_told_before_its_hour_nor_of_one_called_off(booked: Appointment) -> None:
    with pytest.raises(Refused) as early:
        told(booked, "held", at=THURSDAY_10H - timedelta(minutes=1))
    Appointment.objects.filter(pk=booked.pk).update(state="cancelled", cancelled_by="prospect")
    with pytest.raises(Refused) as gone:
        told(booked, "held")
    assert (early.value.code, gone.value.code) == ("not_yet", "no_fate")


@pytest.mark.parametrize(("fate", "by"), [("interested", "business"), ("held", "operator")])
def test_only_the_two_sides_speak_and_only_of_the_list(booked: Appointment, fate: str, by: str) -> None:
    with pytest.raises(Invalid):
        told(booked, fate, by=by)


def test_put_off_asks_the_new_hour_and_what_was_won_follows(booked: Appointment) -> None:
    with pytest.raises(Invalid) as missing:
        told(booked, "moved")
    booked.refresh_from_db()
    assert (missing.value.field, booked.state) == ("starts_at", "booked")
    next_week = THURSDAY_10H + timedelta(days=7)
    told(booked, "moved", starts_at=next_week)
    new = Appointment.objects.exclude(pk=booked.pk).get()
    acceptance = Acceptance.objects.get()
    assert (booked.state, booked.moved_to, new.starts_at, new.state) == ("moved", new, next_week, "booked")
    assert (acceptance.appointment, acceptance.state, acceptance.deadline_at.date().isoformat()) == (
        new, "pending", "2026-12-08",
    )  # fmt: skip


def test_the_business_alone_takes_nothing_back_by_saying_that_the_prospect_called_it_off(booked: Appointment) -> None:
    told(booked, "cancelled_by_prospect")
    assert Acceptance.objects.get().state == "pending"
    told(booked, "cancelled_by_prospect", by="agent")
    assert Acceptance.objects.get().state == "void"


def test_the_absence_of_the_business_never_counts_against_the_agent(booked: Appointment) -> None:
    told(booked, "client_absent")
    accept_the_silent(at=OVER)
    assert Acceptance.objects.get().state == "accepted"


@pytest.mark.parametrize(
    ("agents_word", "state", "owed"),
    [
        ("", "held", "accepted"),
        ("prospect_absent", "prospect_absent", "accepted"),
        ("cancelled_by_prospect", "cancelled", "void"),
    ],
)
def test_silence_keeps_the_agents_word_or_else_holds(
    booked: Appointment, agents_word: str, state: str, owed: str
) -> None:
    if agents_word:
        told(booked, agents_word, by="agent")
    assert settle_the_silent(at=OVER - timedelta(minutes=2)) == 0
    assert (settle_the_silent(at=OVER), settle_the_silent(at=OVER)) == (1, 0)
    accept_the_silent(at=OVER)
    booked.refresh_from_db()
    assert (booked.state, booked.fate_by_business, Acceptance.objects.get().state) == (state, "", owed)


# The question of the day after.


def test_the_business_is_asked_once_the_morning_after_each_in_their_language(world: World, booked: Appointment) -> None:
    world.carole.language = "en"
    world.carole.save()
    assert [ask_all(at=at) for at in (AFTER, NEXT_MORNING - timedelta(hours=1), NEXT_MORNING, NEXT_MORNING)] == [
        0,
        0,
        2,
        0,
    ]
    assert {message.to[0] for message in mail.outbox} == {"alice@example.test", "carole@example.test"}
    body = next(message.body for message in mail.outbox if message.to == ["alice@example.test"])
    assert "Bob vous avait pris un rendez-vous avec Lycée Jean-Macé" in body
    assert body.count("/sort/") == len(FATES)


def test_who_has_answered_is_not_asked(booked: Appointment) -> None:
    told(booked, "held")
    assert ask_all(at=NEXT_MORNING) == 0


def test_a_mail_that_cannot_leave_is_tried_again(booked: Appointment, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_args: object, **_more: object) -> int:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(asking, "send_mail", down)
        assert ask_all(at=NEXT_MORNING) == 0
    assert ask_all(at=NEXT_MORNING) == 2


def test_the_link_shows_the_choice_and_only_the_button_makes_it(world: World, booked: Appointment) -> None:
    address = asking.link(booked, world.alice, "prospect_absent").split("8000", 1)[1]
    with time_machine.travel(NEXT_MORNING, tick=False):
        client = Client()
        page = client.get(address)
        booked.refresh_from_db()
        assert (page.status_code, booked.state) == (200, "booked")
        assert 'value="prospect_absent" checked' in page.content.decode()
        assert client.post(address, {"fate": "prospect_absent"}).status_code == 302
    booked.refresh_from_db()
    assert booked.state == "prospect_absent"
    assert AppointmentEvent.objects.get(what="fate").user == world.alice


def test_a_link_is_worth_nothing_when_false_old_or_of_somebody_who_left(world: World, booked: Appointment) -> None:
    good = asking.token(booked, world.alice)
    for signed, at in ((good[:-1] + "x", AFTER), (good, AFTER + timedelta(days=61))):
        assert asking.behind(signed, at) is None
    Membership.objects.filter(user=world.alice).delete()
    assert asking.behind(good, AFTER) is None
    with time_machine.travel(AFTER, tick=False):
        assert Client().get(f"/sort/{good}/held/").status_code == 410
    assert TUESDAY_10H < AFTER

"""Behind the links: no account, nothing changed by reading, one button each, worthless after the hour."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
import time_machine
import vobject
from django.http import HttpResponse
from django.test import Client

from prospecting import links, moving
from prospecting.models import Appointment
from prospecting.moving import PROSPECT
from tests.cast import World
from tests.prospecting.booking.given import LATER, THURSDAY_10H, booked, history

pytestmark = pytest.mark.django_db


def ask(method: str, token: str, act: str = "", at: datetime = LATER, **data: str) -> HttpResponse:
    with time_machine.travel(at, tick=False):
        return getattr(Client(), method)(f"/rdv/{token}/{act}{'/' if act else ''}", data)


def text(response: HttpResponse) -> str:
    return unescape(response.content.decode()).replace("\xa0", " ").replace("\u202f", " ")


@pytest.fixture
def one(world: World) -> Appointment:
    return booked(world)


@pytest.fixture
def token(one: Appointment) -> str:
    return links.token_of(one)


@pytest.mark.parametrize("act", ["", "oui", "non", "deplacer"])
def test_reading_changes_nothing(one: Appointment, token: str, act: str) -> None:
    for method in ("get", "head"):
        assert ask(method, token, act).status_code == 200 if act or method == "get" else True
    one.refresh_from_db()
    assert (one.state, history(one)) == ("booked", [("booked", "agent")])


def test_the_page_says_when_where_and_with_whom_and_nothing_else(token: str) -> None:
    response = ask("get", token)
    html = text(response)
    assert "jeudi 26 nov. 2026 à 10 h 00" in html and "9 rue Saint-Louis" in html and "Traiteur Armor" in html
    assert "120 couverts" not in html and "01 99" not in html and response["X-Robots-Tag"] == "noindex"


def test_a_button_confirms(one: Appointment, token: str) -> None:
    assert ask("post", token, "oui").status_code == 302
    assert "C’est confirmé" in text(ask("get", token))
    assert history(one)[-1] == ("confirmed", "prospect")


def test_a_button_declines_with_a_word_or_without(one: Appointment, token: str) -> None:
    ask("post", token, "non", reason="Je suis absente")
    one.refresh_from_db()
    assert (one.state, one.cancelled_by, one.events.last().detail) == (
        "cancelled",
        "prospect",
        {"reason": "Je suis absente"},
    )
    assert "annulé" in text(ask("get", token))
    again = ask("post", token, "oui")
    assert again.status_code == 409 and "plus rien à y changer" in text(again)


def test_another_hour_is_one_of_the_free_ones(one: Appointment, token: str) -> None:
    offered = re.findall(r'name="starts_at" value="([^"]+)"', ask("get", token, "deplacer").content.decode())
    assert len(offered) > 20 and "2026-11-26T10:30:00+01:00" in offered
    ask("post", token, "deplacer", starts_at="2026-11-26T10:30:00+01:00")
    new = Appointment.objects.exclude(pk=one.pk).get()
    assert (new.starts_at, history(new)) == (THURSDAY_10H + timedelta(minutes=30), [("booked", "prospect")])
    assert "10 h 30" in text(ask("get", token))  # the first e-mail's link still leads to it


@pytest.mark.parametrize(
    ("sent", "status"), [("", 400), ("demain", 400), ("2026-11-26T10:00:00", 400), ("2026-11-26T13:00:00+01:00", 400)]
)
def test_an_hour_that_cannot_be_is_refused_with_a_sentence(
    one: Appointment, token: str, sent: str, status: int
) -> None:
    response = ask("post", token, "deplacer", starts_at=sent)
    assert response.status_code == status and 'role="alert"' in response.content.decode()
    assert Appointment.objects.count() == 1


def test_a_false_or_old_link_opens_nothing(one: Appointment, token: str) -> None:
    other = token.replace(one.public_id.hex[:4], "beef", 1)
    for bad, at in ((other, LATER), ("x", LATER), ("a-b:c", LATER), (token, one.starts_at + timedelta(minutes=61))):
        for method, act in (("get", ""), ("get", "oui"), ("post", "oui"), ("post", "non")):
            assert ask(method, bad, act, at=at).status_code == 410
    one.refresh_from_db()
    assert one.state == "booked"


def test_the_hour_past_nothing_is_left_to_press(one: Appointment, token: str) -> None:
    response = ask("get", token, at=one.starts_at + timedelta(minutes=5))
    assert "est passée" in text(response) and "<button" not in text(response).split("<main")[1].split("</main")[0]
    assert ask("post", token, "non", at=one.starts_at + timedelta(minutes=5)).status_code == 409


def test_the_file_for_ones_own_calendar(one: Appointment, token: str) -> None:
    with time_machine.travel(LATER, tick=False):
        response = Client().get(f"/rdv/{token}/rendez-vous.ics")
    assert vobject.readOne(response.content.decode()).vevent.uid.value == f"{one.public_id}@decroche"


def test_an_unknown_act_does_nothing(one: Appointment, token: str) -> None:
    assert ask("post", token, "voler").status_code == 200
    assert history(one) == [("booked", "agent")]


def test_the_link_of_one_that_fell_through_follows_to_the_next(one: Appointment, token: str, world: World) -> None:
    moving.cancel(appointment=one, actor=PROSPECT, at=LATER)
    moving.move(
        appointment=one, starts_at=THURSDAY_10H + timedelta(hours=1), actor=moving.Actor("business", world.alice),
        reason="Rappelée", at=LATER,
    )  # fmt: skip
    assert "11 h 00" in text(ask("get", token))

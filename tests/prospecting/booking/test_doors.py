"""The pages and the API of appointments and agendas: who may open what, and that both doors lead to the same room."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
import vobject
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketplace.engaging import end
from prospecting.agendas import calendar_address
from prospecting.models import Agenda, Appointment
from tests.cast import TUESDAY_10H, World
from tests.prospecting.booking.given import LATER, THURSDAY_10H, agenda, booked, history

pytestmark = pytest.mark.django_db
PEOPLE = ("nobody", "charlie", "bob", "victor", "carole", "alice")  # charlie: a stranger; victor: a viewer


def ask(world: World, who: str, path: str, method: str = "get", **data: Any) -> HttpResponse:
    client = Client()
    if who != "nobody":
        client.force_login(getattr(world, who))
    body: dict[str, Any] = {"data": data}
    if path.startswith("/api/") and method != "get":
        body |= {"content_type": "application/json"}
    with time_machine.travel(LATER, tick=False):
        return getattr(client, method)(path, **body)


def text(response: HttpResponse) -> str:
    return unescape(response.content.decode()).replace("\xa0", " ").replace("\u202f", " ")


ACCESS = {
    #                                                     nobody charlie bob victor carole alice
    ("get", "/rendez-vous/"): (302, 200, 200, 200, 200, 200),
    ("get", "/rendez-vous/{one}/"): (302, 404, 404, 200, 200, 200),
    ("post", "/rendez-vous/{one}/faire/cancel/"): (302, 404, 404, 404, 302, 302),
    ("post", "/rendez-vous/{one}/faire/move/"): (302, 404, 404, 404, 400, 400),
    ("get", "/rendez-vous/agendas/"): (302, 404, 404, 200, 200, 200),
    ("get", "/rendez-vous/agendas/nouvel/"): (302, 404, 404, 403, 200, 200),
    ("get", "/rendez-vous/agendas/{agenda}/"): (302, 404, 404, 200, 200, 200),
    ("post", "/rendez-vous/agendas/{agenda}/"): (302, 404, 404, 404, 400, 400),
    ("post", "/rendez-vous/agendas/{agenda}/bloquer/"): (302, 404, 404, 404, 400, 400),
    ("post", "/rendez-vous/agendas/{agenda}/liberer/1/"): (302, 404, 404, 404, 302, 302),
    ("post", "/rendez-vous/agendas/{agenda}/adresse/"): (302, 404, 404, 404, 302, 302),
    ("get", "/mes-rendez-vous/"): (302, 404, 200, 404, 404, 404),
    ("post", "/mes-rendez-vous/adresse/"): (302, 404, 302, 404, 404, 404),
    ("get", "/calendrier/agenda/{secret}.ics"): (200, 200, 200, 200, 200, 200),
    ("get", "/calendrier/agenda/autre.ics"): (404, 404, 404, 404, 404, 404),
    ("get", "/calendrier/moi/autre.ics"): (404, 404, 404, 404, 404, 404),
    ("get", "/api/v1/engagements/{bobs}/slots/"): (401, 404, 200, 404, 404, 404),
    ("get", "/api/v1/engagements/{aminas}/slots/"): (401, 404, 404, 404, 404, 404),
    ("get", "/api/v1/agendas/"): (401, 200, 200, 200, 200, 200),
    ("get", "/api/v1/agendas/{agenda}/"): (401, 404, 404, 200, 200, 200),
    ("patch", "/api/v1/agendas/{agenda}/"): (401, 404, 404, 404, 200, 200),
    ("get", "/api/v1/agendas/{agenda}/busy-times/"): (401, 404, 404, 200, 200, 200),
    ("post", "/api/v1/agendas/{agenda}/busy-times/"): (401, 404, 404, 404, 400, 400),
    ("get", "/api/v1/appointments/{one}/"): (401, 404, 404, 200, 200, 200),
    ("post", "/api/v1/appointments/{one}/cancel/"): (401, 404, 404, 404, 200, 200),
    ("post", "/api/v1/appointments/{one}/move/"): (401, 404, 404, 404, 400, 400),
}  # fmt: skip


@pytest.mark.parametrize(("method", "path"), ACCESS)
def test_who_may_open_what(world: World, method: str, path: str) -> None:
    kept = agenda(world)
    seen = []
    for who in PEOPLE:
        one = booked(world)
        ids = {"one": one.public_id, "agenda": kept.public_id, "secret": Agenda.objects.get(pk=kept.pk).secret}
        ids |= {"bobs": world.bobs.public_id, "aminas": world.aminas.public_id}
        data = {"reason": "Salon"} if "cancel" in path else {}
        seen.append(ask(world, who, path.format(**ids), method, **data).status_code)
        Appointment.objects.filter(pk=one.pk, state="booked").update(state="cancelled")
    assert tuple(seen) == ACCESS[method, path]


@pytest.mark.parametrize("path", ["/rendez-vous/agendas/", "/rendez-vous/agendas/nouvel/", "/rendez-vous/{one}/"])
def test_nothing_is_told_to_another_business(world: World, path: str) -> None:
    one = booked(world)
    assert ask(world, "charlie", path.format(one=one.public_id)).status_code == 404


def test_the_page_moves_with_a_reason_and_says_it(world: World) -> None:
    one = booked(world)
    path = f"/rendez-vous/{one.public_id}/"
    assert "2026-11-26T10:30:00+01:00" in ask(world, "alice", path).content.decode()
    refused = ask(world, "alice", f"{path}faire/move/", "post", starts_at="2026-11-26T10:30:00+01:00")
    assert refused.status_code == 400 and "motif" in text(refused)
    ask(world, "alice", f"{path}faire/move/", "post", starts_at="2026-11-26T10:30:00+01:00", reason="Train")
    one.refresh_from_db()
    assert (one.state, history(one)[-1]) == ("moved", ("moved", "business"))
    html = text(ask(world, "alice", path))
    assert "Il a une autre heure" in html and "Train" in html and "Alice" in html


def test_the_api_says_the_same_with_problem_json(world: World) -> None:
    booked(world, THURSDAY_10H + timedelta(minutes=30))
    one = booked(world)
    path = f"/api/v1/appointments/{one.public_id}/"
    taken = ask(world, "carole", f"{path}move/", "post", starts_at="2026-11-26T10:30:00+01:00", reason="Train")
    assert (taken.status_code, taken["Content-Type"], taken.json()["code"]) == (
        409,
        "application/problem+json",
        "slot_taken",
    )
    assert taken.json()["errors"][0]["field"] == "starts_at" and len(taken.json()["data"]["nearest"]) == 3
    moved = ask(world, "carole", f"{path}move/", "post", starts_at="2026-11-26T11:30:00+01:00", reason="Train").json()
    assert (moved["state"], moved["starts_at"], [event["what"] for event in moved["events"]]) == (
        "booked", "2026-11-26T11:30:00+01:00", ["booked"],
    )  # fmt: skip
    old = ask(world, "carole", path).json()
    assert (old["state"], old["moved_to"]) == ("moved", moved["id"])
    again = ask(world, "carole", f"{path}cancel/", "post", reason="x")
    assert (again.status_code, again.json()["code"]) == (409, "appointment_state")


def test_the_agent_is_told_the_free_slots(world: World) -> None:
    agenda(world)
    booked(world)
    answer = ask(world, "bob", f"/api/v1/engagements/{world.bobs.public_id}/slots/?days=3").json()
    assert answer["minutes"] == 30
    thursday = [slot[11:16] for slot in answer["slots"] if slot.startswith("2026-11-26")]
    assert "10:00" not in thursday and {"09:30", "10:30", "17:30"} <= set(thursday)
    assert max(answer["slots"]) < "2026-11-27T10:06"


def test_an_agenda_is_made_and_changed_by_both_doors(world: World) -> None:
    form = {
        "name": "Accueil", "time_zone": "Europe/Paris", "buffer_minutes": 10, "notice_hours": 2, "horizon_days": 20,
        "active": "on", "from_0_1": "09:00", "to_0_1": "11:00", "missions": [world.mission.pk],
    }  # fmt: skip
    assert ask(world, "alice", "/rendez-vous/agendas/nouvel/", "post", **form).status_code == 302
    made = Agenda.objects.get()
    assert (made.weekly, list(made.missions.all())) == ([{"day": 0, "from": "09:00", "to": "11:00"}], [world.mission])
    path = f"/api/v1/agendas/{made.public_id}/"
    changed = ask(world, "carole", path, "patch", weekly=[{"day": 1, "from": "14:00", "to": "15:00"}], missions=[])
    assert changed.json()["weekly"] == [{"day": 1, "from": "14:00", "to": "15:00"}]
    assert (changed.json()["missions"], changed.json()["name"]) == ([], "Accueil")
    new = ask(world, "carole", "/api/v1/agendas/", "post", organisation=str(world.organisation.public_id), name="B")
    assert new.status_code == 201 and Agenda.objects.count() == 2


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"weekly": [{"day": 0, "from": "12:00", "to": "09:00"}]}, "weekly"),
        ({"weekly": [{"day": 0, "from": "9h", "to": "10:00"}]}, "weekly"),
        ({"weekly": [{"day": 9, "from": "09:00", "to": "10:00"}]}, "weekly"),
        ({"time_zone": "Europe/Brest"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"feed_url": "file:///etc/passwd"}, "feed_url"),
        ({"name": "  "}, "name"),
        ({"horizon_days": 0}, "horizon_days"),
        ({"email": "carole"}, "email"),
    ],
)
def test_what_an_agenda_refuses(world: World, sent: dict[str, Any], field: str) -> None:
    kept = agenda(world)
    answer = ask(world, "alice", f"/api/v1/agendas/{kept.public_id}/", "patch", **sent)
    assert answer.status_code == 400
    assert any(one["field"].startswith(field) for one in answer.json()["errors"])


def test_another_feed_forgets_what_the_former_said(world: World) -> None:
    kept = agenda(world, feed_url="https://un.example.test/a.ics", feed_problem="x")
    kept.busy_times.create(starts_at=THURSDAY_10H, ends_at=THURSDAY_10H + timedelta(hours=1), from_feed=True)
    ask(world, "alice", f"/api/v1/agendas/{kept.public_id}/", "patch", feed_url="https://deux.example.test/a.ics")
    kept.refresh_from_db()
    assert (kept.busy_times.count(), kept.feed_problem, kept.feed_read_at) == (0, "", None)


def test_times_are_blocked_and_freed_by_hand(world: World) -> None:
    kept = agenda(world)
    path = f"/rendez-vous/agendas/{kept.public_id}/"
    wrong = ask(world, "alice", f"{path}bloquer/", "post", starts_at="2026-11-26T10:00", ends_at="2026-11-26T09:00")
    assert wrong.status_code == 400 and "après le début" in text(wrong)
    ask(
        world,
        "alice",
        f"{path}bloquer/",
        "post",
        starts_at="2026-11-26T10:00",
        ends_at="2026-11-26T11:00",
        what="Salon",
    )
    (one,) = kept.busy_times.all()
    assert (one.starts_at, one.what) == (THURSDAY_10H, "Salon")
    assert "Salon" in text(ask(world, "alice", "/rendez-vous/"))  # and it stands in the week
    ask(world, "alice", f"{path}liberer/{one.pk}/", "post")
    assert not kept.busy_times.exists()


def test_a_subscribed_calendar_has_them_until_the_address_changes(world: World) -> None:
    kept = agenda(world)
    one = booked(world)
    secret = Agenda.objects.get(pk=kept.pk).secret
    event = vobject.readOne(ask(world, "nobody", f"/calendrier/agenda/{secret}.ics").content.decode()).vevent
    assert (event.uid.value, event.dtstart.value) == (f"{one.public_id}@decroche", THURSDAY_10H)
    assert "01 99 00" in event.description.value.replace("\xa0", " ")
    ask(world, "alice", f"/rendez-vous/agendas/{kept.public_id}/adresse/", "post")
    assert ask(world, "nobody", f"/calendrier/agenda/{secret}.ics").status_code == 404


def test_a_telemarketers_calendar_has_no_number_and_forgets_whom_once_ended(world: World) -> None:
    booked(world, kind="phone")
    path = f"/calendrier/moi/{calendar_address(user=world.bob).secret}.ics"
    body = ask(world, "nobody", path).content.decode()
    assert "Lycée Jean-Macé" in body and not re.search(r"\+33|01.99.00|9 rue|intendance@", body)
    end(engagement=world.bobs, at=LATER)
    for content in (ask(world, "nobody", path).content.decode(), text(ask(world, "bob", "/mes-rendez-vous/"))):
        assert "Lycée Jean-Macé" not in content and "Réceptions 2027" in content


def test_the_weeks_queries_do_not_grow(world: World) -> None:
    kept = agenda(world)
    counts = []
    for round_ in range(2):
        for n in range(3):
            booked(world, THURSDAY_10H + timedelta(hours=round_ * 4, minutes=30 * n))
            at = TUESDAY_10H + timedelta(days=3, hours=round_ + n)
            kept.busy_times.create(starts_at=at, ends_at=at + timedelta(hours=1), from_feed=True)
        for path in ("/rendez-vous/", "/missions/receptions-2027/rendez-vous/"):
            with CaptureQueriesContext(connection) as queries:
                html = text(ask(world, "alice", path))
            assert f"{3 * (round_ + 1)} rendez-vous" in html
            counts.append(len(queries))
    assert counts[:2] == counts[2:]


@pytest.mark.parametrize(
    "query", ["?semaine=2026-11-30", "?semaine=demain", "?semaine=0001-01-01", "?semaine=9999-12-31"]
)
def test_any_week_opens(world: World, query: str) -> None:
    booked(world)
    assert ask(world, "alice", f"/rendez-vous/{query}").status_code == 200

"""The calling API: a shift through it, its refusals, and who may do what."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from marketplace.models import Engagement, User
from prospecting.calling import dial
from prospecting.models import Appointment, Call, Claim, Opposition, Skip
from prospecting.queue import next_contact
from tests.cast import TUESDAY_10H, World


@pytest.fixture(autouse=True)
def tuesday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(TUESDAY_10H, tick=False) as traveller:
        yield traveller


def signed_in(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def post(client: Client, url: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(f"/api/v1/{url}", body or {}, content_type="application/json")


def deal(world: World, client: Client) -> dict[str, Any]:
    card: dict[str, Any] = post(client, f"engagements/{world.bobs.public_id}/next-contact/").json()["card"]
    return card


def outcome(world: World, claim: str, code: str = "NRP", **more: Any) -> dict[str, Any]:
    return {"engagement": str(world.bobs.public_id), "claim": claim, "key": str(uuid4()), "outcome": code} | more


def test_a_call_from_the_next_contact_to_the_appointment(world: World) -> None:
    contact = world.contact("+33261910847", columns={"Effectif": "1 240"})
    bob = signed_in(world.bob)
    card = deal(world, bob)
    assert (card["company"], card["phone"].replace("\u00a0", " "), card["columns"], card["refusal"]) == (
        "Lycée Jean-Macé", "02 61 •• •• ••", {"Effectif": "1 240"}, "",
    )  # fmt: skip
    dialled = post(bob, f"claims/{card['claim']}/dial/").json()
    assert dialled == {
        "claim": card["claim"], "phone": "+33261910847", "at": "2026-11-24T10:00:00+01:00",
        "rule_version": "FR_B2B/2026-08-11",
    }  # fmt: skip
    slot = {"starts_at": "2026-12-03T09:30:00+01:00", "kind": "on_site", "place": "Cuisine"}
    body = outcome(world, card["claim"], "RDV", answers={"covers": "120"}, appointment=slot, note="Vœux")
    saved = post(bob, "calls/", body)
    again = post(bob, "calls/", body)
    assert (saved.status_code, again.status_code, saved.json() == again.json()) == (201, 200, True)
    assert saved.json() | {"id": "", "logged_at": ""} == {
        "id": "", "mission": "receptions-2027", "contact": str(contact.public_id), "agent": "Bob", "key": body["key"],
        "started_at": "2026-11-24T10:00:00+01:00", "seconds": 0, "dials": 1, "outcome": "RDV", "valid": True,
        "answered": True, "reached": True, "argued": True, "converted": True, "final": True, "reason": "",
        "note": "Vœux", "answers": {"covers": "120"}, "source": "cockpit", "logged_at": "",
    }  # fmt: skip
    assert (Call.objects.count(), Appointment.objects.get().place) == (1, "Cuisine")


def test_an_empty_queue_says_why(world: World) -> None:
    world.contact(state="retry", next_at=TUESDAY_10H + timedelta(hours=3))
    answer = post(signed_in(world.bob), f"engagements/{world.bobs.public_id}/next-contact/").json()
    assert answer["card"] is None
    assert {key: answer["queue"][key] for key in ("total", "ready", "retry", "next_at", "open_now")} == {
        "total": 1, "ready": 0, "retry": 1, "next_at": "2026-11-24T13:00:00+01:00", "open_now": True,
    }  # fmt: skip


def test_a_refusal_is_a_problem_with_its_reason_and_its_time(world: World, tuesday: time_machine.Traveller) -> None:
    world.contact()
    bob = signed_in(world.bob)
    card = deal(world, bob)
    tuesday.move_to(TUESDAY_10H.replace(hour=11, minute=30))
    Claim.objects.update(expires_at=TUESDAY_10H + timedelta(days=1))
    refused = post(bob, f"claims/{card['claim']}/dial/")
    assert (refused.status_code, refused["Content-Type"], refused.json()["code"], refused.json()["data"]) == (
        409, "application/problem+json", "call_not_allowed",
        {"reason": "outside_window", "rule_version": "FR_B2B/2026-08-11", "next_at": "2026-11-24T13:30:00+01:00"},
    )  # fmt: skip


def test_a_wrong_body_names_every_field(world: World) -> None:
    wrong = post(
        signed_in(world.bob), "calls/", {"engagement": "x", "seconds": -1, "key": str(uuid4()), "outcome": "NRP"}
    )
    assert wrong.status_code == 400
    assert [(error["field"], error["code"]) for error in wrong.json()["errors"]] == [
        ("engagement", "invalid"), ("claim", "required"), ("seconds", "min_value"),
    ]  # fmt: skip


def test_an_answer_whose_name_no_database_can_keep_is_refused(world: World) -> None:
    world.contact()
    bob = signed_in(world.bob)
    refused = post(bob, "calls/", outcome(world, deal(world, bob)["claim"], answers={"cou\u0000verts": "80"}))
    assert (refused.status_code, [one["field"] for one in refused.json()["errors"]]) == (400, ["answers"])


def test_a_missing_reason_is_said_beside_its_field(world: World) -> None:
    world.contact()
    bob = signed_in(world.bob)
    claim = deal(world, bob)["claim"]
    post(bob, f"claims/{claim}/dial/")
    wrong = post(bob, "calls/", outcome(world, claim, "REF")).json()
    assert (wrong["status"], wrong["errors"][0]["field"], wrong["errors"][0]["code"]) == (
        400,
        "reason",
        "reason_required",
    )


def test_release_and_undo(world: World) -> None:
    contact = world.contact()
    bob = signed_in(world.bob)
    assert post(bob, f"claims/{deal(world, bob)['claim']}/release/").status_code == 204
    claim = deal(world, bob)["claim"]
    post(bob, f"claims/{claim}/dial/")
    call = post(bob, "calls/", outcome(world, claim)).json()["id"]
    undone = post(bob, f"calls/{call}/undo/", {"key": str(uuid4())})
    assert (undone.status_code, undone.json()["claim"], undone.json()["contact"]) == (
        200,
        claim,
        str(contact.public_id),
    )


def test_a_contact_is_kept_alive_and_then_skipped(world: World, tuesday: time_machine.Traveller) -> None:
    world.contact()
    bob = signed_in(world.bob)
    claim = deal(world, bob)["claim"]
    tuesday.shift(timedelta(minutes=2))
    alive = post(bob, f"claims/{claim}/heartbeat/")
    assert (alive.status_code, alive.json()) == (200, {"expires_at": "2026-11-24T10:07:00+01:00"})
    nameless = post(bob, f"claims/{claim}/skip/", {"reason": "other"})
    assert (nameless.status_code, nameless.json()["errors"][0]["field"]) == (400, "note")
    assert post(bob, f"claims/{claim}/skip/", {"reason": "bored"}).status_code == 400
    assert post(bob, f"claims/{claim}/skip/", {"reason": "other", "note": "Mon voisin"}).status_code == 204
    assert Skip.objects.values_list("reason", "note").get() == ("other", "Mon voisin")
    assert post(bob, f"claims/{claim}/heartbeat/").status_code == 404


def test_a_page_that_is_left_gives_its_contact_back_with_a_beacon(world: World) -> None:
    """navigator.sendBeacon sends a form and no header of ours: the token against forged requests is in the form."""
    world.contact()
    bob = Client(enforce_csrf_checks=True)
    bob.force_login(world.bob)
    token = "t" * 32
    bob.cookies["csrftoken"] = token
    claim = next_contact(engagement=world.bobs, at=TUESDAY_10H)
    assert claim is not None
    address = f"/api/v1/claims/{claim.public_id}/release/"
    assert bob.post(address, {}).status_code == 403
    assert bob.post(address, {"csrfmiddlewaretoken": token}).status_code == 204
    assert not Claim.objects.exists()
    claim = next_contact(engagement=world.bobs, at=TUESDAY_10H)
    assert claim is not None
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    address = f"/api/v1/claims/{claim.public_id}/release/"
    assert bob.post(address, {"csrfmiddlewaretoken": token}).status_code == 409
    assert Claim.objects.exists()


def test_a_page_left_during_a_call_keeps_its_contact(world: World) -> None:
    world.contact()
    bob = signed_in(world.bob)
    claim = next_contact(engagement=world.bobs, at=TUESDAY_10H)
    assert claim is not None
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    assert post(bob, f"claims/{claim.public_id}/release/").status_code == 409
    assert Claim.objects.exists()


def test_an_outcome_is_taken_even_after_the_engagement_has_ended(world: World) -> None:
    world.contact()
    bob = signed_in(world.bob)
    claim = deal(world, bob)["claim"]
    post(bob, f"claims/{claim}/dial/")
    Engagement.objects.filter(pk=world.bobs.pk).update(state="ended", ended_at=TUESDAY_10H)
    assert post(bob, "calls/", outcome(world, claim)).status_code == 201
    assert post(bob, f"engagements/{world.bobs.public_id}/next-contact/").status_code == 404


@pytest.mark.parametrize("who", ["amina", "alice", "carole", "victor", "charlie", None])
def test_bobs_queue_claim_and_calls_are_nobody_elses(world: World, who: str | None) -> None:
    world.contact()
    bob = signed_in(world.bob)
    claim = deal(world, bob)["claim"]
    post(bob, f"claims/{claim}/dial/")
    call = post(bob, "calls/", outcome(world, claim)).json()["id"]
    world.contact()
    claim = deal(world, bob)["claim"]
    stranger = signed_in(getattr(world, who) if who else None)
    answers = {
        post(stranger, f"engagements/{world.bobs.public_id}/next-contact/").status_code,
        stranger.get(f"/api/v1/engagements/{world.bobs.public_id}/queue/").status_code,
        stranger.get(f"/api/v1/engagements/{world.bobs.public_id}/callbacks/").status_code,
        post(stranger, f"engagements/{world.bobs.public_id}/answer/", {"phone": "0199001234"}).status_code,
        post(stranger, f"engagements/{world.bobs.public_id}/by-hand/", {"phone": "0199001234"}).status_code,
        post(stranger, f"claims/{claim}/dial/").status_code,
        post(stranger, f"claims/{claim}/release/").status_code,
        post(stranger, f"claims/{claim}/skip/", {"reason": "known"}).status_code,
        post(stranger, f"claims/{claim}/heartbeat/").status_code,
        post(stranger, "calls/", outcome(world, claim)).status_code,
        post(stranger, f"calls/{call}/undo/", {"key": str(uuid4())}).status_code,
    }
    assert answers == ({404} if who else {401})


@pytest.mark.parametrize(
    ("who", "reads", "opposes"),
    [
        ("alice", 200, 204),
        ("carole", 200, 204),
        ("victor", 200, 404),
        ("bob", 404, 404),
        ("charlie", 404, 404),
        (None, 401, 401),
    ],
)
def test_the_business_reads_its_calls_and_records_oppositions(
    world: World, who: str | None, reads: int, opposes: int
) -> None:
    contact = world.contact("+33199001234")
    person = signed_in(getattr(world, who) if who else None)
    body = {"organisation": str(world.organisation.public_id), "phone": "+33199001234"}
    answers = (
        person.get("/api/v1/missions/receptions-2027/calls/").status_code,
        person.get("/api/v1/missions/receptions-2027/appointments/").status_code,
        post(person, "oppositions/", body).status_code,
    )
    contact.refresh_from_db()
    assert answers == (reads, reads, opposes)
    assert (Opposition.objects.count(), contact.state) == ((1, "blocked") if opposes == 204 else (0, "fresh"))


def test_a_person_who_calls_back_and_a_number_typed_by_hand_are_taken_in_hand(world: World) -> None:
    world.contact("+33261910847")
    bob = signed_in(world.bob)
    claim = deal(world, bob)["claim"]
    post(bob, f"claims/{claim}/dial/")
    post(bob, "calls/", outcome(world, claim))
    back = post(bob, f"engagements/{world.bobs.public_id}/answer/", {"phone": "02 61 91 08 47"}).json()
    assert (back["engagement"], back["card"]["phone"], back["against"]) == (
        str(world.bobs.public_id), "+33261910847", "",
    )  # fmt: skip
    assert post(bob, "calls/", outcome(world, back["card"]["claim"], "REFI")).json()["source"] == "inbound"
    typed = {"phone": "0199001234", "source": "carte", "made_at": "2026-11-24T10:00:00+01:00"}
    made = post(bob, f"engagements/{world.bobs.public_id}/by-hand/", typed).json()
    assert post(bob, "calls/", outcome(world, made["card"]["claim"])).json()["source"] == "manual"
    refused = post(bob, f"engagements/{world.bobs.public_id}/by-hand/", {"phone": "0199009999"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "source")

"""The API of a mission's queue: who settles it, what it answers, what it refuses by field."""

from typing import Any

import pytest
import time_machine
from django.test import Client

from prospecting.models import Contact, LeadFile, QueueSettings
from tests.cast import TUESDAY_10H, World
from tests.prospecting.api.test_calling_api import signed_in

pytestmark = pytest.mark.django_db
PATH = "/api/v1/missions/receptions-2027/queue/"
WISH = {"files": "order", "handover_minutes": 15, "only": [{"column": "city", "values": ["Rennes"]}]}


@pytest.fixture(autouse=True)
def tuesday() -> Any:
    with time_machine.travel(TUESDAY_10H, tick=False):
        yield


def send(client: Client, method: str, path: str, body: dict[str, Any]) -> Any:
    return getattr(client, method)(path, body, content_type="application/json")


@pytest.mark.parametrize(
    ("who", "reads", "settles"),
    [
        ("alice", 200, (200, 202)),
        ("carole", 200, (200, 202)),
        ("victor", 200, (404, 404)),
        ("bob", 404, (404, 404)),
        ("charlie", 404, (404, 404)),
        (None, 401, (401, 401)),
    ],
)
def test_who_may_what(world: World, who: str | None, reads: int, settles: tuple[int, int]) -> None:
    client = signed_in(getattr(world, who) if who else None)
    assert client.get(PATH).status_code == reads
    assert send(client, "put", PATH, WISH).status_code == settles[0]
    assert send(client, "post", f"{PATH}split/", {"split": True}).status_code == settles[1]


def test_it_answers_with_how_it_is_dealt_and_where_the_contacts_stand(world: World) -> None:
    world.contact(), world.contact(state="closed")
    alice = signed_in(world.alice)
    weights = [{"file": str(world.file.public_id), "weight": 4, "position": 2}]
    answer = send(alice, "put", PATH, WISH | {"weights": weights}).json()
    state = answer.pop("state")
    assert answer == WISH | {"first": [], "weights": weights, "split": False, "sorting": True}
    assert (state["total"], state["ready"], state["closed"], state["forecast"][0]["starts_at"]) == (
        2, 1, 1, "2026-11-24T10:00:00+01:00",
    )  # fmt: skip
    assert answer == {key: value for key, value in alice.get(PATH).json().items() if key != "state"}
    shared = send(alice, "post", f"{PATH}split/", {"split": True})
    assert (shared.status_code, shared.json()["split"]) == (202, True)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"files": "random"}, "files"),
        ({"handover_minutes": -1}, "handover_minutes"),
        ({"only": [{"column": "Effectif", "values": ["1"]}]}, "only"),
        ({"first": [{"column": "city", "values": []}]}, "first"),
    ],
)
def test_it_names_the_field_that_is_wrong(world: World, more: dict[str, Any], field: str) -> None:
    answer = send(signed_in(world.alice), "put", PATH, WISH | more)
    assert (answer.status_code, [error["field"] for error in answer.json()["errors"]]) == (400, [field])
    assert not QueueSettings.objects.exists()


def test_an_agent_reads_where_every_contact_stands(world: World) -> None:
    world.contact(), world.contact(territory="FR-RE")
    LeadFile.objects.update(weight=1)
    answer = signed_in(world.bob).get(f"/api/v1/engagements/{world.bobs.public_id}/queue/").json()
    assert answer["places"] == [{"territory": "FR-RE", "contacts": 1, "opens_at": "2026-11-24T10:30:00+01:00"}]
    assert answer["returns"][0] | {"at": ""} == {"at": "", "contacts": 1, "what": "opening"}
    assert answer["ready"] == answer["outside_hours"] == 1 and answer["total"] == Contact.objects.count()

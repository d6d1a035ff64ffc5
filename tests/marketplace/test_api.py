"""The API of the marketplace: the same activities, problem+json, and the same door as the pages."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from marketplace.api.tokens import create_token, revoke_token
from marketplace.models import Mission, Telemarketer
from tests.cast import TUESDAY_10H, World
from tests.marketplace.conftest import another, application_of

pytestmark = pytest.mark.django_db
PEOPLE = ("nobody", "charlie", "bob", "victor", "carole", "alice")  # charlie: a stranger; victor: a viewer
NEW = {"title": "Vœux 2027", "caller_number": "01 99 00 12 34", "pay_cents": 3200, "seats": 2}


@pytest.fixture
def clients(world: World) -> dict[str, APIClient]:
    clients = {"nobody": APIClient()}
    for name in PEOPLE[1:]:
        clients[name] = APIClient()
        clients[name].credentials(
            HTTP_AUTHORIZATION="Bearer " + create_token(user=getattr(world, name), name="test")[1]
        )
    return clients


@pytest.fixture
def application(world: World) -> str:
    application = application_of(world.mission, another("Zoé"))
    application.refresh_from_db()
    return str(application.public_id)


CALLS = {
    #                                                        nobody charlie bob victor carole alice
    ("get", "me/"): (401, 200, 200, 200, 200, 200),
    ("get", "missions/"): (401, 200, 200, 200, 200, 200),
    ("post", "missions/"): (401, 404, 404, 403, 201, 201),
    ("get", "missions/receptions-2027/"): (401, 404, 200, 200, 200, 200),
    ("patch", "missions/receptions-2027/"): (401, 404, 404, 403, 409, 409),  # its script says not how to object
    ("post", "missions/receptions-2027/pause/"): (401, 404, 404, 403, 200, 200),
    ("get", "missions/receptions-2027/applications/"): (401, 404, 200, 200, 200, 200),
    ("get", "applications/"): (401, 200, 200, 200, 200, 200),
    ("get", "applications/{application}/"): (401, 404, 404, 200, 200, 200),
    ("post", "applications/{application}/shortlist/"): (401, 404, 404, 403, 200, 200),
    ("post", "applications/{application}/accept/"): (401, 404, 404, 403, 200, 200),
    ("post", "applications/{application}/withdraw/"): (401, 404, 404, 404, 404, 404),
    ("get", "engagements/{bobs}/"): (401, 404, 200, 200, 200, 200),
    ("get", "engagements/{aminas}/"): (401, 404, 404, 200, 200, 200),
    ("post", "engagements/{bobs}/suspend/"): (401, 404, 404, 403, 200, 200),
    ("post", "engagements/{bobs}/end/"): (401, 404, 200, 403, 200, 200),
    ("post", "engagements/{aminas}/end/"): (401, 404, 404, 403, 200, 200),
}


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_who_may_call_what(clients: dict[str, APIClient], world: World, application: str, call: tuple[str, str]):
    verb, path = call
    path = path.format(application=application, bobs=world.bobs.public_id, aminas=world.aminas.public_id)
    body = NEW if path == "missions/" else {}
    codes = [getattr(clients[name], verb)(f"/api/v1/{path}", body, format="json").status_code for name in PEOPLE]
    assert tuple(codes) == CALLS[call]


def test_a_mission_is_posted_published_and_opened(clients: dict[str, APIClient]):
    alice = clients["alice"]
    made = alice.post("/api/v1/missions/", NEW | {"criteria": ["60 couverts"]}, format="json")
    assert made.status_code == 201
    assert (made.json()["slug"], made.json()["state"], made.json()["window_days"]) == ("voeux-2027", "draft", 7)
    states = [alice.post(f"/api/v1/missions/voeux-2027/{verb}/").json()["state"] for verb in ("publish", "start")]
    assert states == ["published", "running"]
    changed = alice.patch("/api/v1/missions/voeux-2027/", {"seats": 5}, format="json").json()
    assert (changed["seats"], changed["criteria"]) == (5, [{"key": "60_couverts", "label": "60 couverts"}])


def test_a_script_goes_in_and_comes_back_the_same(clients: dict[str, APIClient]):
    script = [
        {"kind": "who", "text": "Bonjour {contact}"},
        {"kind": "questions", "text": "?", "questions": [{"key": "covers", "label": "Couverts", "required": True}]},
        {"kind": "objections", "answers": [{"label": "Cher", "text": "Goûtez"}]},
    ]
    made = clients["alice"].post("/api/v1/missions/", NEW | {"script": script}, format="json")
    assert made.json()["script"] == script
    assert Mission.objects.get(slug="voeux-2027").script == script


def test_what_the_law_refuses_is_a_problem_with_every_reason(clients: dict[str, APIClient]):
    clients["alice"].post("/api/v1/missions/", {"title": "Vide", "script": []}, format="json")
    refused = clients["alice"].post("/api/v1/missions/vide/publish/")
    body = refused.json()
    assert (refused.status_code, refused["Content-Type"]) == (409, "application/problem+json")
    assert (body["code"], body["errors"][0]["field"]) == ("script_who", "script")
    assert len(body["data"]["reasons"]) == 6


def test_a_wrong_body_is_a_problem_with_a_code_per_field(clients: dict[str, APIClient]):
    answer = clients["alice"].post(
        "/api/v1/missions/", {"objective": "world_peace", "seats": 0, "starts_on": "demain"}, format="json"
    )
    found = {(error["field"], error["code"]) for error in answer.json()["errors"]}
    assert answer.status_code == 400
    assert found == {
        ("title", "required"),
        ("objective", "invalid_choice"),
        ("seats", "min_value"),
        ("starts_on", "invalid"),
    }


def test_an_application_is_sent_listed_and_accepted_once(clients: dict[str, APIClient], world: World):
    world.bobs.delete()
    mine = "/api/v1/missions/receptions-2027/applications/"
    sent = clients["bob"].post(mine, {"asked_cents": 3400, "message": "Bonjour"}, format="json")
    assert (sent.status_code, sent.json()["state"], sent.json()["name"]) == (201, "submitted", "Bob")
    again = clients["bob"].post(mine, {"asked_cents": 3400}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "already_applied")
    address = f"/api/v1/applications/{sent.json()['public_id']}/accept/"
    first, second = (clients["alice"].post(address).json() for _ in range(2))
    assert first == second
    assert (first["state"], first["pay_cents"], first["label"]) == ("active", 3400, "Bob")
    assert [row["state"] for row in clients["bob"].get(mine).json()["results"]] == ["accepted"]


def test_a_telemarketer_sees_only_their_own_applications(clients: dict[str, APIClient], application: str):
    seen = clients["bob"].get("/api/v1/missions/receptions-2027/applications/").json()["results"]
    assert seen == []
    theirs = clients["victor"].get("/api/v1/missions/receptions-2027/applications/").json()["results"]
    assert [row["public_id"] for row in theirs] == [application]


def test_the_list_of_missions_is_narrowed(clients: dict[str, APIClient], world: World):
    Mission.objects.create(organisation=world.organisation, slug="lead", title="Lead", objective="qualified_lead")

    def slugs(query: str) -> list[str]:
        return [row["slug"] for row in clients["alice"].get(f"/api/v1/missions/?{query}").json()["results"]]

    assert (slugs(""), slugs("state=draft"), slugs("objective=appointment")) == (
        ["lead", "receptions-2027"],
        ["lead"],
        ["receptions-2027"],
    )
    assert clients["alice"].get("/api/v1/missions/?state=flying").status_code == 400


def test_me_says_what_i_am(clients: dict[str, APIClient], world: World):
    alice, bob = (clients[name].get("/api/v1/me/").json() for name in ("alice", "bob"))
    assert alice["memberships"] == [{"organisation": "Traiteur Armor", "role": "owner"}]
    profile = Telemarketer.objects.get(user=world.bob)
    assert (alice["telemarketer"], bob["telemarketer"]) == (None, str(profile.public_id))


@pytest.mark.parametrize("wrong", ["Bearer dcr_nope", "Bearer ", "Bearer dcr_é"])
def test_an_unknown_token_is_refused(db, wrong: str):
    answer = APIClient().get("/api/v1/me/", HTTP_AUTHORIZATION=wrong)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_revoked_token_is_refused_at_once(world: World):
    token, secret = create_token(user=world.alice, name="test")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert client.get("/api/v1/me/").status_code == 200
    revoke_token(token=token, at=TUESDAY_10H)
    assert client.get("/api/v1/me/").status_code == 401


def test_a_token_is_kept_as_a_hash(world: World):
    token, secret = create_token(user=world.alice, name="test")
    assert secret.startswith("dcr_")
    assert secret not in str(token.__dict__)


def test_the_session_of_a_page_may_call_too(world: World):
    client = Client()
    client.force_login(world.alice)
    assert client.get("/api/v1/me/").json()["email"] == "alice@example.test"

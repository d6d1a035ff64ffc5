"""The lead-file API: bring, correct, load, follow, and who may."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from marketplace.models import User
from prospecting.importing.loading import load_lead_file
from prospecting.models import LeadFile
from tests.cast import TUESDAY_10H, World
from tests.prospecting.importing.lead_files import loaded

LIST = "/api/v1/missions/receptions-2027/lead-files/"
TEXT = "Raison sociale;Tél;Effectif\nArmor;01 99 00 12 34;12\nBreizh;3975;\n"


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any, monkeypatch: Any) -> list[int]:
    """Files go to a folder of the test; the doorbell rings here."""
    rung: list[int] = []
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr("prospecting.importing.receiving.ring", rung.append)
    return rung


def client_of(user: User | None) -> Client:
    client = Client()
    if user:
        client.force_login(user)
    return client


def upload(client: Client, content: str = TEXT, **more: Any) -> Any:
    brought = {"file": SimpleUploadedFile("prospects.csv", content.encode()), "supplier": "Data Ouest"}
    return client.post(LIST, {**brought, **more})


def patch(client: Client, lead_file: str, body: dict[str, Any]) -> Any:
    return client.patch(f"/api/v1/lead-files/{lead_file}/", body, content_type="application/json")


def test_a_file_is_brought_loaded_and_followed(
    world: World, media: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    carole = client_of(world.carole)
    with django_capture_on_commit_callbacks(execute=True):
        response = upload(carole, supplier="Data Ouest", received_on="2026-11-24", cost_cents="1200")
    assert (response.status_code, response.json()["state"], len(media)) == (202, "queued", 1)
    load_lead_file(lead_file_id=media[0], at=TUESDAY_10H)
    body = carole.get(f"/api/v1/lead-files/{response.json()['id']}/").json()
    told = ("state", "rows", "rows_done", "created", "updated", "merged", "set_aside", "reasons", "mapping", "supplier")
    assert {name: body[name] for name in told} == {
        "state": "loaded", "rows": 2, "rows_done": 2, "created": 1, "updated": 0, "merged": 0, "set_aside": 1,
        "reasons": {"phone_short": 1}, "mapping": {"phone": "Tél", "company": "Raison sociale"},
        "supplier": "Data Ouest",
    }  # fmt: skip
    rows = carole.get(f"/api/v1/lead-files/{body['id']}/set-aside-rows/").json()["results"]
    assert rows == [
        {"row_number": 3, "column": "Tél", "value": "3975", "reason": "phone_short", "cells": ["Breizh", "3975", ""],
         "taken_up_in": None}
    ]  # fmt: skip
    assert [one["name"] for one in carole.get(LIST).json()["results"]] == ["prospects.csv", "Annuaire 35"]


def test_a_file_may_be_received_and_corrected_before_it_is_loaded(world: World, media: list[int]) -> None:
    carole = client_of(world.carole)
    body = upload(carole, "Société,Contact;Ville\nArmor,0199001234;Rennes\n", start="false").json()
    assert (body["state"], body["mapping"]) == ("received", {"phone": "Société,Contact", "city": "Ville"})
    body = patch(carole, body["id"], {"delimiter": ",", "supplier": "Data Ouest"}).json()
    assert (body["delimiter"], body["supplier"]) == (",", "Data Ouest")
    body = patch(carole, body["id"], {"mapping": {"company": "Société", "phone": "Contact;Ville"}}).json()
    assert body["mapping"] == {"company": "Société", "phone": "Contact;Ville"}
    assert carole.post(f"/api/v1/lead-files/{body['id']}/load/").json()["state"] == "queued"
    refused = patch(carole, body["id"], {"delimiter": ";"})
    assert (refused.status_code, refused.json()["code"]) == (409, "already_loading")


def test_a_mapping_comes_with_the_file(world: World) -> None:
    mapping = json.dumps({"phone": "Effectif", "company": ""})
    body = upload(client_of(world.carole), mapping=mapping).json()
    assert body["mapping"] == {"phone": "Effectif"}


@pytest.mark.parametrize(
    ("content", "more", "code", "field"),
    [
        ("%PDF-1.7", {}, "not_a_spreadsheet", "file"),
        ("", {}, "empty", "file"),
        ("Société;Ville\nArmor;Rennes\n", {}, "no_phone_column", "mapping.phone"),
        (TEXT, {"mapping": '{"phone": "Portable"}'}, "unknown_column", "mapping.phone"),
        (TEXT, {"mapping": '{"fax": "Tél"}'}, "unknown_field", "mapping.fax"),
        (TEXT, {"mapping": "[1]"}, "invalid", "mapping"),
        (TEXT, {"mapping": "{"}, "invalid", "mapping"),
        (TEXT, {"supplier": ""}, "no_origin", "supplier"),
        (TEXT, {"encoding": "klingon"}, "undecodable", "encoding"),
        (TEXT, {"sheet": "2"}, None, None),
        (TEXT, {"received_on": "hier"}, "invalid", "received_on"),
    ],
)
def test_what_is_wrong_is_told_with_a_code_and_leaves_nothing(
    world: World, content: str, more: dict[str, str], code: str | None, field: str | None
) -> None:
    response = upload(client_of(world.carole), content, **more)
    if code is None:
        assert response.status_code == 202  # a sheet means nothing for text
        return
    body = response.json()
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert body["code"] == code and [error["field"] for error in body.get("errors", [])] == ([field] if field else [])
    assert LeadFile.objects.count() == 1


def test_rows_come_as_text_in_a_field_or_as_the_whole_body(world: World, media: list[int]) -> None:
    carole = client_of(world.carole)
    told = carole.post(LIST, {"text": TEXT, "name": "tableur.txt", "supplier": "Data Ouest"}, "application/json")
    assert (told.status_code, told.json()["name"], told.json()["state"]) == (202, "tableur.txt", "queued")
    body = TEXT.replace(";", "\t")
    bare = carole.post(LIST + "?supplier=Data+Ouest&start=false", body, "text/tab-separated-values")
    assert (bare.status_code, bare.json()["delimiter"], bare.json()["state"]) == (202, "\t", "received")
    much = carole.post(LIST, "x" * (2 * 1024 * 1024 + 1), "text/plain")
    assert (much.status_code, much.json()["code"]) == (400, "too_much_text")


def test_a_dry_run_says_what_a_load_would_do_and_loads_nothing(world: World) -> None:
    carole = client_of(world.carole)
    made = upload(carole, start="false").json()["id"]
    body = carole.get(f"/api/v1/lead-files/{made}/dry-run/").json()
    assert (body["whole"], body["counts"]["created"], body["counts"]["reasons"]) == (True, 1, {"phone_short": 1})
    assert body["rows"][1] == {
        "number": 3, "cells": ["Breizh", "3975", ""], "fate": "set_aside", "reason": "phone_short", "of": "",
        "wrong": ["Tél"],
    }  # fmt: skip
    assert body["same_source"] is None and LeadFile.objects.get(public_id=made).contacts.count() == 0


def test_rows_set_aside_are_corrected_and_imported_alone(world: World, media: list[int]) -> None:
    carole = client_of(world.carole)
    made = upload(carole).json()["id"]
    load_lead_file(lead_file_id=LeadFile.objects.get(public_id=made).pk, at=TUESDAY_10H)
    door = f"/api/v1/lead-files/{made}/set-aside-rows/"
    refused = carole.post(door, {"rows": {"trois": {}}}, "application/json")
    assert refused.status_code == 400
    child = carole.post(door, {"rows": {"3": {"Tél": "0199001239"}}}, "application/json").json()
    assert (child["state"], child["corrects"], child["supplier"]) == ("queued", made, "Data Ouest")
    assert carole.get(door).json()["results"][0]["taken_up_in"] == child["id"]
    again = carole.post(door, {"rows": {"3": {"Tél": "0199001238"}}}, "application/json")
    assert (again.status_code, again.json()["code"]) == (400, "nothing_corrected")


def test_a_post_without_a_file_says_so(world: World) -> None:
    body = client_of(world.carole).post(LIST, {}).json()
    assert [error["field"] for error in body["errors"]] == ["file"]


DOORS = {
    #                              nobody charlie bob victor carole
    ("get", LIST): (401, 404, 404, 200, 200),
    ("post", LIST): (401, 404, 404, 404, 400),
    ("get", ""): (401, 404, 404, 200, 200),
    ("patch", ""): (401, 404, 404, 404, 200),
    ("get", "set-aside-rows/"): (401, 404, 404, 200, 200),
    ("post", "set-aside-rows/"): (401, 404, 404, 404, 400),
    ("get", "dry-run/"): (401, 404, 404, 200, 200),
    ("post", "load/"): (401, 404, 404, 404, 202),
    ("post", "undo/"): (401, 404, 404, 404, 400),
}


@pytest.mark.parametrize(("method", "door"), DOORS)
def test_who_may_open_what(world: World, method: str, door: str) -> None:
    made = upload(client_of(world.alice), start="false").json()["id"]
    url = door if door == LIST else f"/api/v1/lead-files/{made}/{door}"
    people = (None, world.charlie, world.bob, world.victor, world.carole)
    assert tuple(getattr(client_of(one), method)(url).status_code for one in people) == DOORS[method, door]


def test_a_load_is_undone_by_the_name_of_its_file(world: World) -> None:
    carole = client_of(world.carole)
    lead_file = loaded(world, "Société;Tél\nArmor;0199001234\n")
    door = f"/api/v1/lead-files/{lead_file.public_id}/undo/"
    wrong = carole.post(door, {"name": "autre.csv"}, content_type="application/json")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "other_name")
    for removed in (1, 0):
        done = carole.post(door, {"name": "prospects.csv"}, content_type="application/json").json()
        assert (done["removed"], done["restored"], done["stayed"], done["lead_file"]["state"]) == (
            removed, 0, {}, "undone",
        )  # fmt: skip

import json
import re

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_schema_is_openapi_3_1_and_needs_no_login(client: Client) -> None:
    response = client.get("/api/schema/", headers={"accept": "application/vnd.oai.openapi+json"})
    schema = json.loads(response.content)
    assert schema["openapi"].startswith("3.1")
    assert {"type": "http", "scheme": "bearer"} in schema["components"]["securitySchemes"].values()


def test_every_address_of_the_schema_is_below_its_version(client: Client) -> None:
    schema = json.loads(client.get("/api/schema/", headers={"accept": "application/json"}).content)
    assert [path for path in schema["paths"] if not path.startswith("/api/v1/")] == []


def test_the_docs_obey_the_policy_of_every_page(client: Client) -> None:
    response = client.get("/api/docs/")
    policy, page = response["Content-Security-Policy"], response.content.decode()
    assert response.status_code == 200
    assert "unsafe" not in policy
    assert "<style" not in page
    nonces = set(re.findall(r'<script nonce="([^"]+)">', page))
    assert [f"'nonce-{nonce}'" in policy for nonce in nonces] == [True]


def test_every_operation_says_that_it_may_answer_with_a_problem(client: Client) -> None:
    schema = json.loads(client.get("/api/schema/", headers={"accept": "application/json"}).content)
    silent = [
        f"{method} {path}"
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
        if "application/problem+json" not in operation["responses"].get("default", {}).get("content", {})
    ]
    assert (silent, "Problem" in schema["components"]["schemas"]) == ([], True)


def test_an_unknown_address_of_the_api_is_a_problem_and_of_the_pages_a_page(client: Client) -> None:
    machine, person = client.get("/api/v1/nowhere/"), client.get("/nulle-part/")
    assert (machine.status_code, machine["Content-Type"]) == (404, "application/problem+json")
    assert machine.json()["code"] == "not_found"
    assert (person.status_code, person["Content-Type"]) == (404, "text/html; charset=utf-8")

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

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings


@pytest.mark.django_db
def test_it_is_well_when_both_answer(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"database": "ok", "redis": "ok"})


@pytest.mark.django_db
def test_it_is_not_well_without_redis_and_does_not_say_why(client: Client, settings: Settings) -> None:
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (503, {"database": "ok", "redis": "down"})


@pytest.mark.django_db(transaction=True)
def test_the_test_database_may_be_emptied() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW decroche.allow_truncate")
        assert cursor.fetchone() == ("on",)

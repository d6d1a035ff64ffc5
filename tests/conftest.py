"""What every test stands on: cheap passwords, no rate limits, plain static files, a database that may be emptied."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import connection

from tests import cast
from tests.cast import World


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = False
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Django empties tables with TRUNCATE after a transactional test; the marks of reporting refuse it elsewhere."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{connection.settings_dict["NAME"]}" SET decroche.allow_truncate = on')
        connection.close()
        connection.close_pool()
    yield


@pytest.fixture
def world(db: None) -> World:
    return cast.world()

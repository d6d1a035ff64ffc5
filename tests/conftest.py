"""What every test stands on: cheap passwords, no rate limits, plain static files, a database that may be emptied."""

from collections.abc import Iterator

import hypothesis
import pytest
from django.conf import settings
from django.db import connection
from django.utils import translation
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests import cast
from tests.cast import World

# Time is measured by bin/bench, never by a test: a busy machine is no failure.
hypothesis.settings.register_profile("house", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.ACCOUNT_RATE_LIMITS = False
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


class Together(LoadScopeScheduling):
    """The browser's tests share one running program: one worker takes them all, the others go where there is room.

    Not `--dist loadgroup`: with pytest 9.2 it no longer groups (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return "browser" if nodeid.startswith("tests/browser/") else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    return Together(config, log)


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


@pytest.fixture(autouse=True)
def in_french() -> Iterator[None]:
    """Every test begins in French: a request answered in English leaves its language behind in the thread."""
    with translation.override("fr"):
        yield

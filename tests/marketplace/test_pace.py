"""A page asks the database as often for ten missions as for one."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import cast
from tests.cast import World
from tests.marketplace.conftest import another, application_of

pytestmark = pytest.mark.django_db


def queries(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    return len(asked)


def more(world: World, first: int, last: int) -> None:
    """Missions in which Bob works, each with a proposal, and as many proposals for the first mission."""
    for number in range(first, last):
        mission = cast.running_mission(world.organisation, f"autre-{number}")
        cast.engaged(world.bob, mission)
        application_of(mission, another(f"Zoé{number}"))
        application_of(world.mission, another(f"Léo{number}"))


@pytest.mark.parametrize(
    ("name", "path", "most"),
    [
        ("alice", "/", 8),
        ("alice", "/missions/", 8),
        ("alice", "/missions/receptions-2027/teleprospecteurs/", 12),
        ("bob", "/", 10),
        ("bob", "/missions/", 10),
        ("bob", "/missions/receptions-2027/", 12),
    ],
)
def test_ten_times_more_rows_are_not_one_query_more(world: World, name: str, path: str, most: int):
    client = Client()
    client.force_login(getattr(world, name))
    more(world, 0, 1)
    few = queries(client, path)
    more(world, 1, 10)
    assert queries(client, path) == few
    assert few <= most

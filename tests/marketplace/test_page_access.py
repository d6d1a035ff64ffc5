"""Who may open what: each page × each person. 200 it opens, 302 it acts or sends to the login page, 403 seen but not
one's to change, 404 as if it did not exist."""

import pytest
from django.test import Client

from marketplace.models import Application, Mission, Telemarketer, User
from tests.cast import World
from tests.marketplace.conftest import application_of

pytestmark = pytest.mark.django_db
PEOPLE = ("nobody", "charlie", "bob", "victor", "carole", "alice")  # charlie: a stranger; victor: a viewer
TO_LOGIN = 302


@pytest.fixture
def clients(world: World) -> dict[str, Client]:
    clients = {"nobody": Client()}
    for name in PEOPLE[1:]:
        clients[name] = Client()
        clients[name].force_login(getattr(world, name))
    return clients


@pytest.fixture
def draft_mission(world: World) -> Mission:
    return Mission.objects.create(organisation=world.organisation, slug="brouillon", title="Brouillon")


GETS = {
    #                                              nobody charlie bob victor carole alice
    "/": (302, 200, 200, 200, 200, 200),
    "/missions/": (302, 404, 200, 200, 200, 200),
    "/missions/nouvelle/": (302, 404, 404, 403, 200, 200),
    "/missions/receptions-2027/": (302, 404, 200, 200, 200, 200),
    "/missions/receptions-2027/script/": (302, 404, 404, 200, 200, 200),
    "/missions/receptions-2027/teleprospecteurs/": (302, 404, 404, 200, 200, 200),
    "/missions/receptions-2027/modifier/": (302, 404, 404, 403, 200, 200),
    "/missions/brouillon/": (302, 404, 404, 200, 200, 200),
    "/missions/nulle-part/": (302, 404, 404, 404, 404, 404),
    "/profil/": (302, 404, 200, 404, 404, 404),
    "/moi/": (302, 200, 200, 200, 200, 200),
}


@pytest.mark.parametrize("path", GETS)
def test_pages(clients: dict[str, Client], draft_mission: Mission, path: str):
    assert tuple(clients[name].get(path).status_code for name in PEOPLE) == GETS[path]


POSTS = {
    #                                              nobody charlie bob victor carole alice
    "/missions/receptions-2027/pause/": (302, 404, 404, 403, 302, 302),
    "/candidatures/{application}/accept/": (302, 404, 404, 403, 302, 302),
    "/candidatures/{application}/decline/": (302, 404, 404, 403, 302, 302),
    "/candidatures/{application}/withdraw/": (302, 404, 404, 404, 404, 404),
    "/engagements/{bobs}/suspend/": (302, 404, 404, 403, 302, 302),
    "/engagements/{bobs}/end/": (302, 404, 302, 403, 302, 302),
    "/engagements/{aminas}/end/": (302, 404, 404, 403, 302, 302),
    "/missions/receptions-2027/fly/": (404, 404, 404, 404, 404, 404),
}


@pytest.mark.parametrize("path", POSTS)
def test_acts(clients: dict[str, Client], world: World, path: str):
    zoe = Telemarketer.objects.create(user=User.objects.create_user("zoe@example.test"), display_name="Zoé")
    application = application_of(world.mission, zoe)
    ids = {"application": application.public_id, "bobs": world.bobs.public_id, "aminas": world.aminas.public_id}
    ids["application"] = Application.objects.get(pk=application.pk).public_id
    address = path.format(**ids)
    assert tuple(clients[name].post(address).status_code for name in PEOPLE) == POSTS[path]


@pytest.mark.parametrize("path", [path for path in POSTS if "fly" not in path])
def test_nothing_is_done_by_reading(clients: dict[str, Client], world: World, path: str):
    ids = {"application": world.bobs.public_id, "bobs": world.bobs.public_id, "aminas": world.aminas.public_id}
    assert clients["alice"].get(path.format(**ids)).status_code == 405


def test_nobody_is_sent_to_the_login_page_and_back(clients: dict[str, Client]):
    assert clients["nobody"].get("/missions/").url == "/compte/login/?next=/missions/"

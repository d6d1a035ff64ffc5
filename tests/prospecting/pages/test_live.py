"""The live board's pages, the messages to the team, one's own calls: who opens what, and what they say."""

from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from marketplace.models import Engagement, Mission, User
from prospecting.models import Recording, TeamMessage
from prospecting.telling import tell_team
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_calling import call

pytestmark = pytest.mark.django_db
PEOPLE = ("nobody", "charlie", "bob", "victor", "carole", "alice")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def get(user: User, path: str) -> str:
    with time_machine.travel(TUESDAY_10H, tick=False):
        return unescape(client_of(user).get(path).content.decode())


GETS = {
    #                                              nobody charlie bob victor carole alice
    "/direct/": (302, 200, 200, 200, 200, 200),  # the missions one reads: none for a stranger
    "/missions/receptions-2027/direct/": (302, 404, 404, 200, 200, 200),
    "/appeler/{bobs}/messages/": (302, 404, 200, 404, 404, 404),
    "/appels/": (302, 200, 200, 200, 200, 200),
    "/appels/{call}/enregistrement/": (302, 404, 200, 404, 404, 404),
}
POSTS = {
    "/missions/receptions-2027/direct/message/": (302, 404, 404, 404, 302, 302),
    "/messages/{message}/retirer/": (302, 404, 404, 404, 302, 302),
    "/appeler/{bobs}/messages/{message}/lu/": (302, 404, 200, 404, 404, 404),
}


def statuses(world: World, path: str, method: str) -> tuple[int, ...]:
    world.contact()
    made = call(world.bobs, "REFI")
    message = tell_team(mission=world.mission, author=world.alice, text="Bonjour", at=TUESDAY_10H)
    address = path.format(bobs=world.bobs.public_id, call=made.public_id, message=message.public_id)
    clients = [Client(), *(client_of(getattr(world, name)) for name in PEOPLE[1:])]
    with time_machine.travel(TUESDAY_10H, tick=False):
        return tuple(getattr(client, method)(address).status_code for client in clients)


@pytest.mark.parametrize("path", GETS)
def test_who_reads_what(world: World, path: str) -> None:
    assert statuses(world, path, "get") == GETS[path]


@pytest.mark.parametrize("path", POSTS)
def test_who_does_what(world: World, path: str) -> None:
    assert statuses(world, path, "post") == POSTS[path]


def test_the_board_says_who_calls_and_a_stranger_sees_no_name(world: World) -> None:
    world.contact()
    call(world.bobs, "REFI")
    html = get(world.victor, "/direct/")
    assert "1 personne appelle en ce moment." in html
    assert "1 appel, 1 conversation," in html
    assert "Bob" not in get(world.charlie, "/direct/")


def test_asked_again_it_sends_only_what_moves(world: World) -> None:
    with time_machine.travel(TUESDAY_10H, tick=False):
        part = client_of(world.alice).get("/direct/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "live-sentence" in part


def test_a_viewer_reads_the_messages_and_writes_none(world: World) -> None:
    tell_team(mission=world.mission, author=world.carole, text="Visez <b>les lycées</b>", at=TUESDAY_10H)
    html = get(world.victor, "/missions/receptions-2027/direct/")
    assert "Visez <b>les lycées</b>" in html and "<textarea" not in html


def test_an_empty_message_is_refused_with_its_sentence(world: World) -> None:
    with time_machine.travel(TUESDAY_10H, tick=False):
        answer = client_of(world.alice).post("/missions/receptions-2027/direct/message/", {"text": "  "}, follow=True)
    assert "Écrivez le message." in unescape(answer.content.decode())
    assert not TeamMessage.objects.exists()


def test_the_page_of_own_calls_costs_the_same_whatever_their_number(world: World) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            get(world.bob, "/appels/")
        return len(counted)

    world.contact()
    call(world.bobs, "REFI")
    queries()
    before = queries()
    for _n in range(4):
        world.contact()
        call(world.bobs, "REFI")
    assert queries() == before


def test_a_recording_may_be_joined_only_where_the_mission_allows_it(world: World) -> None:
    world.contact()
    call(world.bobs, "REFI")
    assert "Joindre le son" not in get(world.bob, "/appels/")
    Mission.objects.update(recording_allowed=True)
    assert "Joindre le son" in get(world.bob, "/appels/")


def linked(world: World) -> Recording:
    contact = world.contact(company="Lycée Jean-Macé")
    made = call(world.bobs, "REFI", note="Trop cher")
    kept = Recording.objects.create(
        call=made, engagement=world.bobs, url="https://son.example/a?b=1&c=2", announced_at=made.started_at,
        added_at=made.started_at, purge_on=made.started_at.date() + timedelta(days=99),
    )  # fmt: skip
    kept.refresh_from_db()
    assert made.contact_id == contact.pk
    return kept


def hear(user: User, kept: Recording) -> HttpResponse:
    with time_machine.travel(TUESDAY_10H, tick=False):
        return client_of(user).post(f"/enregistrements/{kept.public_id}/")


def test_a_sound_kept_elsewhere_is_a_link_and_not_a_redirect(world: World) -> None:
    answer = hear(world.bob, linked(world))
    assert answer.status_code == 200
    assert 'href="https://son.example/a?b=1&amp;c=2" rel="noopener noreferrer"' in answer.content.decode()


def test_once_the_engagement_has_ended_ones_own_calls_name_nobody_and_nothing_is_heard(world: World) -> None:
    kept = linked(world)
    assert "Lycée Jean-Macé" in get(world.bob, "/appels/")
    Engagement.objects.filter(pk=world.bobs.pk).update(state="ended", ended_at=TUESDAY_10H)
    page = get(world.bob, "/appels/")
    assert [word in page for word in ("Lycée Jean-Macé", "Trop cher", "Écouter")] == [False, False, False]
    assert hear(world.bob, kept).status_code == 404

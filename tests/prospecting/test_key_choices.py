"""Each telemarketer's own keys."""

import pytest
from django.test import Client

from config.errors import Invalid
from prospecting.key_choices import ACTIONS, Keys, choose_keys, forget_choice, keys_of
from prospecting.models import KeyChoice
from tests.cast import World

pytestmark = pytest.mark.django_db
USUAL = {action: letter for action, (letter, _does) in ACTIONS.items()}


def choose(world: World, *, off: bool = False, quick: bool = True, **letters: str) -> Keys:
    return choose_keys(user=world.bob, letters=letters, off=off, quick=quick)


def test_everybody_begins_with_the_same_keys_and_no_letter_serves_twice(world: World) -> None:
    assert keys_of(world.bob) == Keys(USUAL, off=False, quick=True)
    assert len(set(USUAL.values())) == len(USUAL)


def test_a_key_is_changed_another_switched_off_and_everything_else_stays(world: World) -> None:
    choose(world, dial="L", skip="", quick=False)
    assert keys_of(world.bob) == Keys(USUAL | {"dial": "l", "skip": ""}, off=False, quick=False)
    assert keys_of(world.amina) == Keys(USUAL, off=False, quick=True)


def test_all_of_them_are_switched_off_and_come_back(world: World) -> None:
    choose(world, off=True)
    assert keys_of(world.bob).off
    forget_choice(user=world.bob)
    assert keys_of(world.bob) == Keys(USUAL, off=False, quick=True)


def test_a_letter_that_serves_already_is_refused_with_what_it_does(world: World) -> None:
    with pytest.raises(Invalid) as invalid:
        choose(world, note="A")
    assert (invalid.value.code, invalid.value.field) == ("key_taken", "note")
    assert invalid.value.sentence.replace("\u202f", " ") == "La lettre A sert déjà à : appeler ; en ligne, raccrocher."
    assert not KeyChoice.objects.exists()


@pytest.mark.parametrize("letter", ["1", "é", "?", "ab"])
def test_what_is_no_letter_is_refused(world: World, letter: str) -> None:
    with pytest.raises(Invalid) as invalid:
        choose(world, note=letter)
    assert (invalid.value.code, invalid.value.field) == ("no_letter", "note")


def test_the_page_keeps_them_and_goes_back_to_the_cockpit(world: World) -> None:
    client = Client()
    client.force_login(world.bob)
    cockpit = f"/appeler/{world.bobs.public_id}/"
    letters = {action: letter.upper() for action, letter in USUAL.items()} | {"dial": "L"}
    answer = client.post("/touches/", letters | {"back": cockpit, "quick": "on"})
    assert (answer.status_code, answer.url) == (302, cockpit)
    assert keys_of(world.bob) == Keys(USUAL | {"dial": "l"}, off=False, quick=True)
    assert '"dial": "l"' in client.get(cockpit).content.decode()


def test_the_page_says_what_is_wrong_beside_its_field_and_keeps_what_was_typed(world: World) -> None:
    client = Client()
    client.force_login(world.bob)
    answer = client.post("/touches/", USUAL | {"note": "a", "back": "https://ailleurs.example/"})
    html = answer.content.decode()
    assert answer.status_code == 400
    assert "sert déjà à" in html and 'id="wrong-note"' in html and "ailleurs.example" not in html
    assert not KeyChoice.objects.exists()


def test_only_who_calls_has_keys(world: World) -> None:
    client = Client()
    assert client.get("/touches/").status_code == 302
    for user in (world.alice, world.charlie):
        client.force_login(user)
        assert (client.get("/touches/").status_code, client.post("/touches/", USUAL).status_code) == (404, 404)

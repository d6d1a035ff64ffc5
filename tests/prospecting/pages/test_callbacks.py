"""The page of promised callbacks."""

from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from marketplace.models import Engagement, User
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_calling import call

pytestmark = pytest.mark.django_db


def page(user: User) -> str:
    client = Client()
    client.force_login(user)
    with time_machine.travel(TUESDAY_10H, tick=False):
        return unescape(client.get(reverse("callbacks")).content.decode())


def promise(world: World, due_at, **contact: str) -> None:
    world.contact(**contact)
    call(world.bobs, "RAP", at=TUESDAY_10H - timedelta(minutes=20), callback_at=due_at, note="après le conseil")


def test_the_promises_stand_in_their_order_late_ones_first(world: World) -> None:
    promise(world, TUESDAY_10H + timedelta(days=1), company="Clinique Saint-Yves")
    promise(world, TUESDAY_10H + timedelta(hours=5), company="Mairie de Cesson")
    promise(world, TUESDAY_10H - timedelta(minutes=5), company="CFA de Bruz")
    html = page(world.bob)
    places = [html.index(word) for word in ("En retard", "CFA de Bruz", "Aujourd’hui", "Mairie", "Demain", "Clinique")]
    assert places == sorted(places)
    assert "15\xa0h\xa000" in html and "demain 10\xa0h\xa000" in html and "après le conseil" in html


def test_a_contact_overseas_has_both_clocks(world: World) -> None:
    world.contact(territory="FR-RE")
    call(world.bobs, "RAP", at=TUESDAY_10H - timedelta(hours=1), callback_at=TUESDAY_10H + timedelta(hours=2))
    assert "15\xa0h\xa000 là-bas" in page(world.bob)  # 12:00 in Paris


def test_without_promises_it_teaches_how_to_make_one(world: World) -> None:
    assert "la touche 6 du poste d’appel" in page(world.bob)


def test_the_promises_of_others_and_of_ended_engagements_are_not_shown(world: World) -> None:
    promise(world, TUESDAY_10H + timedelta(hours=5), company="Mairie de Cesson")
    assert "Mairie de Cesson" not in page(world.amina)
    Engagement.objects.filter(pk=world.bobs.pk).update(state="ended", ended_at=TUESDAY_10H)
    assert "Mairie de Cesson" not in page(world.bob)

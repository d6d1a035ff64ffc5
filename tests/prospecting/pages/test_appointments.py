"""The appointments of a business, on screen and in a file."""

import csv
import io
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from marketplace.models import User
from prospecting.booking import Slot
from prospecting.models import Appointment
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_calling import call

pytestmark = pytest.mark.django_db
THURSDAY = TUESDAY_10H + timedelta(days=2)
NEXT_WEEK = TUESDAY_10H + timedelta(days=7)


def get(user: User, query: str = "", name: str = "mission_appointments", slug: str = "receptions-2027") -> HttpResponse:
    client = Client()
    client.force_login(user)
    with time_machine.travel(TUESDAY_10H, tick=False):
        return client.get(reverse(name, args=[slug] if name == "mission_appointments" else []) + query)


def text(response: HttpResponse) -> str:
    return unescape(response.content.decode())


def booked(
    world: World, starts_at=THURSDAY, company: str = "Lycée Jean-Macé", note: str = "120 couverts"
) -> Appointment:
    world.contact(company=company, address="9 rue Saint-Louis")
    slot = Slot(starts_at=starts_at, kind="on_site")
    saved = call(world.bobs, "RDV", appointment=slot, answers={"covers": "120"}, note=note)
    return Appointment.objects.get(call=saved)


def test_they_are_listed_by_week_with_who_booked_them(world: World) -> None:
    booked(world, NEXT_WEEK, company="Mairie de Cesson")
    booked(world)
    html = text(get(world.alice, "?quand=a-venir"))
    words = ["Semaine du 23\xa0nov.", "jeu. 26", "Lycée Jean-Macé", "Semaine du 30\xa0nov.", "Mairie de Cesson"]
    places = [html.index(word) for word in words]
    assert places == sorted(places)
    assert "9 rue Saint-Louis" in html and "Bob" in html and "pris" in html


def test_the_past_ones_have_their_own_tab(world: World) -> None:
    Appointment.objects.filter(pk=booked(world).pk).update(starts_at=TUESDAY_10H - timedelta(days=3), state="held")
    assert "Lycée Jean-Macé" not in text(get(world.alice, "?quand=a-venir"))
    assert "tenu" in text(get(world.alice, "?quand=passes"))


def test_the_csv_has_one_row_each_and_no_formula(world: World) -> None:
    booked(world, company="=HYPERLINK(1)", note="-1 couvert; +2")
    response = get(world.carole, "?format=csv")
    assert response["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    assert rows == [
        {
            "jour": "2026-11-26", "heure": "10:00", "état": "pris", "forme": "sur place",
            "lieu": "9 rue Saint-Louis, 35000 Rennes", "minutes": "30", "entreprise": "'=HYPERLINK(1)", "personne": "",
            "fonction": "", "téléphone": "01\xa099\xa000\xa000\xa000", "e-mail": "", "mission": "Réceptions 2027",
            "pris par": "Bob", "pris le": "2026-11-24", "note": "'-1 couvert; +2",
        }
    ]  # fmt: skip


def test_an_empty_agenda_teaches(world: World) -> None:
    assert "Aucun rendez-vous à venir." in text(get(world.alice))


def test_every_member_reads_them_and_nobody_else(world: World) -> None:
    booked(world)
    for user in (world.alice, world.carole, world.victor):
        assert "Lycée Jean-Macé" in text(get(user))
        assert "Lycée Jean-Macé" in text(get(user, name="appointments"))
    for user in (world.bob, world.charlie):
        assert get(user).status_code == 404
        assert get(user, "?format=csv").status_code == 404
        assert "Lycée Jean-Macé" not in text(get(user, name="appointments"))
        assert "Lycée Jean-Macé" not in get(user, "?format=csv", name="appointments").content.decode()

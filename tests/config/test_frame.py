"""The rail, the language and the light around every page."""

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from config import frame
from config.templatetags import pictures
from marketplace.models import Membership, Organisation, Telemarketer, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    user = User.objects.create_user("alice@example.org", "correct horse", display_name="Alice Morvan")
    Membership.objects.create(organisation=Organisation.objects.create(name="Traiteur Armor"), user=user, role="owner")
    return user


@pytest.fixture
def bob() -> User:
    user = User.objects.create_user("bob@example.org", "correct horse")
    Telemarketer.objects.create(user=user, display_name="Bob Le Gall", city="Rennes")
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_rail_names_the_business_and_who_acts_for_it(alice):
    page = signed_in(alice).get("/").content.decode()
    assert "<b>Traiteur Armor</b><p>Alice Morvan, propriétaire</p>" in page
    assert 'aria-current="page"' in page


def test_the_rail_names_the_telemarketer(bob):
    page = signed_in(bob).get("/").content.decode()
    assert "<b>Bob Le Gall</b><p>Rennes</p>" in page
    assert "Appeler" in page


def test_no_page_has_an_inline_style_or_a_foreign_host(alice):
    page = signed_in(alice).get("/").content.decode()
    assert " style=" not in page
    assert "//" not in page.replace("http://www.w3.org/2000/svg", "")


def test_a_chosen_language_is_kept_by_the_account_and_the_browser(alice):
    client = signed_in(alice)
    answer = client.post("/preferences/", {"language": "en", "next": "/"})
    alice.refresh_from_db()
    assert (answer.status_code, answer.url, alice.language) == (302, "/", "en")
    assert answer.cookies["django_language"].value == "en"


def test_a_chosen_light_is_kept_and_an_unknown_one_is_not(alice):
    client = signed_in(alice)
    client.post("/preferences/", {"theme": "dark"})
    assert 'data-theme="dark"' in client.get("/").content.decode()
    client.post("/preferences/", {"theme": "pink"})
    assert 'data-theme="dark"' in client.get("/").content.decode()


def test_preferences_never_lead_elsewhere():
    assert Client().post("/preferences/", {"theme": "dark", "next": "https://evil.example/"}).url == "/"
    assert Client().get("/preferences/").status_code == 405


def test_a_missing_page_says_so_in_both_languages():
    assert "Rien ici pour vous" in Client().get("/nope/").content.decode()


def test_an_interval_is_drawn_in_percent_with_points_even_in_french():
    drawn = pictures.interval(pictures.axis(0.20), 0.108, 0.202, 0.149, label="Chloé", raw=0.10, team=0.119)
    svg = render_to_string("_interval.html", drawn)
    assert drawn["label"].startswith("Chloé 14,9\u202f%")
    assert "," not in svg.split("aria-label")[1].split(">", 1)[1]
    assert all(mark in svg for mark in ('class="bar"', 'class="pt"', 'class="raw"', 'class="team"'))


def test_without_a_rate_an_interval_has_neither_dot_nor_band():
    svg = render_to_string("_interval.html", pictures.interval(pictures.axis(None), None, None, None))
    assert "<circle" not in svg
    assert "<rect" not in svg


def test_every_place_of_the_rail_leads_somewhere():
    places = [place for role in frame.PLACES.values() for place in role]
    assert all(reverse(place.url_name) for place in places)
    assert all(len(role) <= 5 for role in frame.PLACES.values())

"""The cockpit's page: what it shows, to whom, and what it never does by itself."""

import re
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from marketplace.models import Engagement, User
from prospecting.calling import dial
from prospecting.models import Call, Claim, Contact, Dial
from prospecting.queue import next_contact
from tests.cast import TUESDAY_10H, World
from tests.prospecting.test_calling import call

pytestmark = pytest.mark.django_db
NUMBER = "+33261910847"
MASKED, WHOLE = "02\xa061\xa0••\xa0••\xa0••", "02\xa061\xa091\xa008\xa047"


@pytest.fixture(autouse=True)
def tuesday() -> Any:
    with time_machine.travel(TUESDAY_10H, tick=False):
        yield


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: User, engagement: Engagement, name: str = "cockpit") -> str:
    response = signed_in(user).get(reverse(name, args=[engagement.public_id]))
    assert response.status_code == 200
    return unescape(response.content.decode())


def take(user: User, engagement: Engagement) -> str:
    response = signed_in(user).post(reverse("cockpit_next", args=[engagement.public_id]))
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_opening_the_page_takes_no_contact(world: World) -> None:
    world.contact()
    assert "1 fiche vous attend." in page(world.bob, world.bobs)
    assert not Claim.objects.exists()


def test_the_next_contact_is_drawn_with_its_number_masked(world: World) -> None:
    world.contact(NUMBER, first_name="Anne", last_name="Le Goff", job_title="intendante")
    html = take(world.bob, world.bobs)
    assert 'data-state="before"' in html
    assert "Lycée Jean-Macé" in html
    assert MASKED in html
    assert "Appel permis jusqu’à 12\xa0h\xa030" in html
    assert WHOLE not in html and NUMBER not in html
    assert '<span class="mark">Anne Le Goff</span>' in html


def test_a_number_in_a_column_of_the_file_shows_only_after_the_dial(world: World) -> None:
    script = [{"kind": "who", "text": "Ligne {standard}."}]
    type(world.mission).objects.filter(pk=world.mission.pk).update(script=script)
    world.contact(columns={"Standard": "01 99 00 12 37", "Effectif": "12"})
    html = take(world.bob, world.bobs)
    assert "01 99 00 12 37" not in html
    assert "Effectif" in html
    dial(engagement=world.bobs, claim_id=Claim.objects.get().public_id, at=TUESDAY_10H)
    assert "01 99 00 12 37" in page(world.bob, world.bobs)


def test_two_tabs_show_the_same_contact(world: World) -> None:
    world.contact(), world.contact()
    take(world.bob, world.bobs), take(world.bob, world.bobs)
    assert Claim.objects.count() == 1


def test_after_the_dial_a_reload_shows_the_number_and_the_clock_goes_on(world: World) -> None:
    world.contact(NUMBER)
    claim = next_contact(engagement=world.bobs, at=TUESDAY_10H - timedelta(seconds=30))
    assert claim is not None
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H - timedelta(seconds=20))
    html = page(world.bob, world.bobs)
    assert 'data-state="call"' in html and 'data-seconds="20"' in html and WHOLE in html
    assert "Essai 1 sur 4" in html


def test_the_keys_carry_the_outcomes_of_the_mission_and_their_consequences(world: World) -> None:
    world.contact()
    html = take(world.bob, world.bobs)
    assert [html.count(f'value="{code}"') for code in ("NRP", "REPM", "RAPA", "REF", "RDV", "OPP", "FNUM")] == [1] * 7
    assert 'value="VTE"' not in html  # an appointment is what this mission pays
    assert "définitif, partout" in html and "+ 32,00\xa0€" in html and "cet après-midi" in html


def test_a_consent_may_be_taken_back_on_the_phone_where_one_is_needed(world: World) -> None:
    world.contact()
    field = 'name="withdrawn"'
    assert field not in take(world.bob, world.bobs)
    type(world.mission).objects.filter(pk=world.mission.pk).update(regime="FR_B2C")
    assert field in page(world.bob, world.bobs)


def test_the_rows_that_share_the_number_are_told(world: World) -> None:
    world.contact(also_at=[{"row": 12, "city": "Dinard"}, {"row": 13, "company": "Cantine", "last_name": "Riou"}])
    html = take(world.bob, world.bobs)
    assert "<dd>Dinard</dd>" in html and "<dd>Cantine, Riou</dd>" in html


def test_the_history_and_the_figures_of_the_day_follow_the_calls(world: World) -> None:
    world.contact()
    call(world.bobs, "OCC", at=TUESDAY_10H - timedelta(minutes=30), note="sonne occupé")
    html = take(world.bob, world.bobs)
    assert "Occupé « sonne occupé »" in html
    assert "1 appel" in html and "0 joint" in html
    assert "Essai 2 sur 4" in html


def moments(html: str) -> list[str]:
    return re.findall(r'name="callback_at" value="([^"]+)"', html)


def test_the_moments_offered_for_a_callback_can_be_kept(world: World) -> None:
    world.contact()
    assert moments(take(world.bob, world.bobs)) == [
        "2026-11-24T11:00:00+01:00",
        "2026-11-24T14:00:00+01:00",
        "2026-11-25T09:30:00+01:00",
        "2026-11-25T14:00:00+01:00",
        "other",
    ]


def test_on_the_last_attempt_the_first_moment_offered_is_the_first_allowed(world: World) -> None:
    contact = world.contact()
    for days in (25, 20, 15):
        Dial.objects.create(
            organisation=world.organisation, mission=world.mission, contact=contact, engagement=world.bobs,
            phone=contact.phone, at=TUESDAY_10H - timedelta(days=days), allowed=True, attempt=True,
        )  # fmt: skip
    assert moments(take(world.bob, world.bobs)) == ["2026-11-30T09:00:00+01:00", "other"]


def test_an_empty_queue_says_why(world: World) -> None:
    assert "Aucune fiche dans cette mission." in take(world.bob, world.bobs)


def test_a_queue_that_waits_says_until_when(world: World) -> None:
    contact = world.contact()
    Contact.objects.filter(pk=contact.pk).update(state="retry", next_at=TUESDAY_10H + timedelta(hours=1))
    assert "La prochaine revient 11\xa0h\xa000." in take(world.bob, world.bobs)


def test_outside_the_hours_it_says_when_calls_begin_again(world: World) -> None:
    world.contact()
    with time_machine.travel(TUESDAY_10H + timedelta(hours=10), tick=False):
        html = take(world.bob, world.bobs)
    assert "Hors des heures d’appel." in html and "Les appels reprennent demain 9\xa0h\xa000." in html


def test_a_suspended_engagement_reads_why_and_takes_nothing(world: World) -> None:
    world.contact()
    Engagement.objects.filter(pk=world.bobs.pk).update(state="suspended")
    assert "Votre engagement est suspendu ou terminé" in take(world.bob, world.bobs)
    assert not Claim.objects.exists()


def test_pausing_gives_the_contact_back(world: World) -> None:
    contact = world.contact()
    take(world.bob, world.bobs)
    response = signed_in(world.bob).post(reverse("cockpit_pause", args=[world.bobs.public_id]))
    assert response.status_code == 302
    assert Contact.objects.get(pk=contact.pk).state == "fresh"
    assert not Claim.objects.exists()


@pytest.mark.parametrize("name", ["cockpit", "cockpit_parts", "cockpit_queue"])
def test_nobody_else_sees_an_agents_cockpit(world: World, name: str) -> None:
    world.contact()
    for user in (world.alice, world.amina, world.charlie):
        assert signed_in(user).get(reverse(name, args=[world.bobs.public_id])).status_code == 404
    assert signed_in(world.bob).get(reverse(name, args=[uuid4()])).status_code == 404
    assert Client().get(reverse(name, args=[world.bobs.public_id])).status_code == 302


def saved(user: User, engagement: Engagement, claim: Claim, code: str = "NRP", **more: Any) -> Any:
    said = {
        "engagement": str(engagement.public_id),
        "claim": str(claim.public_id),
        "key": str(uuid4()),
        "outcome": code,
    }
    address = reverse("cockpit_save", args=[engagement.public_id])
    return signed_in(user).post(address, said | more, content_type="application/json")


def on_the_line(world: World) -> Claim:
    take(world.bob, world.bobs)
    claim = Claim.objects.get()
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    return claim


def test_one_answer_saves_the_call_and_draws_the_next_contact(world: World) -> None:
    first, second = world.contact(), world.contact()
    claim = on_the_line(world)
    answer = saved(world.bob, world.bobs, claim)
    call = Call.objects.get()
    other = second if claim.contact_id == first.pk else first
    assert (answer.status_code, answer.json()["call"]) == (201, {"id": str(call.public_id)})
    assert (call.outcome, call.contact_id, call.source) == ("NRP", claim.contact_id, "cockpit")
    assert f'data-claim="{Claim.objects.get(contact=other).public_id}"' in answer.json()["parts"]


def test_a_call_that_misses_something_is_refused_and_the_contact_stays(world: World) -> None:
    world.contact(), world.contact()
    claim = on_the_line(world)
    answer = saved(world.bob, world.bobs, claim, "REF")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "reason")
    assert Claim.objects.get() == claim


def test_after_the_engagement_ended_the_call_in_progress_is_saved_and_nothing_more(world: World) -> None:
    world.contact(), world.contact()
    claim = on_the_line(world)
    Engagement.objects.filter(pk=world.bobs.pk).update(state="ended", ended_at=TUESDAY_10H)
    answer = saved(world.bob, world.bobs, claim)
    assert (answer.status_code, answer.json()["parts"], Call.objects.count()) == (201, None, 1)
    assert not Claim.objects.exists()


def test_a_call_on_the_line_is_not_counted_yet(world: World) -> None:
    world.contact()
    claim = on_the_line(world)
    assert "0 appel" in page(world.bob, world.bobs)
    saved(world.bob, world.bobs, claim)
    assert "1 appel" in page(world.bob, world.bobs)


def test_the_criteria_of_the_mission_are_there_to_tick(world: World) -> None:
    criteria = [{"key": "60_couverts_ou_plus", "label": "60 couverts ou plus"}]
    type(world.mission).objects.filter(pk=world.mission.pk).update(criteria=criteria)
    world.contact()
    assert 'name="answers.criterion.60_couverts_ou_plus" value="yes"' in take(world.bob, world.bobs)


@pytest.mark.parametrize("name", ["cockpit_save"])
def test_nobody_else_saves_in_it(world: World, name: str) -> None:
    world.contact()
    claim = on_the_line(world)
    for user in (world.alice, world.amina, world.charlie):
        assert saved(user, world.bobs, claim).status_code == 404
    assert not Call.objects.exists()


@pytest.mark.parametrize("name", ["cockpit_next", "cockpit_pause"])
def test_nobody_else_acts_in_it(world: World, name: str) -> None:
    world.contact()
    for user in (world.alice, world.amina, world.charlie):
        assert signed_in(user).post(reverse(name, args=[world.bobs.public_id])).status_code == 404
    assert not Claim.objects.exists() and not Dial.objects.exists()


def test_the_page_keeps_to_a_strict_policy(world: World) -> None:
    world.contact()
    html = page(world.bob, world.bobs) + take(world.bob, world.bobs)
    assert "style=" not in html and "onclick" not in html
    assert html.count("<script") == html.count('type="module"') + html.count('type="importmap"') + html.count(
        'type="application/json"'
    ) + html.count("htmx.min")


def test_drawing_a_contact_takes_a_fixed_number_of_queries(world: World, django_assert_max_num_queries: Any) -> None:
    for _n in range(3):
        world.contact(columns={str(n): "x" for n in range(20)})
    call(world.bobs, "OCC", at=TUESDAY_10H - timedelta(minutes=30))
    client, address = signed_in(world.bob), reverse("cockpit_next", args=[world.bobs.public_id])
    client.post(address)
    with django_assert_max_num_queries(24):
        client.post(address)


def test_it_speaks_english_too(world: World) -> None:
    world.contact()
    response = signed_in(world.bob).post(
        reverse("cockpit_next", args=[world.bobs.public_id]), headers={"accept-language": "en"}
    )
    html = unescape(response.content.decode())
    assert "No answer" in html and "this afternoon" in html and "Calling allowed until 12:30" in html

"""The live board: who is calling, how long a file lasts, what deserves a look."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from marketplace.models import Engagement
from prospecting.calling import dial
from prospecting.models import Claim, LeadFile
from prospecting.supervising import SILENCE, Board, board
from tests.cast import TUESDAY_10H, World, lead_file
from tests.prospecting.test_calling import call, take

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def seen(world: World, at=TUESDAY_10H) -> Board:
    return board(missions=[world.mission], zone="Europe/Paris", at=at)


def doing(world: World, at=TUESDAY_10H) -> dict[str, tuple]:
    return {agent.name: (agent.doing, agent.since) for agent in seen(world, at).agents}


def test_who_does_not_call_is_simply_away(world: World) -> None:
    assert doing(world) == {"Bob": ("away", None), "Amina": ("away", None)}


def test_it_says_what_each_one_does_and_since_when(world: World) -> None:
    world.contact()
    claim = take(world.bobs)
    assert doing(world, TUESDAY_10H + MINUTE)["Bob"] == ("preparing", TUESDAY_10H)
    dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
    assert doing(world, TUESDAY_10H + 2 * MINUTE)["Bob"] == ("calling", TUESDAY_10H)
    Claim.objects.filter(pk=claim.pk).delete()
    assert doing(world, TUESDAY_10H + 2 * MINUTE)["Bob"] == ("between", TUESDAY_10H)
    assert doing(world, TUESDAY_10H + 16 * MINUTE)["Bob"] == ("away", None)


def test_a_suspended_engagement_says_so_and_an_ended_one_is_gone(world: World) -> None:
    Engagement.objects.filter(pk=world.bobs.pk).update(state="suspended")
    Engagement.objects.filter(pk=world.aminas.pk).update(state="ended", ended_at=TUESDAY_10H)
    assert doing(world) == {"Bob": ("suspended", None)}


def test_the_figures_of_today_leave_out_what_was_taken_back(world: World) -> None:
    for minute, outcome in enumerate(("NRP", "REFI", "LEAD")):
        world.contact()
        more = {"answers": {"covers": "80"}} if outcome == "LEAD" else {}
        call(world.bobs, outcome, at=TUESDAY_10H + 2 * minute * MINUTE, **more)
    (bob, *_rest) = seen(world, TUESDAY_10H + 8 * MINUTE).agents
    assert (bob.dials, bob.reached, bob.converted, bob.session) == (3, 2, 1, TUESDAY_10H)


def test_forty_calls_without_reaching_anybody_are_told_and_one_answer_ends_it(world: World) -> None:
    at = TUESDAY_10H - timedelta(minutes=SILENCE)
    for minute in range(SILENCE):
        world.contact()
        call(world.bobs, "FERM", at=at + minute * MINUTE)
    assert [alert.code for alert in seen(world).alerts if alert.about == "Bob"] == ["silence"]
    world.contact()
    call(world.bobs, "REFI", at=TUESDAY_10H)
    assert [alert.code for alert in seen(world, TUESDAY_10H + MINUTE).alerts if alert.about == "Bob"] == []


def test_a_file_lasts_as_long_as_its_pace_says(world: World) -> None:
    for _n in range(12):
        world.contact()
    for minute in range(6):
        call(world.bobs, "NRP", at=TUESDAY_10H - timedelta(hours=1) + minute * MINUTE)
    (file,) = seen(world).files
    assert (file.fresh, file.an_hour, file.lasts) == (6, 6.0, timedelta(hours=1))
    assert [alert.code for alert in seen(world).alerts] == ["exhausted_soon"]


def test_a_file_without_fresh_contacts_is_told_apart_from_one_that_nobody_calls(world: World) -> None:
    lead_file(world.mission, "Autre fichier")
    world.contact()
    alerts = [(alert.code, alert.about) for alert in seen(world).alerts]
    assert alerts == [("exhausted", "Autre fichier")]
    assert [file.lasts for file in seen(world).files] == [None, None]


def test_corrected_rows_that_brought_nobody_are_no_file_run_out(world: World) -> None:
    first = world.contact().lead_file
    second = lead_file(world.mission, "Lignes corrigées")
    LeadFile.objects.filter(pk=second.pk).update(corrects=first, created=0)
    assert (seen(world).alerts, len(seen(world).files)) == ([], 1)


def test_a_callback_half_an_hour_late_is_told(world: World) -> None:
    world.contact()
    call(world.bobs, "RAP", at=TUESDAY_10H - timedelta(hours=1), callback_at=TUESDAY_10H - timedelta(minutes=40))
    assert ("overdue", {"callbacks": 1}) in [(alert.code, alert.data) for alert in seen(world).alerts]
    early = seen(world, TUESDAY_10H - timedelta(minutes=20))
    assert "overdue" not in [alert.code for alert in early.alerts]


def test_it_costs_three_statements_however_many_agents(world: World) -> None:
    for _n in range(3):
        world.contact()
        call(world.bobs, "NRP")
    with CaptureQueriesContext(
        connection,
    ) as counted:
        seen(world)
    assert len(counted) == 3

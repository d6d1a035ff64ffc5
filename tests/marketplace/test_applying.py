"""From a proposal to an engagement, once, within the seats."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection

from config.errors import DecrocheError, Invalid, Refused
from marketplace import applying, engaging, posting
from marketplace.models import Application, Engagement, Mission, Telemarketer
from tests import cast
from tests.cast import TUESDAY_10H
from tests.marketplace.conftest import another, application_of

LATER = TUESDAY_10H + timedelta(hours=1)


@pytest.fixture
def application(published: Mission, candidate: Telemarketer) -> Application:
    return applying.apply(
        mission=published, telemarketer=candidate, message=" Bonjour ", asked_cents=3400, at=TUESDAY_10H
    )


def test_a_proposal_keeps_its_price_and_its_moment(application: Application):
    kept = (application.state, application.message, application.asked_cents, application.submitted_at)
    assert kept == ("submitted", "Bonjour", 3400, TUESDAY_10H)


def test_one_open_proposal_per_mission(application: Application, candidate: Telemarketer):
    with pytest.raises(Refused) as refusal:
        applying.apply(mission=application.mission, telemarketer=candidate, message="", asked_cents=1, at=LATER)
    assert refusal.value.code == "already_applied"


def test_after_withdrawing_one_may_propose_again(application: Application, candidate: Telemarketer):
    applying.withdraw(application=application, at=LATER)
    again = applying.apply(mission=application.mission, telemarketer=candidate, message="", asked_cents=3000, at=LATER)
    assert list(candidate.applications.order_by("pk").values_list("state", flat=True)) == ["withdrawn", "submitted"]
    assert again.asked_cents == 3000


@pytest.mark.parametrize("state", ["draft", "paused", "closed"])
def test_a_mission_that_is_not_open_takes_no_proposal(draft: Mission, candidate: Telemarketer, state: str):
    Mission.objects.filter(pk=draft.pk).update(state=state)
    with pytest.raises(Refused) as refusal:
        applying.apply(mission=draft, telemarketer=candidate, message="", asked_cents=3000, at=LATER)
    assert refusal.value.code == "mission_not_open"


def test_a_proposal_has_a_price(published: Mission, candidate: Telemarketer):
    with pytest.raises(Invalid) as error:
        applying.apply(mission=published, telemarketer=candidate, message="", asked_cents=0, at=LATER)
    assert error.value.field == "asked_cents"


def test_accepting_makes_an_engagement_with_frozen_terms(application: Application):
    engagement = applying.accept(application=application, at=LATER)
    posting.update_mission(mission=application.mission, pay_cents=100, title="Autre titre")
    engagement.refresh_from_db()
    assert (engagement.state, engagement.pay_cents, engagement.label) == ("active", 3400, "Bob")
    assert (engagement.terms["title"], engagement.terms["pay_cents"]) == ("Portes ouvertes", 3400)
    application.refresh_from_db()
    assert (application.state, application.decided_at) == ("accepted", LATER)


def test_accepting_twice_gives_the_same_engagement(application: Application):
    first, second = (applying.accept(application=application, at=LATER) for _ in range(2))
    assert first == second
    assert Engagement.objects.filter(mission=application.mission).count() == 1


def test_seats_are_respected_and_an_ended_engagement_frees_one(published: Mission):
    engagements = [
        applying.accept(application=application_of(published, another(name)), at=LATER) for name in ("Ana", "Luc")
    ]
    third = application_of(published, another("Zoé"))
    with pytest.raises(Refused) as refusal:
        applying.accept(application=third, at=LATER)
    assert (refusal.value.code, applying.seats_left(published)) == ("no_seat", 0)
    engaging.end(engagement=engagements[0], at=LATER)
    assert applying.accept(application=third, at=LATER).state == "active"


@pytest.mark.parametrize("first", ["withdraw", "decline", "accept"])
@pytest.mark.parametrize("second", ["withdraw", "decline", "accept", "shortlist"])
def test_what_is_decided_stays_decided(application: Application, first: str, second: str):
    getattr(applying, first)(application=application, at=TUESDAY_10H)
    if first == second:
        getattr(applying, second)(application=application, at=LATER)
    else:
        with pytest.raises(Refused) as refusal:
            getattr(applying, second)(application=application, at=LATER)
        assert refusal.value.code == "already_decided"


def test_a_shortlisted_proposal_may_still_be_accepted_or_declined(application: Application):
    assert applying.shortlist(application=application, at=LATER).state == "shortlisted"
    assert applying.shortlist(application=application, at=LATER).state == "shortlisted"
    assert applying.decline(application=application, reason="Complet", at=LATER).decline_reason == "Complet"


@pytest.mark.django_db(transaction=True)
def test_two_accepted_at_once_for_the_last_seat_one_wins():
    world = cast.world()
    mission = cast.running_mission(world.organisation, "derniere-place", seats=1)
    applications = [application_of(mission, another(name)) for name in ("Ana", "Luc", "Zoé")]
    barrier = Barrier(len(applications))

    def accept(application: Application) -> str:
        try:
            barrier.wait()
            return applying.accept(application=application, at=LATER).state
        except DecrocheError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(applications)) as pool:
        answers = sorted(pool.map(accept, applications))
    assert answers == ["active", "no_seat", "no_seat"]
    assert mission.engagements.count() == 1


def test_an_engagement_stops_resumes_and_ends_once(world):
    bobs = world.bobs
    states = [engaging.VERBS[verb](engagement=bobs, at=LATER).state for verb in ("suspend", "suspend", "resume")]
    assert states == ["suspended", "suspended", "active"]
    assert engaging.end(engagement=bobs, at=LATER).ended_at == LATER
    assert engaging.end(engagement=bobs, at=LATER + timedelta(days=1)).ended_at == LATER


@pytest.mark.parametrize("verb", ["suspend", "resume"])
def test_an_ended_engagement_does_not_come_back(world, verb: str):
    engaging.end(engagement=world.bobs, at=LATER)
    with pytest.raises(Refused) as refusal:
        engaging.VERBS[verb](engagement=world.bobs, at=LATER)
    assert refusal.value.code == "engagement_ended"

"""A mission is posted as the law wants it, and moves through its states one way."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from config.errors import Invalid, Refused
from marketplace import posting
from marketplace.models import Application, Engagement, Mission
from marketplace.script import PROPOSED
from tests.cast import TUESDAY_10H, World
from tests.marketplace.conftest import application_of

pytestmark = pytest.mark.django_db
LATER = TUESDAY_10H + timedelta(hours=1)


def script_without(words: str) -> list[dict]:
    return [block | {"text": str(block.get("text", "")).replace(words, "")} for block in PROPOSED]


def test_a_new_mission_is_a_draft_with_the_proposed_script_and_the_window_of_its_objective(world: World):
    mission = posting.create_mission(
        organisation=world.organisation, title="Salon de janvier", objective="event_registration"
    )
    assert (mission.state, mission.slug, mission.window_days) == ("draft", "salon-de-janvier", 14)
    assert [block["kind"] for block in mission.script] == ["who", "why", "questions", "offer", "closing", "objections"]


def test_two_missions_of_one_title_have_two_addresses(world: World):
    slugs = [posting.create_mission(organisation=world.organisation, title="Été").slug for _ in range(3)]
    assert slugs == ["ete", "ete-2", "ete-3"]


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Vœux d’été", "voeux-d-ete"), ("Été 2027 !", "ete-2027"), ("!!!", "mission"), ("Nouvelle", "nouvelle-2")],
)
def test_an_address_spells_the_title_out(world: World, title: str, slug: str):
    assert posting.create_mission(organisation=world.organisation, title=title).slug == slug


def test_it_refuses_an_empty_title_and_dates_the_wrong_way_round(world: World):
    with pytest.raises(Invalid) as no_title:
        posting.create_mission(organisation=world.organisation, title="  ")
    with pytest.raises(Invalid) as dates:
        posting.create_mission(
            organisation=world.organisation, title="A", starts_on=date(2026, 12, 2), ends_on=date(2026, 12, 1)
        )
    assert (no_title.value.field, dates.value.field) == ("title", "ends_on")


def test_the_caller_number_is_kept_as_e164_and_a_wrong_one_refused(draft: Mission):
    assert draft.caller_number == "+33199001234"
    with pytest.raises(Invalid) as error:
        posting.update_mission(mission=draft, caller_number="appelez-moi")
    assert error.value.field == "caller_number"


def test_the_proposed_script_may_be_published(draft: Mission):
    assert posting.reasons_against(draft) == []
    published = posting.publish(mission=draft, at=TUESDAY_10H)
    assert (published.state, published.published_at) == ("published", TUESDAY_10H)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"script": script_without("{agent}")}, "script_who"),
        ({"script": script_without("{organisation}")}, "script_for_whom"),
        ({"script": script_without("commercial")}, "script_commercial"),
        ({"script": script_without("dites-le-moi et nous ne vous rappellerons plus")}, "script_objection"),
        ({"caller_number": ""}, "caller_number_refused"),
        ({"pay_cents": 0}, "pay_cents_refused"),
        ({"sector": "Rénovation énergétique"}, "sector_refused"),
        ({"title": "Formations CPF à Rennes"}, "sector_refused"),
        ({"summary": "Pose de panneaux solaires"}, "sector_refused"),
        ({"regime": "BE_B2B"}, "regime_refused"),
        ({"regime": "FR_B2C", "sector": "Adaptation du logement"}, "sector_refused"),
        ({"regime": "FR_B2C", "script": script_without("commercial")}, "script_commercial"),
        ({"regime": "FR_B2C", "caller_number": ""}, "caller_number_refused"),
        ({"regime": "FR_B2C", "caller_number": "+32 2 555 12 12"}, "caller_number_refused"),
        ({"regime": "FR_B2C", "caller_number": "08 99 49 12 34"}, "caller_number_refused"),
        ({"regime": "FR_B2C", "max_attempts": 5}, "max_attempts_refused"),
    ],
)
def test_what_the_law_asks_for_is_asked_at_posting(draft: Mission, change: dict, code: str):
    mission = posting.update_mission(mission=draft, **change)
    with pytest.raises(Refused) as refusal:
        posting.publish(mission=mission, at=TUESDAY_10H)
    assert [reason["code"] for reason in refusal.value.data["reasons"]] == [code]
    assert Mission.objects.get(pk=draft.pk).state == "draft"


def test_a_mission_to_consumers_may_be_published(draft: Mission):
    mission = posting.update_mission(mission=draft, regime="FR_B2C")
    assert (posting.reasons_against(mission), posting.publish(mission=mission, at=TUESDAY_10H).state) == (
        [],
        "published",
    )


def test_all_reasons_are_told_at_once(world: World):
    mission = posting.create_mission(organisation=world.organisation, title="Vide", script=[])
    codes = [reason.code for reason in posting.reasons_against(mission)]
    assert codes == [
        "script_who",
        "script_for_whom",
        "script_commercial",
        "script_objection",
        "caller_number_refused",
        "pay_cents_refused",
    ]


def test_the_name_of_the_business_said_in_full_is_for_whom(draft: Mission):
    script = [{"kind": "who", "text": "{agent} pour Traiteur Armor, appel commercial. Opposition : dites-le."}]
    assert posting.reasons_against(posting.update_mission(mission=draft, script=script)) == []


def test_a_published_mission_cannot_lose_what_the_law_asks(published: Mission):
    with pytest.raises(Refused):
        posting.update_mission(mission=published, caller_number="")
    with pytest.raises(Refused) as frozen:
        posting.update_mission(mission=published, objective="sale")
    assert frozen.value.field == "objective"
    assert posting.update_mission(mission=published, title="Nouveau titre").title == "Nouveau titre"


def test_it_runs_pauses_runs_and_closes_and_each_verb_twice_is_once(published: Mission):
    states = []
    for verb in ("publish", "start", "start", "pause", "pause", "start", "close", "close"):
        states.append(posting.VERBS[verb](mission=published, at=LATER).state)
    assert states == ["published", "running", "running", "paused", "paused", "running", "closed", "closed"]
    assert Mission.objects.get(pk=published.pk).closed_at == LATER


@pytest.mark.parametrize(("state", "verb"), [("draft", "start"), ("draft", "pause"), ("published", "pause")])
def test_it_refuses_a_step_that_is_not_there(draft: Mission, state: str, verb: str):
    Mission.objects.filter(pk=draft.pk).update(state=state)
    with pytest.raises(Refused) as refusal:
        posting.VERBS[verb](mission=draft, at=LATER)
    assert refusal.value.code == "wrong_state"


def test_a_closed_mission_neither_opens_nor_changes(published: Mission):
    posting.close(mission=published, at=LATER)
    for verb in ("publish", "start", "pause"):
        with pytest.raises(Refused):
            posting.VERBS[verb](mission=published, at=LATER)
    with pytest.raises(Refused):
        posting.update_mission(mission=published, title="Encore")


def test_closing_ends_engagements_and_answers_open_applications(world: World, candidate):
    application = application_of(world.mission, candidate, state="submitted")
    posting.close(mission=world.mission, at=LATER)
    ended = Engagement.objects.filter(mission=world.mission).values_list("state", "ended_at")
    assert list(ended) == [("ended", LATER)] * 2
    application.refresh_from_db()
    assert (application.state, application.decided_at) == (Application.State.DECLINED, LATER)


def test_every_state_offers_only_verbs_that_work(draft: Mission):
    for state in Mission.State.values:
        for verb in posting.verbs_open_to(Mission(state=state)):
            Mission.objects.filter(pk=draft.pk).update(state=state)
            posting.VERBS[verb](mission=draft, at=LATER)


def test_the_database_refuses_a_state_that_does_not_exist(draft: Mission):
    with pytest.raises(IntegrityError), transaction.atomic():
        Mission.objects.filter(pk=draft.pk).update(state="flying")

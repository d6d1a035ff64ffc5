"""The criteria of acceptance: one per line when posted, a key for each, kept as long as its words."""

import pytest

from marketplace.applying import accept
from marketplace.criteria import as_lines, from_lines, listed
from marketplace.models import Mission
from marketplace.posting import create_mission, update_mission
from tests.cast import TUESDAY_10H, World
from tests.marketplace.conftest import another, application_of


def test_one_line_is_one_criterion_whatever_stands_before_it() -> None:
    typed = "- 60 couverts ou plus\n\n  ☐ Décide  avant janvier \n* 60 couverts ou plus"
    assert from_lines(typed) == [
        {"key": "60_couverts_ou_plus", "label": "60 couverts ou plus"},
        {"key": "decide_avant_janvier", "label": "Décide avant janvier"},
    ]


def test_texts_as_missions_were_first_posted_and_shapes_are_read_alike() -> None:
    once = listed(["À 40 km", "à 40 km !", "•"])
    assert once == [{"key": "a_40_km", "label": "À 40 km"}, {"key": "a_40_km_2", "label": "à 40 km !"},
                    {"key": "critere", "label": "•"}]  # fmt: skip
    assert listed(once) == once == from_lines(as_lines(once))[:2] + once[2:]


@pytest.mark.django_db
def test_they_and_the_days_to_contest_are_frozen_when_one_is_engaged(world: World) -> None:
    mission = create_mission(organisation=world.organisation, title="Vœux", criteria=["60 couverts"], contest_days=3)
    Mission.objects.filter(pk=mission.pk).update(state="published")
    engagement = accept(application=application_of(mission, another("Zoé")), at=TUESDAY_10H)
    Mission.objects.filter(pk=mission.pk).update(script=world.mission.script, caller_number="+33199000100")
    Mission.objects.filter(pk=mission.pk).update(criteria=[], contest_days=9)
    engagement.refresh_from_db()
    assert (engagement.terms["criteria"], engagement.terms["contest_days"]) == (
        [{"key": "60_couverts", "label": "60 couverts"}],
        3,
    )


@pytest.mark.django_db
def test_a_draft_changes_its_days_to_contest(world: World) -> None:
    mission = create_mission(organisation=world.organisation, title="Vœux")
    assert (mission.contest_days, update_mission(mission=mission, contest_days=10).contest_days) == (5, 10)

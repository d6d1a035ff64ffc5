"""Team messages: read by those who call, for a day, until they are dismissed or taken back."""

from datetime import timedelta

import pytest

from config.errors import Invalid
from prospecting.telling import dismiss, take_back, tell_team, unread
from tests.cast import TUESDAY_10H, World

pytestmark = pytest.mark.django_db


def texts(world: World, at=TUESDAY_10H) -> dict[str, list[str]]:
    return {one.label: [m.text for m in unread(engagement=one, at=at)] for one in (world.bobs, world.aminas)}


def test_everyone_reads_it_until_dismissed(world: World) -> None:
    said = tell_team(mission=world.mission, author=world.carole, text=" Visez les lycées. ", at=TUESDAY_10H)
    assert texts(world) == {"Bob": ["Visez les lycées."], "Amina": ["Visez les lycées."]}
    for _twice in range(2):
        dismiss(message=said, engagement=world.bobs, at=TUESDAY_10H)
    assert texts(world) == {"Bob": [], "Amina": ["Visez les lycées."]}


def test_it_is_news_for_a_day_or_until_it_is_taken_back(world: World) -> None:
    tell_team(mission=world.mission, author=world.carole, text="Un", at=TUESDAY_10H - timedelta(hours=24))
    two = tell_team(mission=world.mission, author=world.carole, text="Deux", at=TUESDAY_10H)
    assert texts(world)["Bob"] == ["Deux"]
    take_back(message=two, at=TUESDAY_10H)
    assert texts(world)["Bob"] == []


@pytest.mark.parametrize("text", ["", "   ", "x" * 501])
def test_an_empty_or_endless_word_is_refused(world: World, text: str) -> None:
    with pytest.raises(Invalid):
        tell_team(mission=world.mission, author=world.carole, text=text, at=TUESDAY_10H)

"""How a business has its queue dealt: filters and priorities, weights, equal random parts; what it may not ask."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from config.errors import Invalid
from marketplace.models import Engagement
from prospecting.arranging import Wish, arrange_queue, give_to_all, settle_queue, share_out, sort_new, waiting_for_it
from prospecting.explaining import STANDINGS, explain
from prospecting.models import Contact, LeadFile, QueueSettings
from prospecting.queue import next_contact
from tests import cast
from tests.cast import TUESDAY_10H, World, engaged, lead_file, person
from tests.prospecting.test_calling import take


def wish(world: World, **asked: Any) -> QueueSettings:
    settled = settle_queue(mission=world.mission, wish=Wish(**asked))
    arrange_queue(mission_id=world.mission.pk)
    return settled


def priorities(world: World) -> dict[str, int]:
    return dict(world.mission.contacts.values_list("company", "priority"))


def test_a_contact_is_dealt_when_it_passes_every_filter_and_first_when_it_passes_one(world: World) -> None:
    LeadFile.objects.filter(pk=world.file.pk).update(columns=["Effectif"])
    world.contact(company="A", city="Rennes", columns={"Effectif": "Grand"})
    world.contact(company="B", city=" RENNES ", columns={"Effectif": "petit"})
    world.contact(company="C", city="Rennes", columns={"Effectif": "moyen"})
    world.contact(company="D", city="Brest", columns={"Effectif": "grand"})
    world.contact(company="E", city="Rennes", columns={})
    wish(
        world,
        only=[{"column": "city", "is": ["rennes", "Vannes"]}, {"column": "Effectif", "is": ["grand", "Petit"]}],
        first=[{"column": "company", "is": ["x"]}, {"column": "Effectif", "is": ["PETIT"]}],
    )
    assert priorities(world) == {"A": 0, "B": 1, "C": -1, "D": -1, "E": -1}
    assert take(world.bobs).contact.company == "B"
    assert take(world.aminas).contact.company == "A"
    assert explain(mission=world.mission, engagement=world.bobs, at=TUESDAY_10H).filtered == 3
    wish(world)
    assert set(priorities(world).values()) == {0}


@pytest.mark.parametrize(
    ("text", "kept"),
    [("35*", ["35000", "35_00"]), ("35_00", ["35_00"]), ("%", []), ("*", ["35000", "35_00", "44000"]), ("35", [])],
)
def test_only_a_star_at_the_end_stands_for_anything(world: World, text: str, kept: list[str]) -> None:
    for code in ("35000", "35_00", "44000"):
        world.contact(company=code, postal_code=code)
    wish(world, only=[{"column": "postal_code", "is": [text]}])
    assert sorted(name for name, priority in priorities(world).items() if priority == 0) == kept


def test_a_column_named_as_a_field_is_read_where_the_field_is_empty(world: World) -> None:
    world.contact(company="A", city="", columns={"city": "Rennes"})
    wish(world, only=[{"column": "city", "is": ["Rennes"]}])
    assert priorities(world) == {"A": 0}


def test_what_is_said_in_a_filter_is_never_read_as_sql(world: World) -> None:
    LeadFile.objects.filter(pk=world.file.pk).update(columns=["a'); DROP TABLE x; --%s"])
    world.contact(company="A", columns={"a'); DROP TABLE x; --%s": "o'clock %(x)s"})
    wish(world, only=[{"column": "a'); DROP TABLE x; --%s", "is": ["o'clock %(x)s"]}])
    assert priorities(world) == {"A": 0}


def test_the_contacts_of_a_file_that_arrives_are_sorted_as_they_come(world: World) -> None:
    wish(world, only=[{"column": "city", "is": ["Rennes"]}])
    file = lead_file(world.mission, "Nouveau")
    for city in ("Rennes", "Brest"):
        contact = world.contact(company=city, city=city)
        Contact.objects.filter(pk=contact.pk).update(lead_file=file)
    sort_new(file)
    assert priorities(world) == {"Rennes": 0, "Brest": -1}
    assert waiting_for_it() == [world.mission.pk]  # those that it completed are looked at again


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a way that is not one": ({"files": "random"}, "files"),
    "a delay of two days": ({"handover_minutes": 2880}, "handover_minutes"),
    "a column that no file has": ({"only": [{"column": "Effectif", "is": ["1"]}]}, "only"),
    "no column": ({"first": [{"is": ["1"]}]}, "first"),
    "no value": ({"first": [{"column": "city", "is": [" "]}]}, "first"),
    "eleven lines": ({"only": [{"column": "city", "is": ["x"]}] * 11}, "only"),
    "too many values": ({"only": [{"column": "city", "is": [str(n) for n in range(501)]}]}, "only"),
    "a nul byte": ({"only": [{"column": "city", "is": ["a\0"]}]}, "only"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_refuses(world: World, name: str) -> None:
    asked, field = REFUSED[name]
    with pytest.raises(Invalid) as refusal:
        wish(world, **asked)
    assert refusal.value.field == field and refusal.value.sentence.endswith(".")
    assert not QueueSettings.objects.exists()


@pytest.mark.parametrize(
    ("weight", "position", "field"), [(101, 0, "weight"), (-1, 0, "weight"), (1, 1000, "position"), (1, -1, "position")]
)
def test_it_refuses_a_weight_or_a_rank_beyond_its_range(world: World, weight: int, position: int, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        wish(world, weights={world.file.public_id: (weight, position)})
    assert refusal.value.field == f"{field}-{world.file.public_id}"


def test_it_refuses_the_file_of_another_mission(world: World) -> None:
    elsewhere = lead_file(cast.running_mission(world.organisation, slug="autre"))
    for public_id in (elsewhere.public_id, uuid4()):
        with pytest.raises(Invalid) as refusal:
            wish(world, weights={public_id: (5, 5)})
        assert refusal.value.code == "unknown_file"
    elsewhere.refresh_from_db()
    assert (elsewhere.weight, elsewhere.position) == (1, 0)


def test_weights_and_ranks_are_kept_on_the_files(world: World) -> None:
    other = lead_file(world.mission, "Autre", weight=7)
    wish(world, files="order", weights={world.file.public_id: (0, 3)})
    assert set(LeadFile.objects.values_list("name", "weight", "position")) == {
        ("Annuaire 35", 0, 3), (other.name, 7, 0),
    }  # fmt: skip


def test_parts_are_equal_and_random(world: World) -> None:
    chloe = engaged(person("Chloé"), world.mission)
    for _n in range(10):
        world.contact()
    world.contact(priority=-1), world.contact(state="closed")
    share_out(mission=world.mission)
    arrange_queue(mission_id=world.mission.pk)
    parts: Counter[int | None] = Counter(
        world.mission.contacts.filter(state="fresh").values_list("assigned_to", flat=True)
    )
    assert parts.pop(None) == 1  # filtered out: nobody's
    assert set(parts) == {world.bobs.pk, world.aminas.pk, chloe.pk} and sorted(parts.values()) == [3, 3, 4]
    assert waiting_for_it() == []


def test_parts_are_drawn_anew_on_demand_among_those_who_are_there_then(world: World) -> None:
    for _n in range(6):
        world.contact()
    share_out(mission=world.mission)
    arrange_queue(mission_id=world.mission.pk)
    Engagement.objects.filter(pk=world.aminas.pk).update(state="suspended")
    share_out(mission=world.mission)
    arrange_queue(mission_id=world.mission.pk)
    assert set(world.mission.contacts.values_list("assigned_to", flat=True)) == {world.bobs.pk}


def test_giving_all_back_ends_the_parts_even_for_what_is_in_hand(world: World) -> None:
    for _n in range(4):
        world.contact()
    share_out(mission=world.mission)
    arrange_queue(mission_id=world.mission.pk)
    take(world.bobs)
    give_to_all(mission=world.mission)
    dealt = [take(world.aminas)]  # before the worker has come by, too
    arrange_queue(mission_id=world.mission.pk)
    assert dealt and not world.mission.contacts.exclude(assigned_to=None).exists()


def test_it_refuses_to_share_among_nobody(world: World) -> None:
    Engagement.objects.update(state="suspended")
    with pytest.raises(Invalid) as refusal:
        share_out(mission=world.mission)
    assert (refusal.value.field, refusal.value.code) == ("split", "nobody_to_share")


@pytest.fixture
def in_threads(transactional_db: None) -> Callable[[list[Callable[[], Any]]], list[Any]]:
    def run(works: list[Callable[[], Any]]) -> list[Any]:
        def one(work: Callable[[], Any]) -> Any:
            try:
                return work()
            finally:
                connection.close()

        with ThreadPoolExecutor(len(works)) as pool:
            return list(pool.map(one, works))

    return run


def test_shared_out_while_six_agents_draw_by_weight_nobody_gets_the_part_of_another(
    in_threads: Callable[..., list[Any]],
) -> None:
    world = cast.world()
    agents = [engaged(person(f"Agent{n}"), world.mission) for n in range(6)]
    light = lead_file(world.mission, "Léger", weight=1)
    LeadFile.objects.filter(pk=world.file.pk).update(weight=5)
    for n in range(90):
        Contact.objects.filter(pk=world.contact().pk).update(lead_file=world.file if n % 2 else light)
    share_out(mission=world.mission)

    def draw(agent: Engagement) -> list[int]:
        drawn = []
        while claim := next_contact(engagement=agent, at=TUESDAY_10H):
            drawn.append(claim.contact_id)
            whose = Contact.objects.values_list("assigned_to", flat=True).get(pk=claim.contact_id)
            assert whose in (None, agent.pk)
            Contact.objects.filter(pk=claim.contact_id).update(state="closed")
            claim.delete()
        return drawn

    works: list[Callable[[], Any]] = [lambda agent=agent: draw(agent) for agent in agents]  # type: ignore[misc]
    works += [lambda: arrange_queue(mission_id=world.mission.pk)] * 2
    drawn = [draw for draw in in_threads(works) if isinstance(draw, list)]
    dealt = Counter(contact for one in drawn for contact in one)
    assert set(dealt.values()) == {1}
    state = explain(mission=world.mission, at=TUESDAY_10H)
    assert state.closed == len(dealt)
    assert sum(getattr(state, name) for name in STANDINGS) == state.total == 90
    left = world.mission.contacts.filter(state="fresh").values_list("assigned_to", flat=True)
    assert set(left) <= {world.bobs.pk, world.aminas.pk}  # the two who did not draw

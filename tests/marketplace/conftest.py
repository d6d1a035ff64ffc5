import pytest

from marketplace.models import Application, Mission, Telemarketer, User
from marketplace.posting import create_mission, publish
from tests.cast import TUESDAY_10H, World


@pytest.fixture
def draft(world: World) -> Mission:
    """A mission that may be published: the proposed script, a number, a price."""
    return create_mission(
        organisation=world.organisation,
        title="Portes ouvertes",
        caller_number="01 99 00 12 34",
        pay_cents=3200,
        seats=2,
    )


@pytest.fixture
def published(draft: Mission) -> Mission:
    return publish(mission=draft, at=TUESDAY_10H)


@pytest.fixture
def candidate(world: World) -> Telemarketer:
    return Telemarketer.objects.get(user=world.bob)


def another(name: str) -> Telemarketer:
    user = User.objects.create_user(f"{name.lower()}@example.test", display_name=name)
    return Telemarketer.objects.create(user=user, display_name=name)


def application_of(mission: Mission, telemarketer: Telemarketer, **more: object) -> Application:
    fields = {"asked_cents": 3400, "submitted_at": TUESDAY_10H} | more
    return Application.objects.create(mission=mission, telemarketer=telemarketer, **fields)

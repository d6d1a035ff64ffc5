"""The demo world is the same everywhere, calls only fictional numbers, and breaks none of our own rules."""

import hashlib
from collections import defaultdict
from datetime import datetime, timedelta

import pytest

from marketplace.models import Mission, Organisation, Telemarketer
from prospecting.demo.world import seed
from prospecting.models import Call, Callback, Contact
from prospecting.rules.hours import slots
from prospecting.rules.regimes import FR_B2B
from tests.cast import TUESDAY_10H

FICTION = ("+3319900", "+3326191", "+3335301", "+3346571", "+3353649")  # reserved by ARCEP, nobody's
MONTH = timedelta(days=30)


@pytest.fixture
def demo(db: None, settings: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")  # type: ignore[attr-defined]
    assert seed(at=TUESDAY_10H)


def is_open(at: datetime) -> bool:
    return next(slots("FR", FR_B2B, at)).holds(at)


def live_calls() -> "list[tuple[str, datetime, str]]":
    calls = Call.objects.exclude(source="import").order_by("started_at", "phone")
    return list(calls.values_list("phone", "started_at", "outcome"))


def test_the_demo_world(demo: None) -> None:
    assert (Organisation.objects.count(), Telemarketer.objects.count(), Mission.objects.count()) == (2, 12, 4)
    assert not seed(at=TUESDAY_10H)

    phones = set(Contact.objects.exclude(phone=None).values_list("phone", flat=True))
    assert {phone for phone in phones if not phone.startswith(FICTION)} == set()

    real = Call.objects.filter(mission__objective="sale")
    assert (real.filter(reached=True).count(), real.filter(converted=True).count()) == (4521, 521)

    _obeys_the_hours_and_the_cap()
    _has_work_left_for_bob()
    _is_the_same_on_every_machine()


def _obeys_the_hours_and_the_cap() -> None:
    promised = set(Callback.objects.values_list("contact__phone", flat=True))
    outside = [(phone, at) for phone, at, _code in live_calls() if phone not in promised and not is_open(at)]
    assert outside == []
    attempts = defaultdict(list)
    for phone, at, code in live_calls():
        if code != "ERR":
            attempts[phone].append(at)
    for dials in attempts.values():
        assert all(later - dials[n] > MONTH for n, later in enumerate(dials[4:]))


def _has_work_left_for_bob() -> None:
    mission = Mission.objects.get(slug="receptions-2027")
    assert mission.contacts.filter(state="fresh").count() > 50
    assert mission.appointments.filter(starts_at__gt=TUESDAY_10H).exists()


def _is_the_same_on_every_machine() -> None:
    told = "".join(f"{phone} {at:%FT%T} {code}\n" for phone, at, code in live_calls())
    assert (told.count("\n"), hashlib.sha256(told.encode()).hexdigest()[:16]) == (5941, "980e3f4406c5c229")

"""What comes at once on one number waits its turn: nothing that was said is lost to a deadlock."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from prospecting.calling import Logged, dial, log_call
from prospecting.models import Contact
from prospecting.objecting import oppose
from prospecting.queue import release_lapsed
from prospecting.standard_outcomes import lay_down
from tests import cast
from tests.cast import TUESDAY_10H, lead_file, running_mission
from tests.prospecting.test_calling import take

LATE = TUESDAY_10H + timedelta(hours=2)  # the claim has lapsed


@pytest.mark.django_db(transaction=True)
def test_an_opposition_a_late_outcome_and_a_lapse_of_one_number_at_once() -> None:
    lay_down()
    world = cast.world()
    other = running_mission(world.organisation, slug="autre")
    elsewhere = {"organisation": world.organisation, "mission": other, "lead_file": lead_file(other)}
    for _round in range(8):
        contact = world.contact()
        phone = contact.phone or ""
        Contact.objects.create(phone=phone, **elsewhere)
        claim = take(world.bobs)
        dial(engagement=world.bobs, claim_id=claim.public_id, at=TUESDAY_10H)
        said = Logged(key=uuid4(), outcome="OPP")
        at_once: list[Callable[[], object]] = [
            lambda claim=claim, said=said: log_call(  # type: ignore[misc]
                engagement=world.bobs, claim_id=claim.public_id, said=said, at=LATE
            ),
            lambda phone=phone: oppose(organisation=world.organisation, phone=phone, at=LATE, source="page"),  # type: ignore[misc]
            lambda: release_lapsed(at=LATE),
        ]
        with ThreadPoolExecutor(len(at_once)) as threads:
            for done in [threads.submit(closing(act)) for act in at_once]:
                done.result()
        assert set(Contact.objects.filter(phone=phone).values_list("state", flat=True)) == {"blocked"}


def closing(act: Callable[[], object]) -> Callable[[], None]:
    """A thread's connection ends with it."""

    def run() -> None:
        try:
            act()
        finally:
            connection.close()

    return run

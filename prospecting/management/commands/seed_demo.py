from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand

from config import clock
from marketplace.demo import LOGINS
from prospecting.demo.world import seed
from prospecting.rules.hours import next_working_slot
from prospecting.rules.regimes import FR_B2B


class Command(BaseCommand):
    help = "Makes the demo world once, and prints its logins: two businesses, twelve telemarketers, four missions."

    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        seed(at=at)
        for login in LOGINS:
            self.stdout.write(f"{login.role!s:32} {login.email:24} {login.password}")
        if (opens := next_working_slot("FR", FR_B2B, at)) > at:
            self.stdout.write(_closed(opens))


def _closed(opens: datetime) -> str:
    return (
        f"No call is allowed now: the queue opens on {opens:%A %d %B at %H:%M}. To try the cockpit at once, start the "
        f"demo at that moment: bin/run --clock {opens:%Y-%m-%dT%H:%M}"
    )

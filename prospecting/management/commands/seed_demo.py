from typing import Any

from django.core.management.base import BaseCommand

from config import clock
from marketplace.demo import LOGINS
from prospecting.demo.world import seed


class Command(BaseCommand):
    help = "Makes the demo world: two businesses, a dozen telemarketers, four missions, six weeks of calls."

    def handle(self, *args: Any, **options: Any) -> None:
        made = seed(at=clock.now())
        self.stderr.write("The demo world is made." if made else "The demo world is already there.")
        for login in LOGINS:  # bin/run shows them under its "ready"
            self.stdout.write(f"  {login.email:24} {login.password}   {login.role}")

from argparse import ArgumentParser
from decimal import Decimal
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from config import clock
from config.errors import DecrocheError
from marketplace.models import Mission, Organisation
from marketplace.models.missions import Objective
from marketplace.posting import create_mission, publish, reasons_against, start


class Command(BaseCommand):
    help = "Posts a mission, with the proposed script, and prints its slug. It runs at once if nothing forbids it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="NAME", help="made if there is none of that name")
        parser.add_argument("--title", required=True)
        parser.add_argument("--objective", choices=Objective.values, default=Objective.APPOINTMENT.value)
        parser.add_argument("--pay", type=Decimal, default=Decimal(0), metavar="EUROS", help="per accepted conversion")
        parser.add_argument("--caller-number", default="", metavar="PHONE", help="shown to those called")
        parser.add_argument("--seats", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            mission = self._create(options)
        except DecrocheError as error:
            raise CommandError(error.sentence) from error
        for reason in reasons_against(mission):
            self.stderr.write(str(reason.sentence))
        self.stdout.write(mission.slug)

    @transaction.atomic
    def _create(self, options: dict[str, Any]) -> Mission:
        name = options["organisation"].strip()
        organisation = Organisation.objects.filter(name=name).first() or Organisation.objects.create(name=name)
        mission = create_mission(
            organisation=organisation,
            title=options["title"],
            objective=options["objective"],
            pay_cents=int(options["pay"] * 100),
            caller_number=options["caller_number"],
            seats=options["seats"],
        )
        if reasons_against(mission):
            return mission  # a draft takes files and logs, and has rates; only calls wait
        at = clock.now()
        return start(mission=publish(mission=mission, at=at), at=at)

from argparse import ArgumentParser, ArgumentTypeError
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from config import clock
from config.errors import DecrocheError
from marketplace.models import Mission, Organisation
from marketplace.models.missions import Objective
from marketplace.posting import create_mission, publish, reasons_against, start


def a_price(text: str) -> int:
    """Euros, with a comma or a point, as cents."""
    try:
        cents = Decimal(text.replace(",", ".")) * 100
    except InvalidOperation:
        raise ArgumentTypeError(f"“{text}” is no price: write 28 or 12,50") from None
    if not 0 <= cents < 2**31 or cents != int(cents):
        raise ArgumentTypeError(f"“{text}” is no price in euros and cents")
    return int(cents)


def a_count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1000:
        raise ArgumentTypeError(f"“{text}” is no number of seats from 1 to 1000")
    return int(text)


class Command(BaseCommand):
    help = "Posts a mission, with the proposed script, and prints its slug. It runs at once if nothing forbids it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisation", required=True, metavar="NAME", help="made if there is none of that name")
        parser.add_argument("--title", required=True)
        parser.add_argument("--objective", choices=Objective.values, default=Objective.APPOINTMENT.value)
        parser.add_argument("--pay", type=a_price, default=0, metavar="EUROS", help="per accepted conversion")
        parser.add_argument("--caller-number", default="", metavar="PHONE", help="shown to those called")
        parser.add_argument("--seats", type=a_count, default=1)

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
            pay_cents=options["pay"],
            caller_number=options["caller_number"],
            seats=options["seats"],
        )
        if reasons_against(mission):
            return mission  # a draft takes files and logs, and has rates; only calls wait
        at = clock.now()
        return start(mission=publish(mission=mission, at=at), at=at)

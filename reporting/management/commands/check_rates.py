import sys
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reporting.folding import CHECKED_DAYS, check


class Command(BaseCommand):
    help = "Compares the rates with the calls themselves. Exit status 1 when they differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=CHECKED_DAYS.days, help="how far back to look (default 35)")

    def handle(self, *, days: int, **options: Any) -> None:
        drift = check(since=timezone.now() - timedelta(days=days))
        if drift.contacts or drift.cells:
            self.stderr.write(f"{drift.contacts} contacts and {drift.cells} cells differ: run rebuild_rates.")
            sys.exit(1)
        self.stdout.write("rates equal the calls")

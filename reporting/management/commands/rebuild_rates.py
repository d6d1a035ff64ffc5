from typing import Any

from django.core.management.base import BaseCommand

from reporting.folding import fold_everything, rebuild


class Command(BaseCommand):
    help = "Throws the rates away and computes them again from the calls, to the same numbers. Calls go on meanwhile."

    def handle(self, **options: Any) -> None:
        rebuild()
        fold_everything()
        self.stdout.write("rates rebuilt")

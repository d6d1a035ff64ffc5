from typing import Any

from django.core.management.base import BaseCommand

from reporting.folding import fold_everything


class Command(BaseCommand):
    help = "Folds what changed into the rates now, instead of waiting for the worker."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{fold_everything()} marks folded.")

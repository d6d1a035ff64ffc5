"""`bin/lint`: everything that judges the code without running it; the list is the whole of it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping

from config.embedded import environment, throwaway_data
from config.launch.processes import ROOT, python

TYPED = ("config", "marketplace", "prospecting", "reporting", "manage.py")
CHECKS: dict[str, list[str]] = {
    "ruff": python("-m", "ruff", "check", "."),
    "format": python("-m", "ruff", "format", "--check", "."),
    "types": python("-m", "mypy", *TYPED),
    "arrows": python("-c", "from importlinter.cli import lint_imports_command as lint; lint()"),
    "migrations": python("manage.py", "makemigrations", "--check", "--dry-run"),
    "deploy": python("manage.py", "check", "--deploy", "--fail-level", "WARNING"),
    "templates": python("-m", "djlint", *TYPED[:-1], "--lint", "--quiet"),
    "messages": python("-m", "config.launch", "messages", "--check"),
}
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings",
    "DEBUG": "0",
    "DEMO": "0",
    "PUBLIC_URL": "https://decroche.example",
    "ALLOWED_HOSTS": "decroche.example",
}


def main(arguments: list[str]) -> int:
    if unknown := set(arguments) - set(CHECKS):
        print(f"bin/lint knows {', '.join(CHECKS)}; not {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    os.chdir(ROOT)
    data = throwaway_data()
    try:
        with environment(data, os.environ, throwaway=True) as variables:
            failed = [name for name in arguments or CHECKS if not _passes(name, variables | PRODUCTION)]
    finally:
        shutil.rmtree(data, ignore_errors=True)
    print(f"Not clean: {', '.join(failed)}." if failed else "Clean.")
    return 1 if failed else 0


def _passes(name: str, variables: Mapping[str, str]) -> bool:
    start = time.monotonic()
    done = subprocess.run(
        CHECKS[name], env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    print(f"{'ok' if done.returncode == 0 else 'FAILED':6} {name:10} {time.monotonic() - start:5.1f} s", flush=True)
    if done.returncode:
        print(done.stdout)
    return done.returncode == 0

"""`bin/bench [--small] [P1 P2 P3 P4 agents shift]`: all of them without names. Prints tables; status 1 if one fails."""

import argparse
import importlib
import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

import django
from django.core.management import call_command

from benchmarks.moment import offset

# name: the module whose measure(small=…) prints its tables and returns whether all was as it must be
BENCHMARKS = {
    "P1": "saving",
    "P2": "dealing",
    "P3": "folding",
    "P4": "rebuilding",
    "P5": "importing",
    "agents": "agents",
    "shift": "shift",
}
PACKAGES = ("django", "djangorestframework", "psycopg", "granian", "celery", "duckdb")


def main() -> int:
    wish = _wish()
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DEMO": "1", "DEBUG": "0", "LOG_LEVEL": "WARNING"}
    os.environ["CLOCK_OFFSET"] = str(offset())
    os.environ["PGOPTIONS"] = "-c statement_timeout=15min"  # whatever happens, it ends
    django.setup()
    call_command("migrate", verbosity=0)
    _say_where(small=wish.small)
    names = wish.names or list(BENCHMARKS)
    right = [_measure(name, small=wish.small) for name in names]  # every one of them, also after one that is not
    return 0 if all(right) else 1


def _wish() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Measures Décroche on servers of its own.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all without a name")
    parser.add_argument("--small", action="store_true", help="small sizes, to see that it runs: no figure to quote")
    wish = parser.parse_args()
    if unknown := set(wish.names) - set(BENCHMARKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(BENCHMARKS)}")
    return wish


def _measure(name: str, *, small: bool) -> bool:
    start = time.monotonic()
    print(f"\n## {name}\n", flush=True)
    right: bool = importlib.import_module(f"benchmarks.{BENCHMARKS[name]}").measure(small=small)
    print(f"\n{name}: {time.monotonic() - start:.0f} s in all{'' if right else '; NOT RIGHT'}.", flush=True)
    return right


def _say_where(*, small: bool) -> None:
    from django.db import connection

    print(time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), "· small sizes, no figure to quote" if small else "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, {platform.system()} {platform.machine()};", end=" "
    )
    print(f"load before: {os.getloadavg()[0]:.1f}")
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        print(f"Python {platform.python_version()}, PostgreSQL {cursor.fetchone()[0]},", end=" ")
    print(", ".join(f"{package} {version(package)}" for package in PACKAGES))


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.processor())


if __name__ == "__main__":
    sys.exit(main())

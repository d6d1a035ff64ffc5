"""`bin/bench [names]`: measures on servers of its own, durable as in production, and removes them afterwards."""

import os
import shutil

from config.embedded import environment, throwaway_data
from config.launch.processes import ROOT, call, python

NEVER = ("DATABASE_URL", "REDIS_URL")  # somebody's real servers are not for measuring


def main(arguments: list[str]) -> int:
    data = throwaway_data()
    os.chdir(ROOT)
    try:
        given = {name: value for name, value in os.environ.items() if name not in NEVER}
        with environment(data, given) as variables:
            return call(python("-m", "benchmarks", *arguments), variables)
    finally:
        shutil.rmtree(data, ignore_errors=True)

"""`bin/bench [names]`: measures on servers of its own, durable as in production, and removes them afterwards."""

import os
import shutil

from config.embedded import environment, throwaway_data
from config.launch.processes import ROOT, call, python


def main(arguments: list[str]) -> int:
    data = throwaway_data()
    os.chdir(ROOT)
    try:
        with environment(data, os.environ) as variables:
            return call(python("-m", "benchmarks", *arguments), variables)
    finally:
        shutil.rmtree(data, ignore_errors=True)

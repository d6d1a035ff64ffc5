"""`bin/manage [--data DIR] …`: Django's command line with the same servers up."""

import os
from pathlib import Path

from config.embedded import default_data, environment
from config.launch.processes import ROOT, call, python


def main(arguments: list[str]) -> int:
    data, rest = data_of(arguments)
    with environment(data, os.environ) as variables:
        return call(python(ROOT / "manage.py", *rest), variables)


def data_of(arguments: list[str]) -> tuple[Path, list[str]]:
    """The data folder a leading `--data DIR` names, or the checkout's own; and the other arguments."""
    if arguments[:1] == ["--data"] and len(arguments) > 1:
        return Path(arguments[1]).absolute(), arguments[2:]
    if arguments and arguments[0].startswith("--data="):
        return Path(arguments[0].removeprefix("--data=")).absolute(), arguments[1:]
    return default_data(ROOT), arguments

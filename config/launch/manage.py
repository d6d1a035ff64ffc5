"""`bin/manage [--data DIR] …`: Django's command line with the same servers up."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from config.embedded import default_data, environment
from config.launch.processes import ROOT, call, manage, python


def main(arguments: list[str]) -> int:
    data, rest = data_of(arguments)
    with environment(data, os.environ) as variables:
        if "DATABASE_URL" not in os.environ:
            _make_tables(data, variables)
        return call(python(ROOT / "manage.py", *rest), variables)


def _make_tables(data: Path, variables: Mapping[str, str]) -> None:
    """Our own database has the tables of this version before any command, the first one included."""
    versions = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("*/migrations/*.py"))
    stamp, now = data / ".migrated", hashlib.sha256("\n".join(versions).encode()).hexdigest()
    if not stamp.exists() or stamp.read_text() != now:
        manage(variables, "migrate", "--verbosity", "0")
        stamp.write_text(now)


def data_of(arguments: list[str]) -> tuple[Path, list[str]]:
    """The data folder a leading `--data DIR` names, or the checkout's own; and the other arguments."""
    if arguments[:1] == ["--data"] and len(arguments) > 1:
        return Path(arguments[1]).absolute(), arguments[2:]
    if arguments and arguments[0].startswith("--data="):
        return Path(arguments[0].removeprefix("--data=")).absolute(), arguments[1:]
    return default_data(ROOT), arguments

"""`bin/messages [--check]`: the message catalogues."""

import sys

from config import messages


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print("usage: bin/messages [--check]", file=sys.stderr)
        return 2
    return messages.main(check=bool(arguments))

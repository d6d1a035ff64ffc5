"""`bin/messages [--check]`: the message catalogues."""

import sys

from config.messages import faults, update


def main(arguments: list[str]) -> int:
    """Updates them and says how many strings wait for English; with --check changes nothing and lists every fault."""
    if arguments not in ([], ["--check"]):
        print("usage: bin/messages [--check]", file=sys.stderr)
        return 2
    if not arguments:
        update()
    wrong = list(faults())
    print("\n".join(wrong) if arguments else f"{len(wrong)} strings to look at: bin/messages --check", file=sys.stderr)
    return 1 if arguments and wrong else 0

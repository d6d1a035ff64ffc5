"""When a business accepts what was won: a mission's criteria, each of which anybody can check. Pure.

The shape is [{"key": str, "label": str}]. In a call the agent ticks them: `criterion.<key>` = "yes" among its answers.
"""

from collections.abc import Iterable
from typing import Any, Final

from marketplace.script import stable_key

Criterion = dict[str, str]
MOST: Final = 20
LONGEST: Final = 200
ANSWER: Final = "criterion."  # what the key of a tick begins with, among the answers of a call
YES: Final = "yes"


def listed(written: Iterable[Any]) -> list[Criterion]:
    """What is kept, whatever it was written as: texts (as missions were first posted) or {"key", "label"}.

    The key comes from the words, so a criterion that keeps its words keeps its key; the same words twice count once.
    """
    labels = dict.fromkeys(label for one in written if (label := _label(one)))
    keys: list[str] = []
    for label in labels:
        keys.append(stable_key(label, keys, "critere"))
    return [{"key": key, "label": label} for key, label in zip(keys, labels, strict=True)]


def from_lines(text: str) -> list[Criterion]:
    """One criterion per line; a dash, a star or a tick box before it is how lists are written, not what they say."""
    return listed(line.strip().lstrip("-–•*☐☑✓ \t") for line in text.splitlines())


def as_lines(criteria: Iterable[Any]) -> str:
    return "\n".join(one["label"] for one in listed(criteria))


def _label(one: Any) -> str:
    return " ".join(str(one.get("label", "") if isinstance(one, dict) else one).split())[:LONGEST]

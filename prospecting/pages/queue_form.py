"""What a manager types of a mission's queue: kept as typed until it can be understood, each error beside its field."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from config.errors import Invalid
from prospecting.arranging import HEAVIEST, LAST, LONGEST_HANDOVER, MOST_FILTERS, Filters, Wish
from prospecting.importing.columns import FIELDS
from prospecting.models import LeadFile, QueueSettings

BLANK_LINES = 2
Lines = list[tuple[str, str]]  # (column, its values, one a line)


@dataclass
class Typed:
    """The form as text. `weights` is {public id of a file: (weight, position)}."""

    files: str
    handover_minutes: str
    only: Lines
    first: Lines
    weights: dict[UUID, tuple[str, str]]
    wrong: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, settled: QueueSettings, files: Iterable[LeadFile]) -> "Typed":
        return cls(
            settled.files,
            str(settled.handover_minutes),
            _lines(settled.only),
            _lines(settled.first),
            {file.public_id: (str(file.weight), str(file.position)) for file in files},
        )

    @classmethod
    def posted(cls, post: QueryDict, files: Iterable[LeadFile]) -> "Typed":
        ids = [file.public_id for file in files if f"weight-{file.public_id}" in post]
        return cls(
            post.get("files", ""),
            post.get("handover_minutes", ""),
            _posted_lines(post, "only"),
            _posted_lines(post, "first"),
            {name: (post.get(f"weight-{name}", ""), post.get(f"position-{name}", "")) for name in ids},
        )

    def wish(self) -> Wish:
        """Raises Invalid, naming the field, for what is no number."""
        return Wish(
            files=self.files,
            handover_minutes=_number(self.handover_minutes, "handover_minutes", LONGEST_HANDOVER),
            only=_filters(self.only),
            first=_filters(self.first),
            weights={
                name: (_number(weight, f"weight-{name}", HEAVIEST), _number(position, f"position-{name}", LAST))
                for name, (weight, position) in self.weights.items()
            },
        )

    @property
    def only_lines(self) -> Lines:
        return _with_blanks(self.only)

    @property
    def first_lines(self) -> Lines:
        return _with_blanks(self.first)


def column_choices(columns: Iterable[str]) -> list[tuple[str, str]]:
    return [(column, str(FIELDS.get(column, column))) for column in columns]


def _lines(filters: Filters) -> Lines:
    return [(each["column"], "\n".join(each["is"])) for each in filters]


def _posted_lines(post: QueryDict, name: str) -> Lines:
    typed = zip(post.getlist(f"{name}_column"), post.getlist(f"{name}_is"), strict=False)
    return [(column, text) for column, text in typed if column or text.strip()]


def _filters(lines: Lines) -> Filters:
    return [{"column": column, "is": text.splitlines()} for column, text in lines]


def _with_blanks(lines: Lines) -> Lines:
    return [*lines, *[("", "")] * min(BLANK_LINES, MOST_FILTERS - len(lines))]


def _number(text: str, name: str, most: int) -> int:
    if not text.strip().isdecimal() or len(text.strip()) > 6:
        raise Invalid("not_a_number", _("Écrivez un nombre entier, de 0 à %(most)d.") % {"most": most}, field=name)
    return int(text)

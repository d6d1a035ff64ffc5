"""What the contacts of one file turned out to be worth: each figure with what it is counted over."""

from dataclasses import dataclass

from django.db import connection

from prospecting.models import LeadFile

ENOUGH = 30  # contacts called; below that a share says more about chance than about the file
OUT_OF_TARGET = ("HC", "CLI", "FERM", "DBL")

# One statement over the file's contacts and their calls. A call that was voided or corrected does not count.
COUNTS = """
WITH called AS (
    SELECT c.contact_id, bool_or(c.answered) AS answered, bool_or(c.reached) AS reached,
           (array_agg(c.valid ORDER BY c.id DESC) FILTER (WHERE c.valid IS NOT NULL))[1] AS valid,
           bool_or(c.outcome = ANY(%(out_of_target)s)) AS out_of_target
    FROM prospecting_call c
    WHERE c.contact_id IN (SELECT id FROM prospecting_contact WHERE lead_file_id = %(file)s) AND NOT c.void
      AND NOT EXISTS (SELECT FROM prospecting_call x WHERE x.corrects_id = c.id)
    GROUP BY c.contact_id
)
SELECT count(*), count(d.contact_id), count(*) FILTER (WHERE d.answered), count(*) FILTER (WHERE d.reached),
       count(*) FILTER (WHERE d.valid), count(*) FILTER (WHERE d.valid IS NOT NULL),
       count(*) FILTER (WHERE d.out_of_target), count(*) FILTER (WHERE k.state = 'exhausted'),
       count(*) FILTER (WHERE k.state = 'blocked' AND k.blocked_reason = 'opposed')
FROM prospecting_contact k LEFT JOIN called d ON d.contact_id = k.id
WHERE k.lead_file_id = %(file)s"""


@dataclass(frozen=True, slots=True)
class Share:
    """`part` over `whole`, both counts; `rate` in [0, 1], None over nothing."""

    part: int
    whole: int

    @property
    def rate(self) -> float | None:
        return self.part / self.whole if self.whole else None


@dataclass(frozen=True, slots=True)
class Quality:
    """valid: right numbers over those that a call settled. answered, reached (a person of the company), out_of_target:
    over the contacts called. duplicates: rows at a number that the file, or the mission, already had, over the rows.
    exhausted, opposed: over the contacts. cost_cents: of the whole file, per contact reached."""

    contacts: int
    called: int
    valid: Share
    answered: Share
    reached: Share
    out_of_target: Share
    duplicates: Share
    exhausted: Share
    opposed: Share
    cost_cents: int | None

    @property
    def enough(self) -> bool:
        return self.called >= ENOUGH


def quality_of(lead_file: LeadFile) -> Quality:
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, {"file": lead_file.pk, "out_of_target": list(OUT_OF_TARGET)})
        contacts, called, answered, reached, valid, settled, out, exhausted, opposed = cursor.fetchone()
    paid = lead_file.cost_cents if lead_file.cost_cents and reached else None
    return Quality(
        contacts=contacts,
        called=called,
        valid=Share(valid, settled),
        answered=Share(answered, called),
        reached=Share(reached, called),
        out_of_target=Share(out, called),
        duplicates=Share(lead_file.merged, lead_file.rows),
        exhausted=Share(exhausted, contacts),
        opposed=Share(opposed, contacts),
        cost_cents=round(paid / reached) if paid else None,
    )

"""What the calling rules need to know of a contact, read from the database in one statement."""

from datetime import datetime

from config import rows
from prospecting.models import Contact
from prospecting.objecting import number_hash
from prospecting.rules.calling_rules import Decision, Facts, may_call
from prospecting.rules.regimes import regime, regime_for

BUSY = "OCC"

# Everything about a number counts over all missions and agents of the business; a call that was voided does not.
# An opposition holds for the platform (no organisation), for a business (no mission) or for one mission.
FACTS = """
SELECT EXISTS (SELECT FROM prospecting_opposition
               WHERE number_hash = %(hash)s AND (organisation_id IS NULL OR organisation_id = %(organisation)s)
                 AND (mission_id IS NULL OR mission_id = %(mission)s)),
       ARRAY(SELECT at FROM prospecting_dial
             WHERE organisation_id = %(organisation)s AND phone = %(phone)s AND attempt AND at > %(attempts_since)s),
       (SELECT max(started_at) FROM prospecting_call c
        WHERE organisation_id = %(organisation)s AND phone = %(phone)s AND refusal AND started_at > %(refusals_since)s
          AND NOT EXISTS (SELECT FROM prospecting_call x WHERE x.corrects_id = c.id)),
       (SELECT outcome FROM prospecting_call c
        JOIN (SELECT id, contact_id FROM prospecting_dial
              WHERE organisation_id = %(organisation)s AND phone = %(phone)s AND attempt AND at > %(attempts_since)s
              ORDER BY at DESC, id DESC LIMIT 1) AS last ON c.contact_id = last.contact_id AND c.dial_id = last.id
        WHERE NOT void AND NOT EXISTS (SELECT FROM prospecting_call x WHERE x.corrects_id = c.id)),
       (SELECT due_at FROM prospecting_callback WHERE contact_id = %(contact)s AND state = 'promised'),
       (SELECT max(until) FROM prospecting_basis
        WHERE contact_id = %(contact)s AND organisation_id = %(organisation)s AND withdrawn_at IS NULL)
"""


def decide(contact: Contact, at: datetime) -> Decision:
    return may_call(facts_of(contact, at), at)


def facts_of(contact: Contact, at: datetime) -> Facts:
    mission = contact.mission
    if contact.phone is None:
        return Facts(regime=mission.regime, territory=contact.territory, kind=contact.kind, has_number=False)
    rules = regime(regime_for(mission.regime, contact.kind), at)
    opposed, attempts, last_refusal_at, last_outcome, agreed_at, basis_until = rows.rows(
        FACTS,
        {
            "organisation": contact.organisation_id,
            "mission": contact.mission_id,
            "phone": contact.phone,
            "hash": number_hash(contact.phone),
            "contact": contact.pk,
            "attempts_since": at - rules.attempts_within,
            "refusals_since": at - rules.cool_off,
        },
    )[0]
    return Facts(
        regime=mission.regime,
        territory=contact.territory,
        kind=contact.kind,
        opposed=opposed,
        attempts=tuple(attempts),
        line_was_busy=last_outcome == BUSY,
        max_attempts=mission.max_attempts,
        last_refusal_at=last_refusal_at,
        agreed_at=agreed_at,
        basis_until=basis_until,
    )

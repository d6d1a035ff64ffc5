"""What a dial and an outcome need to know, read under their locks: few statements, in plain SQL.

Locks always in this order: the number, the contact, the claim. A statement sees what was there when it began: what the
wait for a lock may have changed is read by a later one.
"""

from datetime import datetime
from uuid import UUID

from config import rows
from config.rows import Columns
from marketplace.models import Engagement, Mission, Organisation
from prospecting.models import Call, Claim, Contact, Dial, Outcome, QueueSettings

CONTACT = Columns(Contact, without=["columns", "also_at"])
MISSION = Columns(Mission, "id", "public_id", "organisation_id", "slug", "title", "objective", "regime",
                  "max_attempts", "time_zone", "slot_minutes", "state")  # fmt: skip
ENGAGEMENT = Columns(Engagement, "id", "public_id", "organisation_id", "mission_id", "telemarketer_id", "label",
                     "pay_cents", "currency", "state")  # fmt: skip
CLAIM, OUTCOME = Columns(Claim), Columns(Outcome)
DIAL = Columns(Dial, without=["reasons", "rule_version", "evidence"])

ORGANISATION, QUEUE = Columns(Organisation), Columns(QueueSettings)
ALL_OF_MISSION = Columns(Mission)

LOCK_ENGAGEMENT = f"""
SELECT {ENGAGEMENT.of("engagement")}, {ALL_OF_MISSION.of("mission")}, {ORGANISATION.of("organisation")},
       {QUEUE.of("queue")}
FROM marketplace_engagement engagement
JOIN marketplace_mission mission ON mission.id = engagement.mission_id
JOIN marketplace_organisation organisation ON organisation.id = mission.organisation_id
LEFT JOIN prospecting_queuesettings queue ON queue.mission_id = mission.id
WHERE engagement.id = %s FOR NO KEY UPDATE OF engagement"""

HAND = f"""
SELECT {CLAIM.of("claim")}, EXISTS (
  SELECT FROM prospecting_claim WHERE mission_id = %(mission)s AND expires_at <= %(at)s)
FROM (SELECT) one LEFT JOIN prospecting_claim claim ON claim.engagement_id = %(engagement)s"""

TAKE_CLAIM = f"""
SELECT {CLAIM.of("claim")}, {MISSION.of("mission")}, {ENGAGEMENT.of("engagement")},
       pg_advisory_xact_lock(hashtextextended(coalesce(contact.phone, ''), contact.organisation_id))
FROM prospecting_claim claim
JOIN prospecting_contact contact ON contact.id = claim.contact_id
JOIN marketplace_mission mission ON mission.id = claim.mission_id
JOIN marketplace_engagement engagement ON engagement.id = claim.engagement_id
WHERE claim.engagement_id = %(engagement)s AND claim.public_id = %(claim)s"""

LOCK_CONTACT = f"""
SELECT {CONTACT.of("contact")},
       (SELECT id FROM prospecting_dial WHERE claim_id_seen = %(claim)s AND attempt ORDER BY id LIMIT 1)
FROM prospecting_contact contact WHERE id = %(contact)s FOR NO KEY UPDATE"""

TAKE_DIAL = f"""
SELECT {DIAL.of("dial")}, pg_advisory_xact_lock(hashtextextended(dial.phone, dial.organisation_id))
FROM (SELECT * FROM prospecting_dial
      WHERE engagement_id = %(engagement)s AND claim_id_seen = %(claim)s AND allowed ORDER BY id LIMIT 1) dial"""

# A mission's own outcome stands for the standard one of the same code; a call is found by its contact, since no index
# begins with the dial and a mission may have millions of calls.
LOCK_DIALLED = f"""
SELECT {CONTACT.of("contact")}, {MISSION.of("mission")}, {OUTCOME.of("outcome")}, last.id, last.void,
       (SELECT id FROM prospecting_call WHERE engagement_id = %(engagement)s AND key = %(key)s)
FROM prospecting_contact contact
JOIN marketplace_mission mission ON mission.id = contact.mission_id
LEFT JOIN LATERAL (
  SELECT * FROM prospecting_outcome WHERE code = %(outcome)s AND (mission_id = mission.id OR mission_id IS NULL)
  ORDER BY mission_id NULLS LAST LIMIT 1) outcome ON NOT outcome.hidden
LEFT JOIN LATERAL (
  SELECT id, void FROM prospecting_call WHERE contact_id = contact.id AND dial_id = %(dial)s
  ORDER BY id DESC LIMIT 1) last ON true
WHERE contact.id = %(contact)s FOR NO KEY UPDATE OF contact"""


def lock_engagement(engagement: Engagement) -> Engagement:
    """With its mission, its business and the settings of its queue: one hand, whatever comes at once."""
    found = rows.rows(LOCK_ENGAGEMENT, [engagement.pk])[0]
    own: Engagement
    own, mission, organisation, queue = rows.split(found, ENGAGEMENT, ALL_OF_MISSION, ORGANISATION, QUEUE)
    mission.organisation, mission.queue_settings = organisation, queue or QueueSettings(mission=mission)
    own.mission = mission
    return own


def hand(engagement: Engagement, at: datetime) -> tuple[Claim | None, bool]:
    """What the agent holds, and whether any hold of the mission is past its time."""
    values = {"engagement": engagement.pk, "mission": engagement.mission_id, "at": at}
    claim, lapsed = rows.split(rows.rows(HAND, values)[0], CLAIM)
    return claim, lapsed


def take_claim(engagement: Engagement, claim_id: UUID) -> Claim | None:
    """With its mission and its engagement as they are now; its number is locked."""
    found = rows.first(TAKE_CLAIM, {"engagement": engagement.pk, "claim": claim_id})
    if found is None:
        return None
    claim: Claim
    claim, claim.mission, claim.engagement, _lock = rows.split(found, CLAIM, MISSION, ENGAGEMENT)
    return claim


def contact_of(claim: Claim) -> tuple[Contact, Dial | None]:
    """The contact, locked, and the dial that was made under this claim already."""
    found = rows.rows(LOCK_CONTACT, {"contact": claim.contact_id, "claim": claim.public_id})
    contact, dialled = rows.split(found[0], CONTACT)
    contact.mission = claim.mission
    return contact, Dial.objects.get(pk=dialled) if dialled else None


def take_dial(engagement: Engagement, claim_id: UUID) -> Dial | None:
    """The dial that an outcome may follow; its number is locked."""
    found = rows.first(TAKE_DIAL, {"engagement": engagement.pk, "claim": claim_id})
    return rows.split(found, DIAL)[0] if found else None


class Dialled:
    """The contact of a dial, locked; the outcome to be saved, None when unknown; what was logged for it before.

    `same_key`: the call that this key has made. `last_id`, `undone`: the last row of this dial, and whether it is void.
    """

    def __init__(self, engagement: Engagement, dial: Dial, *, outcome: str, key: UUID) -> None:
        values = {"contact": dial.contact_id, "dial": dial.pk, "engagement": engagement.pk, "outcome": outcome}
        found = rows.rows(LOCK_DIALLED, values | {"key": key})
        self.contact: Contact
        self.outcome: Outcome | None
        self.last_id: int | None
        self.contact, mission, self.outcome, self.last_id, self.undone, same_key = rows.split(
            found[0], CONTACT, MISSION, OUTCOME
        )
        self.contact.mission = mission
        self.same_key = Call.objects.get(pk=same_key) if same_key else None

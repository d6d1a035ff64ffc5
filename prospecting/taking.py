"""A contact taken in hand and not dealt by the queue: the person called, or the agent typed the number."""

from datetime import datetime

from django.utils.translation import gettext as _

from config.errors import Refused
from marketplace.models import Engagement
from prospecting.models import Claim, Contact, Dial
from prospecting.queue import HOLD_AFTER_DIAL, release
from prospecting.rules.calling_rules import Decision


def lock_engagement(engagement: Engagement) -> Engagement:
    """One hand: whatever comes at once for this agent waits its turn."""
    locked = Engagement.objects.select_for_update(no_key=True, of=("self",)).select_related("mission__organisation")
    return locked.get(pk=engagement.pk)


def free_the_hand(engagement: Engagement, at: datetime, *, but: int | None) -> None:
    """Give back the contact in hand before its dial. A call without its outcome yet is saved first.

    `but`: the contact that is about to be taken, which may well be the one in hand.
    """
    claim = Claim.objects.filter(engagement=engagement).first()
    if claim is None:
        return
    dialled = Dial.objects.filter(claim_id_seen=claim.public_id, allowed=True).exists()
    if dialled and claim.expires_at > at:
        raise Refused(
            "call_in_progress", _("Enregistrez d’abord l’appel en cours : une seule fiche en main à la fois.")
        )
    if claim.contact_id != but:
        release(claim, at=at)


def take(contact: Contact, engagement: Engagement, at: datetime, dealt: str) -> Claim:
    """Hold this contact, whatever its state. It is locked by the caller. Refused while somebody else holds it."""
    held = Claim.objects.filter(contact=contact).first()
    if held is not None and held.engagement_id != engagement.pk and held.expires_at > at:
        raise Refused(
            "in_other_hands", _("Un collègue a cette fiche en main en ce moment : réessayez dans un instant.")
        )
    before = contact.state if held is None else held.before
    if held is not None:
        held.delete()
    if contact.state != Contact.State.IN_HAND:
        contact.state = Contact.State.IN_HAND
        contact.save(update_fields=["state"])
    claim = Claim.objects.create(
        contact=contact,
        engagement=engagement,
        mission_id=contact.mission_id,
        before=before,
        dealt=dealt,
        claimed_at=at,
        seen_at=at,
        expires_at=at + HOLD_AFTER_DIAL,
    )
    claim.refresh_from_db(fields=["public_id"])
    return claim


def record_dial(
    claim: Claim, contact: Contact, at: datetime, decision: Decision, *, counts: bool, phone: str | None = None
) -> Dial:
    """The line is open already: what the rules said of it stands beside it. `counts`: it is one of our attempts.

    `phone`: the number on the line, when it is not the contact's of today: one that it had before calls back.
    """
    dialled = Dial.objects.create(
        organisation_id=contact.organisation_id,
        mission_id=contact.mission_id,
        contact=contact,
        engagement_id=claim.engagement_id,
        claim_id_seen=claim.public_id,
        phone=phone or contact.phone or "",
        at=at,
        allowed=True,
        attempt=counts,
        dealt=claim.dealt,
        reasons=[reason.code for reason in decision.reasons],
        rule_version=decision.rule_version,
        evidence=decision.evidence() | {"before": str(claim.before)},
    )
    if counts:
        Contact.objects.filter(pk=contact.pk).update(attempts=contact.attempts + 1)
    return dialled

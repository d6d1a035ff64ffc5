"""A person calls back: the telemarketer finds the contact by its number, among those they called, and takes it."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Invalid, Refused
from marketplace.models import Engagement, User
from prospecting.facts import decide
from prospecting.importing.phones import read_phone
from prospecting.importing.reasons import SET_ASIDE
from prospecting.models import AccessEntry, Claim, Contact, Dial
from prospecting.objecting import lock_number, number_hash
from prospecting.taking import free_the_hand, lock_engagement, record_dial, take


def answer(*, user: User, number: str, at: datetime) -> Claim:
    """Take in hand the contact that is calling, in any state but in another's hand; its outcome follows as usual.

    Found only among the contacts that this person dialled under engagements that have not ended, the latest first.
    Logged as a search, found or not. No attempt is counted: the person called, not we. Raises Refused or Invalid.
    """
    phone = one_number(number)
    last = _last_dial(user, phone)
    _note_search(user, phone, last, at)
    if last is None:
        raise Refused(
            "never_dialled",
            _("Vous n’avez appelé ce numéro dans aucune mission en cours. Notez le message pour l’entreprise."),
            field="phone",
        )
    return _take(last, at)


def one_number(text: str) -> str:
    """E.164. Raises Invalid with what is wrong with it."""
    reading = read_phone(text)
    if not reading.numbers:
        why = SET_ASIDE.get(reading.reason)
        sentence = _("Ce numéro ne se lit pas : %(why)s.") % {"why": why.label if why else text}
        raise Invalid("bad_number", sentence, field="phone")
    return reading.numbers[0]


def _last_dial(user: User, phone: str) -> Dial | None:
    dials = Dial.objects.filter(engagement__telemarketer__user=user, phone=phone, allowed=True)
    kept = dials.exclude(engagement__state=Engagement.State.ENDED).filter(contact__anonymised_at=None)
    return kept.select_related("engagement", "contact").order_by("-at", "-id").first()


def _note_search(user: User, phone: str, last: Dial | None, at: datetime) -> None:
    AccessEntry.objects.create(
        organisation_id=last.organisation_id if last else None,
        user=user,
        contact=last.contact if last else None,
        number_hash=number_hash(phone),
        what=AccessEntry.What.SEARCH,
        at=at,
    )


@transaction.atomic
def _take(last: Dial, at: datetime) -> Claim:
    engagement = lock_engagement(last.engagement)
    lock_number(last.organisation_id, last.phone)
    contact = (
        Contact.objects.select_for_update(no_key=True, of=("self",)).select_related("mission").get(pk=last.contact_id)
    )
    free_the_hand(engagement, at, but=contact.pk)
    claim = take(contact, engagement, at, Claim.Dealt.INBOUND)
    record_dial(claim, contact, at, decide(contact, at), counts=False, phone=last.phone)
    return claim

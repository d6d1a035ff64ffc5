"""Whether a contact is a professional: looked up by a person of the business, and written down with the reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from config.errors import Invalid
from marketplace.models import Mission, User
from prospecting.consenting import HELD_WITHOUT, reopen
from prospecting.models import Contact, KindReview

SHORTEST: Final = 5  # letters of a reason: "SAS" alone proves nothing
TO_SAY: Final = (Contact.Kind.PROFESSIONAL, Contact.Kind.CONSUMER)


def to_review(mission: Mission) -> QuerySet[Contact]:
    """The contacts of whom nobody knows yet, those that wait for it first."""
    unclear = Contact.objects.filter(mission=mission, kind=Contact.Kind.UNCLEAR, anonymised_at=None)
    return unclear.select_related("lead_file").order_by("-state", "pk")


@transaction.atomic
def review_kind(*, mission: Mission, contacts: Sequence[UUID], kind: str, why: str, by: User, at: datetime) -> int:
    """Say what these contacts are, and how one knows. Professionals go back to the queue; how many were reviewed."""
    if kind not in TO_SAY:
        raise Invalid("kind", _("Dites « professionnel » ou « particulier »."), field="kind")
    if len(why.strip()) < SHORTEST:
        raise Invalid("why_required", _("Dites comment vous le savez : la preuve est gardée."), field="why")
    found = Contact.objects.filter(mission=mission, public_id__in=list(contacts), anonymised_at=None)
    rows = list(found.select_for_update(no_key=True).order_by("pk"))
    if not rows:
        raise Invalid("nobody", _("Choisissez au moins une fiche."), field="contacts")
    KindReview.objects.bulk_create(
        KindReview(contact=contact, kind=kind, why=why.strip()[:300], by=by, at=at) for contact in rows
    )
    same = Contact.objects.filter(pk__in=[contact.pk for contact in rows])
    same.update(kind=kind)
    if kind == Contact.Kind.PROFESSIONAL:
        reopen(same, at=at)
    return len(rows)


def held_for_want_of_a_review(mission: Mission) -> int:
    held = Q(state=Contact.State.BLOCKED, blocked_reason__in=HELD_WITHOUT)
    return Contact.objects.filter(held, mission=mission).count()

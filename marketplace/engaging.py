"""The life of an engagement: active ⇄ suspended → ended. Ending is at once: no contact from that moment on."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Refused
from marketplace.models import Engagement

State = Engagement.State


@transaction.atomic
def suspend(*, engagement: Engagement, at: datetime) -> Engagement:
    """No call until it resumes; what was won stays won."""
    return _move(engagement, State.SUSPENDED)


@transaction.atomic
def resume(*, engagement: Engagement, at: datetime) -> Engagement:
    return _move(engagement, State.ACTIVE)


@transaction.atomic
def end(*, engagement: Engagement, at: datetime) -> Engagement:
    """For good, by either side; ending twice keeps the first moment."""
    engagement = _locked(engagement)
    if engagement.state != State.ENDED:
        engagement.state, engagement.ended_at = State.ENDED, at
        engagement.save(update_fields=["state", "ended_at"])
    return engagement


VERBS = {"suspend": suspend, "resume": resume, "end": end}


def _move(engagement: Engagement, state: str) -> Engagement:
    engagement = _locked(engagement)
    if engagement.state == State.ENDED:
        raise Refused("engagement_ended", _("Cet engagement est terminé : il ne reprend pas."))
    if engagement.state != state:
        engagement.state = state
        engagement.save(update_fields=["state"])
    return engagement


def _locked(engagement: Engagement) -> Engagement:
    return Engagement.objects.select_for_update().get(pk=engagement.pk)

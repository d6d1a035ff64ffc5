"""Team messages: a word from the business to everyone who calls for a mission, read in the cockpit."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from config.errors import Invalid
from marketplace.models import Engagement, Mission, User
from prospecting.models import MessageRead, TeamMessage

LASTS = timedelta(hours=24)  # a word of yesterday is no longer news
LONGEST = 500  # characters: it is read between two calls


def tell_team(*, mission: Mission, author: User, text: str, at: datetime) -> TeamMessage:
    text = text.strip()
    if not text:
        raise Invalid("required", _("Écrivez le message."), field="text")
    if len(text) > LONGEST:
        raise Invalid("too_long", _("Cinq cents signes au plus : il se lit entre deux appels."), field="text")
    return TeamMessage.objects.create(mission=mission, author=author, text=text, at=at, until=at + LASTS)


def take_back(*, message: TeamMessage, at: datetime) -> None:
    """The message is shown no longer; it stays in the list, with its end."""
    TeamMessage.objects.filter(pk=message.pk).filter(Q(until=None) | Q(until__gt=at)).update(until=at)


def unread(*, engagement: Engagement, at: datetime) -> QuerySet[TeamMessage]:
    """What this agent has not dismissed yet, the oldest first."""
    current = TeamMessage.objects.filter(mission_id=engagement.mission_id).filter(Q(until=None) | Q(until__gt=at))
    return current.exclude(reads__engagement=engagement).select_related("author").order_by("at")


def dismiss(*, message: TeamMessage, engagement: Engagement, at: datetime) -> None:
    """Read once is read: saying it twice changes nothing."""
    MessageRead.objects.bulk_create([MessageRead(message=message, engagement=engagement, at=at)], ignore_conflicts=True)

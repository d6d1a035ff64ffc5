"""What a telemarketer looks through: the open missions, narrowed by a few words."""

from django.db.models import Case, Count, F, Q, QuerySet, When
from django.db.models.functions import Greatest

from marketplace.models import Mission

STATES = ("running", "paused", "published", "draft", "closed")
ENGAGED = Q(engagements__state__in=["active", "suspended"])


def with_seats(missions: QuerySet[Mission], *, only_free: bool = False) -> QuerySet[Mission]:
    """Each mission with `taken` and `free` seats, in the same query."""
    counted = missions.annotate(taken=Count("engagements", filter=ENGAGED, distinct=True))
    left = counted.filter(taken__lt=F("seats")) if only_free else counted
    return left.annotate(free=Greatest(F("seats") - F("taken"), 0))


def by_state(missions: QuerySet[Mission]) -> QuerySet[Mission]:
    """What runs first, then what waits, then what is over; the newest first in each."""
    order = [When(state=state, then=place) for place, state in enumerate(STATES)]
    return missions.order_by(Case(*order, default=len(STATES)), "-pk")


def search(missions: QuerySet[Mission], *, q: str = "", objective: str = "", free: bool = False) -> QuerySet[Mission]:
    """Newest first. `q`: words, all of which stand somewhere in the mission or its business."""
    found = missions.filter(state__in=Mission.OPEN)
    for word in q.split():
        found = found.filter(_anywhere(word))
    if objective:
        found = found.filter(objective=objective)
    return with_seats(found, only_free=free).order_by("-published_at", "-pk")


def _anywhere(word: str) -> Q:
    places = ("title", "summary", "sector", "organisation__name", "organisation__city")
    return Q(*[(f"{place}__icontains", word) for place in places], _connector=Q.OR)

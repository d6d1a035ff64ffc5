"""The one door: which missions, files and engagements may this person touch. Everything else is a 404."""

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import Http404

from marketplace.models import Engagement, Membership, Mission, User
from prospecting.models import LeadFile

Row = TypeVar("Row", bound=Model)


def missions_read_by(user: User) -> QuerySet[Mission]:
    """The missions of the businesses this person belongs to, in any role."""
    return Mission.objects.filter(organisation__memberships__user_id=user.pk)


def missions_written_by(user: User) -> QuerySet[Mission]:
    return Mission.objects.filter(
        organisation__memberships__user_id=user.pk, organisation__memberships__role__in=Membership.WRITERS
    )


def mission_to_read(user: User, slug: str) -> Mission:
    return _only(missions_read_by(user).select_related("organisation"), slug=slug)


def mission_to_write(user: User, slug: str) -> Mission:
    return _only(missions_written_by(user).select_related("organisation"), slug=slug)


def lead_file_to_read(user: User, public_id: UUID) -> LeadFile:
    return _only(LeadFile.objects.filter(mission__in=missions_read_by(user)), public_id=public_id)


def lead_file_to_write(user: User, public_id: UUID) -> LeadFile:
    return _only(LeadFile.objects.filter(mission__in=missions_written_by(user)), public_id=public_id)


def engagement_to_call(user: User, public_id: UUID) -> Engagement:
    """The telemarketer's own engagement, unless it has ended: access is gone at that moment."""
    engagements = Engagement.objects.filter(telemarketer__user_id=user.pk).exclude(state=Engagement.State.ENDED)
    return _only(engagements.select_related("mission__organisation", "telemarketer"), public_id=public_id)


def _only(rows: QuerySet[Row], **key: Any) -> Row:
    row = rows.filter(**key).first()
    if row is None:
        raise Http404
    return row

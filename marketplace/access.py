"""The one door: which businesses, missions, applications and engagements may this person touch.

What a person may not see is a 404, as if it did not exist. What they see but may not change (a viewer) is a 403.
"""

from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest

from marketplace.models import (
    ApiToken,
    Application,
    Engagement,
    Invitation,
    Membership,
    Mission,
    Organisation,
    Telemarketer,
    User,
)

Row = TypeVar("Row", bound=Model)


def person(request: HttpRequest) -> User:
    """Who signed in; pages call this behind `login_required`."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def organisation_of(user: User) -> Organisation:
    """The business this person acts for (the one joined first); 404 without one."""
    membership = membership_of(user)
    if membership is None:
        raise Http404
    return membership.organisation


def organisation_to_write(user: User) -> Organisation:
    membership = membership_of(user)
    if membership is None:
        raise Http404
    _must_write(membership.role)
    return membership.organisation


def organisation_to_own(user: User) -> Organisation:
    """The team of a business is its owner's to change."""
    membership = membership_of(user)
    if membership is None:
        raise Http404
    if membership.role != Membership.Role.OWNER:
        raise PermissionDenied
    return membership.organisation


def member_to_manage(user: User, member: UUID) -> Membership:
    """A member of one's own business, found by the person's public id."""
    return _only(organisation_to_own(user).memberships.select_related("user", "organisation"), user__public_id=member)


def invitation_to_manage(user: User, public_id: UUID) -> Invitation:
    return _only(organisation_to_own(user).invitations.all(), public_id=public_id)


def membership_of(user: User) -> Membership | None:
    return Membership.objects.filter(user_id=user.pk).select_related("organisation").order_by("since", "pk").first()


def telemarketer_of(user: User) -> Telemarketer:
    """One's own profile; 404 without one."""
    return _only(Telemarketer.objects.all(), user_id=user.pk)


def may_write(user: User, organisation_id: int) -> bool:
    return Membership.objects.filter(
        user_id=user.pk, organisation_id=organisation_id, role__in=Membership.WRITERS
    ).exists()


def missions_of(user: User) -> QuerySet[Mission]:
    """The missions of the businesses this person belongs to, in any role."""
    return Mission.objects.filter(organisation__memberships__user_id=user.pk).select_related("organisation")


def missions_on_offer(user: User) -> QuerySet[Mission]:
    """What a telemarketer may read: open missions, and those they proposed themselves for or work on."""
    if not Telemarketer.objects.filter(user_id=user.pk).exists():
        return Mission.objects.none()
    mine = Q(applications__telemarketer__user_id=user.pk) | Q(engagements__telemarketer__user_id=user.pk)
    found = Mission.objects.filter(Q(state__in=Mission.OPEN) | mine & ~Q(state=Mission.State.DRAFT))
    return found.select_related("organisation").distinct()


def missions_seen_by(user: User) -> QuerySet[Mission]:
    """Own missions and those on offer, for the API's one list."""
    own, offered = missions_of(user).values("pk"), missions_on_offer(user).values("pk")
    return Mission.objects.filter(Q(pk__in=own) | Q(pk__in=offered)).select_related("organisation")


def mission_to_read(user: User, slug: str) -> Mission:
    return _only(missions_of(user), slug=slug)


def mission_to_write(user: User, slug: str) -> Mission:
    mission = mission_to_read(user, slug)
    _must_act_for(user, mission.organisation_id)
    return mission


def mission_to_apply(user: User, slug: str) -> Mission:
    return _only(missions_on_offer(user), slug=slug)


def applications_seen_by(user: User) -> QuerySet[Application]:
    """A business's own missions' applications, and one's own."""
    business = Q(mission__organisation__memberships__user_id=user.pk)
    found = Application.objects.filter(business | Q(telemarketer__user_id=user.pk)).distinct()
    return found.select_related("mission__organisation", "telemarketer")


def application_to_decide(user: User, public_id: UUID) -> Application:
    business = Application.objects.filter(mission__organisation__memberships__user_id=user.pk)
    application = _only(business.select_related("mission__organisation", "telemarketer"), public_id=public_id)
    _must_act_for(user, application.mission.organisation_id)
    return application


def application_to_withdraw(user: User, public_id: UUID) -> Application:
    return _only(Application.objects.filter(telemarketer__user_id=user.pk), public_id=public_id)


def engagements_seen_by(user: User) -> QuerySet[Engagement]:
    business = Q(organisation__memberships__user_id=user.pk)
    found = Engagement.objects.filter(business | Q(telemarketer__user_id=user.pk)).distinct()
    return found.select_related("mission__organisation", "telemarketer")


def engagement_to_manage(user: User, public_id: UUID) -> Engagement:
    business = Engagement.objects.filter(organisation__memberships__user_id=user.pk)
    engagement = _only(business.select_related("mission"), public_id=public_id)
    _must_act_for(user, engagement.organisation_id)
    return engagement


def engagement_to_end(user: User, public_id: UUID) -> Engagement:
    """Either side may end: the business that manages it, or the telemarketer whose it is."""
    own = Engagement.objects.filter(telemarketer__user_id=user.pk, public_id=public_id).first()
    return own or engagement_to_manage(user, public_id)


def token_of(user: User, public_id: UUID) -> ApiToken:
    return _only(ApiToken.objects.filter(user_id=user.pk), public_id=public_id)


def _must_act_for(user: User, organisation_id: int) -> None:
    if not may_write(user, organisation_id):
        raise PermissionDenied


def _must_write(role: str) -> None:
    if role not in Membership.WRITERS:
        raise PermissionDenied


def _only(rows: QuerySet[Row], **key: Any) -> Row:
    row = rows.filter(**key).first()
    if row is None:
        raise Http404
    return row

"""Who acts for a business: invited by its owner, changed and removed by its owner; never without any owner."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from config.errors import Invalid, Refused
from marketplace.models import Invitation, Membership, Organisation, User

OPEN_FOR = timedelta(days=7)


@transaction.atomic
def invite(*, organisation: Organisation, email: str, role: str, by: User, at: datetime) -> Invitation:
    """A link by e-mail. Inviting the same address again makes the earlier link worthless."""
    _locked(organisation)
    email = email.strip().lower()
    if role not in Membership.Role.values:
        raise Invalid("role", _("Ce rôle n’existe pas."), field="role")
    if organisation.memberships.filter(user__email__iexact=email).exists():
        raise Refused("already_member", _("Cette personne est déjà membre."), field="email")
    organisation.invitations.filter(email=email, accepted_at=None, revoked_at=None).update(revoked_at=at)
    secret = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        organisation=organisation,
        email=email,
        role=role,
        digest=_digest(secret),
        invited_by=by,
        invited_at=at,
        expires_at=at + OPEN_FOR,
    )
    transaction.on_commit(lambda: _send(invitation, secret))
    return invitation


@transaction.atomic
def accept_invitation(*, secret: str, user: User, at: datetime) -> Membership:
    """The place, for the address invited and no other. Accepting again gives the same place back."""
    invitation = Invitation.objects.select_for_update().filter(digest=_digest(secret)).first()
    if invitation is None:
        raise Refused("invitation_unknown", gone())
    if invitation.email != user.email.lower():
        raise Refused("other_address", _("Cette invitation est pour une autre adresse que la vôtre."))
    existing = Membership.objects.filter(organisation=invitation.organisation, user=user).first()
    if existing is not None:
        return existing
    if not is_open(invitation, at):
        raise Refused("invitation_over", gone())
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    return Membership.objects.create(organisation=invitation.organisation, user=user, role=invitation.role)


def revoke_invitation(*, invitation: Invitation, at: datetime) -> None:
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(revoked_at=at)


@transaction.atomic
def change_role(*, membership: Membership, role: str) -> Membership:
    _locked(membership.organisation)
    membership.refresh_from_db()
    if role not in Membership.Role.values:
        raise Invalid("role", _("Ce rôle n’existe pas."), field="role")
    if role != Membership.Role.OWNER:
        _must_leave_an_owner(membership)
    membership.role = role
    membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def remove_member(*, membership: Membership) -> None:
    """Their access ends with this; what they did stays."""
    _locked(membership.organisation)
    _must_leave_an_owner(membership)
    membership.delete()


def invitation_for(secret: str, at: datetime) -> Invitation | None:
    """The open invitation behind a link, or nothing."""
    invitation = Invitation.objects.filter(digest=_digest(secret)).select_related("organisation", "invited_by").first()
    return invitation if invitation and is_open(invitation, at) else None


def is_open(invitation: Invitation, at: datetime) -> bool:
    return invitation.accepted_at is None and invitation.revoked_at is None and at < invitation.expires_at


def _must_leave_an_owner(membership: Membership) -> None:
    owners = Membership.objects.filter(organisation=membership.organisation, role=Membership.Role.OWNER)
    if membership.role == Membership.Role.OWNER and not owners.exclude(pk=membership.pk).exists():
        raise Refused("last_owner", _("Une entreprise garde au moins un propriétaire : nommez-en un autre d’abord."))


def _send(invitation: Invitation, secret: str) -> None:
    reader = User.objects.filter(email__iexact=invitation.email).first()
    with override((reader or invitation.invited_by).language):
        link = settings.PUBLIC_URL + reverse("invitation", args=[secret])
        body = render_to_string("marketplace/email/invitation.txt", {"invitation": invitation, "link": link})
        subject = _("%(organisation)s vous invite sur Décroche") % {"organisation": invitation.organisation.name}
        send_mail(subject, body, None, [invitation.email])


def gone() -> str:
    return _("Cette invitation n’est plus valable : demandez-en une autre.")


def _locked(organisation: Organisation) -> Organisation:
    """The business's row is the lock of its members."""
    return Organisation.objects.select_for_update().get(pk=organisation.pk)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()

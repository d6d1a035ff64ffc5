"""The team of a business: its members, the invitations still open, and the page behind an invitation's link."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from config import clock
from config.errors import DecrocheError
from marketplace import access, inviting
from marketplace.models import Membership, Organisation
from marketplace.pages.accounts import INVITED
from marketplace.pages.forms import InvitationForm, tell


@login_required
def members(request: HttpRequest) -> HttpResponse:
    user = access.person(request)
    if request.method != "POST":
        return _members(request, access.organisation_of(user), InvitationForm())
    organisation, form = access.organisation_to_own(user), InvitationForm(request.POST)
    if form.is_valid():
        try:
            inviting.invite(organisation=organisation, by=user, at=clock.now(), **form.cleaned_data)
            messages.success(request, _("L’invitation part à %(email)s.") % {"email": form.cleaned_data["email"]})
            return redirect("members")
        except DecrocheError as error:
            tell(form, error)
    return _members(request, organisation, form, status=400)


def _members(request: HttpRequest, organisation: Organisation, form: InvitationForm, status: int = 200) -> HttpResponse:
    now = clock.now()
    waiting = organisation.invitations.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)
    mine = access.membership_of(access.person(request))
    context = {
        "organisation": organisation,
        "members": organisation.memberships.select_related("user").order_by("since"),
        "waiting": waiting.order_by("-invited_at"),
        "owner": mine is not None and mine.role == Membership.Role.OWNER,
        "writer": mine is not None and mine.role in Membership.WRITERS,
        "roles": Membership.Role.choices,
        "form": form,
    }
    return render(request, "marketplace/members.html", context, status=status)


@login_required
@require_POST
def role(request: HttpRequest, member: UUID) -> HttpResponse:
    membership = access.member_to_manage(access.person(request), member)
    try:
        changed = inviting.change_role(membership=membership, role=request.POST.get("role", ""))
        said = _("%(name)s est maintenant %(role)s.")
        messages.success(request, said % {"name": changed.user, "role": changed.get_role_display()})
    except DecrocheError as error:
        messages.error(request, error.sentence)
    return redirect("members")


@login_required
@require_POST
def remove(request: HttpRequest, member: UUID) -> HttpResponse:
    membership = access.member_to_manage(access.person(request), member)
    try:
        inviting.remove_member(membership=membership)
        messages.success(request, _("%(name)s n’est plus membre.") % {"name": membership.user})
    except DecrocheError as error:
        messages.error(request, error.sentence)
    return redirect("members")


@login_required
@require_POST
def revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    invitation = access.invitation_to_manage(access.person(request), public_id)
    inviting.revoke_invitation(invitation=invitation, at=clock.now())
    messages.success(request, _("L’invitation de %(email)s ne vaut plus rien.") % {"email": invitation.email})
    return redirect("members")


def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """Behind the link: signed in, one button; signed out, sign in or create the account, and come back here."""
    found = inviting.invitation_for(secret, clock.now())
    if found is None:
        return render(request, "error.html", {"sentence": inviting.gone()}, status=410)
    request.session[INVITED] = secret
    if request.method == "POST" and request.user.is_authenticated:
        inviting.accept_invitation(secret=secret, user=access.person(request), at=clock.now())
        del request.session[INVITED]
        return redirect("home")
    return render(request, "marketplace/invitation.html", {"invitation": found})

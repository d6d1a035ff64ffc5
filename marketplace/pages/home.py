"""The first page of each role, and one's own account."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from config import clock
from config.frame import remember
from marketplace import access
from marketplace.api.tokens import create_token, revoke_token
from marketplace.market import by_state, with_seats
from marketplace.models import Application, Engagement, Membership, Mission, Telemarketer
from marketplace.pages.forms import PersonForm, ProfileForm, TokenForm


@login_required
def home(request: HttpRequest) -> HttpResponse:
    user = access.person(request)
    if access.membership_of(user):
        return _business(request)
    if Telemarketer.objects.filter(user=user).exists():
        return _telemarketer(request)
    return render(request, "marketplace/home_other.html")


def _business(request: HttpRequest) -> HttpResponse:
    user = access.person(request)
    membership = access.membership_of(user)
    missions = by_state(with_seats(access.missions_of(user)).exclude(state=Mission.State.CLOSED))
    waiting = access.applications_seen_by(user).filter(
        state__in=Application.OPEN, mission__organisation__memberships__user=user
    )
    context = {
        "missions": missions,
        "waiting": waiting.order_by("submitted_at"),
        "now": clock.now(),
        "may_write": membership is not None and membership.role in Membership.WRITERS,
    }
    return render(request, "marketplace/home_business.html", context)


def _telemarketer(request: HttpRequest) -> HttpResponse:
    telemarketer = access.telemarketer_of(access.person(request))
    engagements = telemarketer.engagements.select_related("mission__organisation").order_by("state", "-started_at")
    open_applications = telemarketer.applications.filter(state__in=Application.OPEN)
    context = {
        "engagements": engagements.exclude(state=Engagement.State.ENDED),
        "ended": engagements.filter(state=Engagement.State.ENDED)[:20],
        "applications": open_applications.select_related("mission__organisation").order_by("-submitted_at"),
    }
    return render(request, "marketplace/home_telemarketer.html", context)


@login_required
def profile(request: HttpRequest) -> HttpResponse:
    telemarketer = access.telemarketer_of(access.person(request))
    form = ProfileForm(request.POST or None, instance=telemarketer)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Votre profil est enregistré."))
        return redirect("profile")
    return render(request, "marketplace/profile.html", {"form": form})


@login_required
def account(request: HttpRequest) -> HttpResponse:
    user = access.person(request)
    form = PersonForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Votre compte est enregistré."))
        response = redirect("account")
        remember(response, "language", user.language)
        return response
    return _account(request, form=form, status=400 if form.errors else 200)


@login_required
def token_new(request: HttpRequest) -> HttpResponse:
    """The secret is in this answer and nowhere else: reloading makes no second one appear."""
    form = TokenForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _account(request, token_form=form, status=400 if form.errors else 200)
    _token, secret = create_token(user=access.person(request), name=form.cleaned_data["name"])
    response = _account(request, secret=secret)
    response["Cache-Control"] = "no-store"
    return response


@login_required
def token_revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    token = access.token_of(access.person(request), public_id)
    if request.method == "POST":
        revoke_token(token=token, at=clock.now())
        messages.success(request, _("Le jeton « %(name)s » ne vaut plus rien.") % {"name": token.name})
    return redirect("account")


def _account(request: HttpRequest, status: int = 200, **more: object) -> HttpResponse:
    user = access.person(request)
    context = {
        "form": PersonForm(instance=user),
        "token_form": TokenForm(),
        "tokens": user.api_tokens.filter(revoked_at=None).order_by("-created_at"),
    }
    return render(request, "marketplace/account.html", context | more, status=status)

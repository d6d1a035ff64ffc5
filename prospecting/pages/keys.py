"""Where a telemarketer changes the cockpit's keys."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config.errors import Invalid
from marketplace.models import User
from prospecting import access
from prospecting.key_choices import ACTIONS, Keys, choose_keys, forget_choice, keys_of


@login_required
@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    user = access.telemarketer_to_call(request.user)
    if request.method == "GET":
        return _drawn(request, keys_of(user))
    try:
        if "everybody" in request.POST:
            forget_choice(user=user)
        else:
            _choose(user, request)
    except Invalid as wrong:
        return _drawn(request, _typed(request), wrong)
    return redirect(_back(request))


def _choose(user: User, request: HttpRequest) -> None:
    typed = _typed(request)
    choose_keys(user=user, letters=typed.letters, off=typed.off, quick=typed.quick)


def _typed(request: HttpRequest) -> Keys:
    letters = {action: request.POST.get(action, "")[:3] for action in ACTIONS}
    return Keys(letters, off="off" in request.POST, quick="quick" in request.POST)


def _drawn(request: HttpRequest, keys: Keys, wrong: Invalid | None = None) -> HttpResponse:
    rows = [
        {
            "action": action,
            "does": does,
            "letter": keys.letters[action].upper(),
            "usual": letter.upper(),
            "wrong": wrong.sentence if wrong and wrong.field == action else "",
        }
        for action, (letter, does) in ACTIONS.items()
    ]
    context = {"rows": rows, "keys": keys, "wrong": wrong, "back": _back(request), "title": _("Vos touches")}
    return render(request, "prospecting/keys.html", context, status=400 if wrong else 200)


def _back(request: HttpRequest) -> str:
    """The cockpit that one came from."""
    back = request.POST.get("back") or request.GET.get("back") or ""
    ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return back if ours else reverse("home")

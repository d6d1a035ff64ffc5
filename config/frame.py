"""What stands around every page: the places of the rail, who is here, and the choice of language and light."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

THEMES = ("light", "dark")
A_YEAR = 365 * 24 * 3600


@dataclass(frozen=True)
class Who:
    """Who the rail's foot names. `role` chooses the places: "business", "telemarketer" or "operator"."""

    role: str
    name: str
    detail: str | Promise = ""


@dataclass(frozen=True)
class Place:
    label: str | Promise
    url_name: str
    icon: str


@dataclass(frozen=True)
class Shown:
    label: str | Promise
    url: str
    icon: str
    current: bool


# Five at most for each role: what one comes for, in the order of the day.
PLACES: dict[str, tuple[Place, ...]] = {
    "business": (
        Place(_("Accueil"), "home", "house"),
        Place(_("Missions"), "missions", "target"),
        Place(_("Rendez-vous"), "appointments", "calendar"),
        Place(_("Fichiers"), "files", "file-text"),
        Place(_("Équipe"), "members", "users"),
    ),
    "telemarketer": (
        Place(_("Appeler"), "home", "phone"),
        Place(_("Missions"), "missions", "target"),
        Place(_("Rappels"), "callbacks", "clock"),
        Place(_("Rendez-vous"), "my_appointments", "calendar"),
        Place(_("Gains"), "winnings", "wallet"),
    ),
    "operator": (
        Place(_("Accueil"), "home", "house"),
        Place(_("Contestations"), "contests", "scale"),
        Place(_("Oppositions"), "oppositions", "phone-off"),
    ),
}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `frame.who`, `frame.places`, `frame.theme`."""
    who = _who(request)
    places = _places(who.role, request.path) if who else []
    return {"frame": {"who": who, "places": places, "theme": _theme(request)}}


def _theme(request: HttpRequest) -> str:
    """The account's light; before signing in, the browser's; else the system's (nothing)."""
    kept = getattr(getattr(request, "user", None), "theme", None)
    theme = request.COOKIES.get("theme", "") if kept is None else kept
    return theme if theme in THEMES else ""


def _who(request: HttpRequest) -> Who | None:
    """Asked of the app that knows people: config imports none, so settings name the function."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return None
    identify: Callable[[HttpRequest], Who] = import_string(settings.FRAME_WHO)
    return identify(request)


def _places(role: str, path: str) -> list[Shown]:
    found = [(place, url) for place in PLACES[role] if (url := _url(place.url_name))]
    around = (url for _place, url in found if path == url or (url != "/" and path.startswith(url)))
    here = max(around, key=len, default="")
    return [Shown(place.label, url, place.icon, url == here) for place, url in found]


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:  # a place whose app is not wired in is not shown
        return ""


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Language and light, chosen in the rail: kept by the browser, and by the account of who is signed in."""
    response = HttpResponseRedirect(_next(request))
    chosen = {
        name: value
        for name, allowed in (("language", dict(settings.LANGUAGES)), ("theme", ("", *THEMES)))
        if (value := request.POST.get(name)) is not None and value in allowed
    }
    for name, value in chosen.items():
        remember(response, name, value)
    if chosen and request.user.is_authenticated:
        get_user_model().objects.filter(pk=request.user.pk).update(**chosen)
    return response


def remember(response: HttpResponse, name: str, value: str) -> None:
    """Lay a preference in the browser: "language" (Django's own cookie) or "theme"."""
    cookie = settings.LANGUAGE_COOKIE_NAME if name == "language" else name
    response.set_cookie(cookie, value, max_age=A_YEAR, samesite="Lax", secure=settings.HTTPS)


def _next(request: HttpRequest) -> str:
    target = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "/"

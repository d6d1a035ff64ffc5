"""What became of an appointment: behind the link of an e-mail, or from the pages of either side.

Mail scanners open every link: a GET only shows the choice, and one button makes it.
"""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from config import clock
from config.errors import DecrocheError
from marketplace.access import person
from prospecting import access
from prospecting.asking import behind
from prospecting.fate import FATES, last_words, tell
from prospecting.models import Appointment


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def fate(request: HttpRequest, token: str, key: str) -> HttpResponse:
    at, error = clock.now(), None
    asked = behind(token, at)
    if asked is None:
        gone = _("Ce lien n’est plus valable : trop ancien, incomplet, ou vous n’agissez plus pour l’entreprise.")
        return render(request, "error.html", {"sentence": gone}, status=410)
    one = asked.appointment
    if request.method == "POST":
        key = request.POST.get("fate", key)
        try:
            hour = _hour(request, one)
            tell(appointment=one, fate=key, by=Appointment.By.BUSINESS, user=asked.user, at=at, starts_at=hour)
            return redirect(request.path)
        except DecrocheError as refused:
            error = refused
    told = last_words([one]).get(one.pk, {}).get("business", "")
    context = {"one": one, "fates": FATES.values(), "key": key, "told": FATES.get(told), "error": error,
               "reader": asked.user}  # fmt: skip
    response = render(request, "prospecting/fate.html", context, status=error.status if error else 200)
    response["X-Robots-Tag"] = "noindex"
    return response


@login_required
@require_POST
def tell_one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """From a page, by the side this person stands on."""
    one, by = access.appointment_to_tell(request.user, public_id)
    told = request.POST.get("fate", "")
    try:
        tell(appointment=one, fate=told, by=by, user=person(request), at=clock.now(), starts_at=_hour(request, one))
        messages.success(request, _("C’est noté : %(fate)s.") % {"fate": FATES[told].label})
    except DecrocheError as error:
        messages.error(request, error.sentence)
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if safe else ("to_accept" if by == Appointment.By.BUSINESS else "winnings"))


def _hour(request: HttpRequest, one: Appointment) -> datetime | None:
    """What a field of day and hour says, on the mission's clock; what cannot be read is no hour."""
    try:
        read = datetime.fromisoformat(request.POST.get("starts_at", ""))
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=ZoneInfo(one.mission.time_zone))

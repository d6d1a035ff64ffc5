"""What a telemarketer won: accepted, pending or contested, in cents; their answer to a contest."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from config import clock
from config.errors import DecrocheError
from marketplace.access import person
from marketplace.models import Telemarketer
from prospecting import access
from prospecting.accepting import answer
from prospecting.fate import FATES, last_words
from prospecting.models import Acceptance, Appointment

SHOWN = 200
State = Acceptance.State


@dataclass(frozen=True, slots=True)
class Earned:
    """Cents, in the currency of the house; `accepted` holds what an operator's ruling left standing."""

    accepted: int
    pending: int
    contested: int


@dataclass(frozen=True, slots=True)
class Won:
    acceptance: Acceptance
    mine: str  # what I said became of the appointment
    theirs: str
    may_tell: bool


def earned(rows: QuerySet[Acceptance]) -> Earned:
    sums = dict(rows.values_list("state").annotate(cents=Sum("engagement__pay_cents")).order_by())
    return Earned(
        accepted=(sums.get(State.ACCEPTED) or 0) + (sums.get(State.REJECTED) or 0),
        pending=sums.get(State.PENDING) or 0,
        contested=sums.get(State.CONTESTED) or 0,
    )


@login_required
@require_GET
def winnings(request: HttpRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_POST
def answer_one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    acceptance, text = access.own_acceptance(request.user, public_id), request.POST.get("text", "")
    try:
        answer(acceptance=acceptance, text=text, user=person(request), at=clock.now())
    except DecrocheError as error:
        return _page(request, wrong=public_id, error=error)
    messages.success(request, _("Votre réponse est jointe : l’opérateur la lira avant de trancher."))
    return redirect("winnings")


def _page(request: HttpRequest, wrong: UUID | None = None, error: DecrocheError | None = None) -> HttpResponse:
    if not Telemarketer.objects.filter(user_id=person(request).pk).exists():
        raise Http404
    mine = access.own_acceptances(request.user)
    rows = list(mine.select_related("contact", "mission", "engagement", "appointment", "call").order_by("-pk")[:SHOWN])
    context = {
        "earned": earned(mine),
        "won": _won(rows),
        "fates": [fate for fate in FATES.values() if fate.key != "moved"],
        "wrong": wrong,
        "error": error,
        "limit": SHOWN,
    }
    return render(request, "prospecting/winnings.html", context, status=error.status if error else 200)


def _won(rows: list[Acceptance]) -> list[Won]:
    at, words = clock.now(), last_words(one.appointment for one in rows if one.appointment)
    found = []
    for one in rows:
        said = words.get(one.appointment_id or 0, {})
        told = {side: str(FATES[key].label) for side, key in said.items() if key in FATES}
        found.append(Won(one, told.get("agent", ""), told.get("business", ""), _may_tell(one, at)))
    return found


def _may_tell(one: Acceptance, at: datetime) -> bool:
    """While it is of use to somebody: undecided, its hour come, not called off before."""
    gone = (Appointment.State.CANCELLED, Appointment.State.MOVED)
    open_ = one.state in (State.PENDING, State.CONTESTED)
    return (
        open_ and one.appointment is not None and one.appointment.starts_at <= at and one.appointment.state not in gone
    )

"""The fate of an appointment once its hour has come: what each side says happened, and what then counts.

The business was there: its word moves the state. The agent's stands beside it, and alone when the business is silent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.errors import Invalid, Refused
from marketplace.models import User
from prospecting.accepting import GRACE, deadline, follow
from prospecting.booking import check_transition, record
from prospecting.models import Appointment, AppointmentEvent
from prospecting.moving import Actor, move

State, By = Appointment.State, Appointment.By
SIDES = (By.BUSINESS, By.AGENT)
BATCH = 500


@dataclass(frozen=True, slots=True)
class Fate:
    """What may have happened: its key, the state it makes, who called it off; and how each side says it."""

    key: str
    state: str
    label: str | Promise
    by: str = ""


FATES: Final = {
    fate.key: fate
    for fate in (
        Fate("held", State.HELD, gettext_lazy("Il a eu lieu")),
        Fate("prospect_absent", State.PROSPECT_ABSENT, gettext_lazy("Le prospect n’est pas venu")),
        Fate("client_absent", State.CLIENT_ABSENT, gettext_lazy("L’entreprise n’y était pas")),
        Fate("cancelled_by_prospect", State.CANCELLED, gettext_lazy("Annulé par le prospect"), By.PROSPECT),
        Fate("cancelled_by_business", State.CANCELLED, gettext_lazy("Annulé par l’entreprise"), By.BUSINESS),
        Fate("moved", State.MOVED, gettext_lazy("Reporté à une autre heure")),
    )
}


@transaction.atomic
def tell(
    *, appointment: Appointment, fate: str, by: str, user: User | None, at: datetime, starts_at: datetime | None = None
) -> Appointment:
    """One side's word, kept with its moment. Telling the same again changes nothing; telling otherwise, the last holds.

    `starts_at` is the new hour of one that was put off: a new appointment takes over, for the business only.
    """
    said = FATES.get(fate)
    if said is None or by not in SIDES:
        raise Invalid("unknown_fate", _("Dites ce qu’est devenu ce rendez-vous."), field="fate")
    found = _locked(appointment)
    _check(found, at)
    if last_words([found]).get(found.pk, {}).get(by) == fate and fate != "moved":
        return found
    if by == By.BUSINESS:
        _settle(found, said, at)
        found.fate_by_business = said.state
    else:
        found.fate_by_agent = said.state
    found.fate_at = found.fate_at or at
    found.save(update_fields=["state", "cancelled_by", "fate_by_business", "fate_by_agent", "fate_at"])
    record(found, "fate", by, at, user, fate=fate)
    if fate == "moved" and by == By.BUSINESS:
        return _put_off(found, starts_at, user, at)
    _called_off_by_both(found, at)
    return found


def disagrees(appointment: Appointment) -> bool:
    """Both sides have spoken, and not of the same thing."""
    words = (appointment.fate_by_business, appointment.fate_by_agent)
    return all(words) and words[0] != words[1]


def last_words(appointments: Iterable[Appointment]) -> dict[int, dict[str, str]]:
    """{appointment: {"business": key, "agent": key}}: the last word of each side that spoke, in one query."""
    told = AppointmentEvent.objects.filter(appointment__in=list(appointments), what="fate", by__in=SIDES)
    words: dict[int, dict[str, str]] = {}
    for appointment, by, detail in told.order_by("pk").values_list("appointment_id", "by", "detail"):
        words.setdefault(appointment, {})[by] = str(detail.get("fate", ""))
    return words


def settle_the_silent(*, at: datetime) -> int:
    """Where the business said nothing until the deadline, the agent's word counts, or else it was held; how many."""
    done = 0
    while batch := _settle_some(at):
        done += batch
    return done


@transaction.atomic
def _settle_some(at: datetime) -> int:
    rows = _silent(at).select_for_update(skip_locked=True, no_key=True, of=("self",))
    due = [one for one in rows.select_related("engagement__mission")[:BATCH] if _deadline(one) <= at - GRACE]
    words = last_words(due)
    for one in due:
        said = FATES[words.get(one.pk, {}).get(By.AGENT, "held")]
        _settle(one, said if said.key != "moved" else FATES["held"], at)
        one.fate_at = one.fate_at or at
        one.save(update_fields=["state", "cancelled_by", "fate_at"])
        record(one, "fate", By.SYSTEM, at, fate=said.key, silence=True)
        if one.state == State.CANCELLED:
            follow(one, at)
    return len(due)


def _silent(at: datetime) -> QuerySet[Appointment]:
    """Past, of which the business has said nothing; the window of its acceptance over, where it has one."""
    past = Appointment.objects.filter(state__in=Appointment.AHEAD, ends_at__lte=at - GRACE)
    over = Q(acceptance=None) | Q(acceptance__deadline_at__lte=at - GRACE)
    return past.filter(over, ends_at__lte=at).order_by("ends_at")


def _deadline(appointment: Appointment) -> datetime:
    return deadline(appointment.engagement, appointment.ends_at)


def _check(appointment: Appointment, at: datetime) -> None:
    if appointment.starts_at > at:
        raise Refused("not_yet", _("Ce rendez-vous n’a pas encore eu lieu : il peut encore être déplacé ou annulé."))
    if appointment.state in (State.CANCELLED, State.MOVED) and not appointment.fate_by_business:
        raise Refused("no_fate", _("Ce rendez-vous n’a pas eu lieu à cette heure : il était annulé ou déplacé avant."))


def _settle(appointment: Appointment, said: Fate, at: datetime) -> None:
    if said.state != appointment.state:
        check_transition(appointment, said.state)
    elif said.by != appointment.cancelled_by and said.state == State.CANCELLED:
        raise Refused("appointment_state", _("Ce rendez-vous est déjà annulé : s’il y a erreur, écrivez-nous."))
    appointment.state, appointment.cancelled_by = said.state, said.by or appointment.cancelled_by


def _put_off(appointment: Appointment, starts_at: datetime | None, user: User | None, at: datetime) -> Appointment:
    if starts_at is None:
        raise Invalid("time_required", _("Dites le jour et l’heure du rendez-vous."), field="starts_at")
    reason = _("Reporté à une autre heure")
    return move(appointment=appointment, starts_at=starts_at, actor=Actor(By.BUSINESS, user), at=at, reason=reason)


def _called_off_by_both(appointment: Appointment, at: datetime) -> None:
    """The business alone cannot take back what was won by saying that the prospect called it off; both can."""
    words = last_words([appointment]).get(appointment.pk, {})
    if appointment.state == State.CANCELLED and words.get(By.BUSINESS) == words.get(By.AGENT):
        follow(appointment, at)


def _locked(appointment: Appointment) -> Appointment:
    rows = Appointment.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("contact", "mission", "agenda", "engagement__mission").get(pk=appointment.pk)

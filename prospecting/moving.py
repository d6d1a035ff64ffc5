"""What becomes of an appointment ahead: confirmed, cancelled or moved, by whom and why; undone with its call."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Invalid, Refused
from marketplace.models import User
from prospecting.accepting import follow
from prospecting.availability import diaries, lock_agendas
from prospecting.booking import By, State, check_transition, place_in, record
from prospecting.models import Appointment, Call


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a side, and the person when they signed in."""

    by: str
    user: User | None = None


PROSPECT = Actor(By.PROSPECT)


@transaction.atomic
def confirm(*, appointment: Appointment, actor: Actor, at: datetime) -> Appointment:
    """The prospect will be there. Saying it twice is the same as saying it once."""
    appointment = _ahead(appointment, at)
    if appointment.state == State.CONFIRMED:
        return appointment
    _become(appointment, State.CONFIRMED)
    record(appointment, "confirmed", actor.by, at, actor.user)
    return appointment


@transaction.atomic
def cancel(*, appointment: Appointment, actor: Actor, at: datetime, reason: str = "") -> Appointment:
    """Calendars that were told are told again. The business says why; the prospect may."""
    appointment = _ahead(appointment, at)
    reason = _reason(reason, actor)
    appointment.cancelled_by = actor.by
    _become(appointment, State.CANCELLED)
    record(appointment, "cancelled", actor.by, at, actor.user, reason=reason)
    follow(appointment, at)
    return appointment


@transaction.atomic
def move(*, appointment: Appointment, starts_at: datetime, actor: Actor, at: datetime, reason: str = "") -> Appointment:
    """Another free slot: a new appointment takes over, the old one names it. Returns the new one.

    One that was cancelled, or missed, is booked again in the same way by the business, and keeps its own state.
    """
    kept = diaries(lock_agendas(appointment.mission), at, leaving=appointment)
    old = _locked(appointment)
    if old.moved_to_id:
        raise Refused("already_moved", _("Ce rendez-vous a déjà été déplacé : ouvrez le nouveau."))
    reason = _reason(reason, actor)
    ahead = old.state in Appointment.AHEAD
    if ahead or actor.by == By.PROSPECT:
        _ahead(appointment, at)
    else:
        _check_again(old)
    if ahead:
        if starts_at == old.starts_at:
            raise Refused("same_hour", _("C’est déjà l’heure de ce rendez-vous."), field="starts_at")
        _become(old, State.MOVED, tell=False)
    new = _copied(old, starts_at, at)
    _agenda, refused = place_in(kept, new, at)
    if refused is not None:
        refused.field = "starts_at"
        raise refused
    Appointment.objects.filter(pk=old.pk).update(moved_to=new)
    what = "moved" if ahead else "booked_again"
    record(old, what, actor.by, at, actor.user, reason=reason, to=starts_at.isoformat())
    record(new, "booked", actor.by, at, actor.user, moved_from=old.starts_at.isoformat())
    follow(new, at)
    return new


def undo_with(call: Call, at: datetime) -> None:
    """The call is undone, and what it booked with it: in silence, unless a calendar was told."""
    for appointment in Appointment.objects.filter(call=call, state__in=Appointment.AHEAD).select_for_update(
        no_key=True
    ):
        appointment.cancelled_by = By.AGENT
        _become(appointment, State.CANCELLED)
        record(appointment, "cancelled", By.AGENT, at, undone=True)


def _ahead(appointment: Appointment, at: datetime) -> Appointment:
    """The appointment, locked; refused when it is over or no longer stands."""
    found = _locked(appointment)
    if found.state not in Appointment.AHEAD:
        said = _("Ce rendez-vous est %(state)s : il n’y a plus rien à y changer.")
        raise Refused("appointment_state", said % {"state": found.get_state_display()}, state=found.state)
    if found.starts_at <= at:
        raise Refused(
            "appointment_begun", _("L’heure de ce rendez-vous est passée : dites plutôt ce qu’il est devenu.")
        )
    return found


def _check_again(old: Appointment) -> None:
    """Booked again, it wins again: never what the agent took back, nor a second one of the same contact."""
    if Call.objects.filter(corrects=old.call_id, void=True).exists():
        raise Refused("call_undone", _("L’appel qui avait pris ce rendez-vous a été annulé : il ne se reprend pas."))
    if Appointment.objects.filter(contact_id=old.contact_id, state__in=Appointment.AHEAD).exists():
        raise Refused("already_ahead", _("Cette fiche a déjà un rendez-vous à venir."))


def _locked(appointment: Appointment) -> Appointment:
    rows = Appointment.objects.select_for_update(no_key=True, of=("self",)).select_related(
        "contact", "mission", "agenda"
    )
    return rows.get(pk=appointment.pk)


def _become(appointment: Appointment, state: str, *, tell: bool = True) -> None:
    """The new state. Calendars already told get one more change to read; those that were not, none."""
    check_transition(appointment, state)
    appointment.state = state
    if appointment.told_sequence >= 0 and state != State.CONFIRMED:
        appointment.sequence += 1
    if not tell or (appointment.told_sequence < 0 and state == State.CANCELLED):
        appointment.told_sequence = appointment.sequence
    appointment.save(update_fields=["state", "sequence", "told_sequence", "cancelled_by"])


def _copied(old: Appointment, starts_at: datetime, at: datetime) -> Appointment:
    """The same appointment at another hour. Calendars know it by the same id, one change later."""
    again = old.state == State.MOVED
    return Appointment(
        organisation_id=old.organisation_id, mission_id=old.mission_id, contact=old.contact, call_id=old.call_id,
        engagement_id=old.engagement_id, kind=old.kind, starts_at=starts_at, minutes=old.minutes, email=old.email,
        ends_at=starts_at + timedelta(minutes=old.minutes), place=old.place, note=old.note, booked_at=at,
        calendar_uid=old.uid if again else None, sequence=old.sequence + 1 if again else 0,
    )  # fmt: skip


def _reason(text: str, actor: Actor) -> str:
    if actor.by == By.BUSINESS and not text.strip():
        raise Invalid("reason_required", _("Dites le motif en quelques mots."), field="reason")
    return text.strip()[:300]

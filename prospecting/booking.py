"""Appointments: a slot with a prospect, booked in the call that won it; what may follow what; its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from config import typography
from config.errors import DecrocheError, Invalid, Refused
from marketplace.models import User
from prospecting.availability import Kept, choose, diaries, lock_agendas, slots_in
from prospecting.models import Agenda, Appointment, AppointmentEvent, Call, Contact
from prospecting.rules.openings import Span, WhyNot, holiday_of
from prospecting.rules.territories import TERRITORIES

State, By = Appointment.State, Appointment.By
FATES = frozenset({State.HELD, State.PROSPECT_ABSENT, State.CLIENT_ABSENT})
# What may follow each state; the database's own trigger holds the same table (migration 0005).
TRANSITIONS: dict[str, frozenset[str]] = {
    State.BOOKED: frozenset({State.CONFIRMED, State.CANCELLED, State.MOVED}) | FATES,
    State.CONFIRMED: frozenset({State.CANCELLED, State.MOVED}) | FATES,
    State.HELD: FATES | {State.CANCELLED, State.MOVED},  # a fate told wrongly is told again
    State.PROSPECT_ABSENT: FATES | {State.CANCELLED, State.MOVED},
    State.CLIENT_ABSENT: FATES | {State.CANCELLED, State.MOVED},
    State.CANCELLED: frozenset(),
    State.MOVED: frozenset(),
}
NEAREST = 3


@dataclass(frozen=True, slots=True)
class Slot:
    """When, how and where. `starts_at` is aware; `minutes` None means the mission's usual length.

    `email` is where the prospect's invitation goes: None means the one of the contact, "" nowhere.
    """

    starts_at: datetime
    kind: str
    place: str = ""
    minutes: int | None = None
    email: str | None = None


@transaction.atomic
def book(*, call: Call, contact: Contact, slot: Slot, at: datetime, late: bool = False) -> Appointment:
    """Book, or say why not with the nearest free slots while the agent is still on the line.

    An outcome that comes in `late` is past asking: what cannot stand is kept as cancelled by the system, to be agreed
    upon again. So is a second one ahead of the same contact: two agents win it when the first one's outcome is late.
    """
    if slot.kind not in Appointment.Kind.values:
        raise Invalid(
            "unknown_kind",
            _("Dites si le rendez-vous est sur place, au téléphone ou en visio."),
            field="appointment.kind",
        )
    kept = diaries(lock_agendas(contact.mission), at)
    made = _drafted(call, contact, slot, at)
    if Appointment.objects.filter(contact=contact, state__in=Appointment.AHEAD).exists():
        return _clashed(made, kept[0].agenda, "already_booked", at)
    agenda, refused = place_in(kept, made, at)
    if refused is None:
        record(made, "booked", By.AGENT, at)
        return made
    if not late:
        raise refused
    return _clashed(made, agenda, refused.code, at)


def place_in(kept: Sequence[Kept], made: Appointment, at: datetime) -> tuple[Agenda, DecrocheError | None]:
    """Insert the appointment into the first free agenda; without one, the agenda that came nearest and the refusal.

    The caller holds the agendas. The database's exclusion constraint has the last word all the same.
    """
    span, territory = (made.starts_at, made.ends_at), made.contact.territory
    chosen, why = choose(kept, span, at, territory)
    made.agenda, made.place = chosen.agenda, made.place or _place(made, chosen.agenda)
    if why is None:
        try:
            with transaction.atomic():
                made.save(force_insert=True)
        except IntegrityError as error:
            why = _judged(error)
    if why is None:
        return chosen.agenda, None
    return chosen.agenda, refusal(why, kept, chosen, span, at, territory)


def _judged(error: IntegrityError) -> WhyNot:
    """What the database's last word means."""
    if "one_appointment_ahead" in str(error):
        raise Refused("already_ahead", _("Cette fiche a déjà un rendez-vous à venir.")) from error
    if "no_double_booking" not in str(error):
        raise error
    return WhyNot.TAKEN


def refusal(why: WhyNot, kept: Sequence[Kept], chosen: Kept, span: Span, at: datetime, territory: str) -> DecrocheError:
    """The sentence that says no, with the nearest free slots on the contact's clock; their instants in `data`."""
    minutes = int((span[1] - span[0]).total_seconds()) // 60
    near = _nearest(kept, minutes, span[0], at, territory)
    zone = TERRITORIES[territory].zone.key
    said = _sentence(why, chosen, span[0], territory)
    if near:
        times = [
            f"{typography.short_day(one, zone)} {_('à')}{typography.NBSP}{typography.clock(one, zone)}" for one in near
        ]
        said = f"{said} {_('Les plus proches : %s.') % ', '.join(times)}"
    kind = Refused if why == WhyNot.TAKEN else Invalid
    return kind(f"slot_{why.name.lower()}", said, field="appointment", nearest=[one.isoformat() for one in near])


def _sentence(why: WhyNot, chosen: Kept, starts_at: datetime, territory: str) -> str:
    agenda = chosen.agenda
    return {
        WhyNot.PAST: _("Cette heure est passée."),
        WhyNot.TOO_SOON: _("C’est trop tôt : l’agenda demande %d h de délai.") % agenda.notice_hours,
        WhyNot.TOO_FAR: _("C’est trop loin : l’agenda s’ouvre %d jours à l’avance.") % agenda.horizon_days,
        WhyNot.HOLIDAY: _("Ce jour est férié (%s).") % (holiday_of(chosen.diary, starts_at, territory) or ""),
        WhyNot.OUTSIDE_HOURS: _("L’agenda n’est pas ouvert à cette heure."),
        WhyNot.TAKEN: _("Ce créneau est pris."),
    }[why]


def _nearest(kept: Sequence[Kept], minutes: int, wanted: datetime, at: datetime, territory: str) -> list[datetime]:
    free = [slot.starts_at for slot in slots_in(kept, minutes, at, territory)]
    return sorted(sorted(free, key=lambda one: abs(one - wanted))[:NEAREST])


def check_transition(appointment: Appointment, to: str) -> None:
    """Raises Refused with a sentence when the state does not allow it."""
    if to not in TRANSITIONS[appointment.state]:
        said = _("Ce rendez-vous est %(state)s : il ne peut plus devenir %(to)s.")
        words = {"state": appointment.get_state_display(), "to": State(to).label}
        raise Refused("appointment_state", said % words, state=appointment.state)


def record(
    appointment: Appointment, what: str, by: str, at: datetime, user: User | None = None, **detail: Any
) -> AppointmentEvent:
    """One line of the history: never changed, never removed."""
    return AppointmentEvent.objects.create(
        appointment=appointment,
        at=at,
        what=what,
        by=by,
        user=user,
        detail={name: value for name, value in detail.items() if value not in ("", None)},
    )


def _drafted(call: Call, contact: Contact, slot: Slot, at: datetime) -> Appointment:
    minutes = slot.minutes or contact.mission.slot_minutes
    return Appointment(
        organisation_id=contact.organisation_id,
        mission_id=contact.mission_id,
        contact=contact,
        engagement_id=call.engagement_id,
        call=call,
        kind=slot.kind,
        starts_at=slot.starts_at,
        ends_at=slot.starts_at + timedelta(minutes=minutes),
        minutes=minutes,
        email=contact.email if slot.email is None else slot.email.strip(),
        place=slot.place.strip(),
        note=call.note,
        state=State.BOOKED,
        booked_at=at,
    )


def _clashed(made: Appointment, agenda: Agenda, why: str, at: datetime) -> Appointment:
    """Kept, so that both sides agree on another hour: the call that won it is never lost."""
    made.agenda, made.state, made.cancelled_by = agenda, State.CANCELLED, By.SYSTEM
    made.save(force_insert=True)
    record(made, "clashed", By.SYSTEM, at, why=why)
    return made


def _place(made: Appointment, agenda: Agenda) -> str:
    if made.kind == Appointment.Kind.VIDEO:
        return agenda.video_link
    if made.kind == Appointment.Kind.PHONE:
        return ""
    contact = made.contact
    return ", ".join(part for part in (contact.address, f"{contact.postal_code} {contact.city}".strip()) if part)

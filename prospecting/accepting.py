"""Acceptance: what a call won, accepted by the business or by its silence, contested for a listed reason, then ruled.

Nothing but a contest that an operator upholds takes away what was won and stands: see docs/acceptance.md.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from config import typography
from config.errors import Invalid, Refused
from marketplace.criteria import ANSWER, YES, Criterion, listed
from marketplace.models import Engagement, User
from prospecting.following import required_questions
from prospecting.models import Acceptance, AcceptanceEvent, Appointment, Call, Contact

State, By, Reason = Acceptance.State, Acceptance.By, Acceptance.Reason
# What may follow each state; the database's own trigger holds the same table. Void becomes pending again only with
# another appointment: one that was called off and agreed upon anew.
TRANSITIONS: dict[str, frozenset[str]] = {
    State.PENDING: frozenset({State.ACCEPTED, State.CONTESTED, State.VOID}),
    State.CONTESTED: frozenset({State.UPHELD, State.REJECTED}),
    State.VOID: frozenset({State.PENDING}),
    State.ACCEPTED: frozenset(),
    State.UPHELD: frozenset(),
    State.REJECTED: frozenset(),
}
STANDING = (State.PENDING, State.ACCEPTED, State.CONTESTED, State.REJECTED)  # won, as far as anybody knows
GRACE = timedelta(minutes=1)  # silence is heard a little after the deadline: who clicked in time comes first
BATCH = 500
LONGEST = 2000


def criteria_of(engagement: Engagement) -> list[Criterion]:
    """The criteria that this agent agreed to; those of the mission for an engagement older than criteria."""
    return listed(engagement.terms.get("criteria", engagement.mission.criteria))


def verdict(engagement: Engagement, answers: dict[str, Any]) -> list[dict[str, Any]]:
    """What the criteria and the required questions say by themselves: met when ticked, met when answered."""
    ticked = [
        _line(
            one["key"], one["label"], answers.get(ANSWER + one["key"], ""), met=answers.get(ANSWER + one["key"]) == YES
        )
        for one in criteria_of(engagement)
    ]
    asked = [
        _line(f"question.{one['key']}", one["label"], said := str(answers.get(one["key"], "")), met=bool(said.strip()))
        for one in required_questions(engagement.mission.script)
    ]
    return ticked + asked


def _line(criterion: str, label: str, answer: str, *, met: bool) -> dict[str, Any]:
    return {"criterion": criterion, "label": label, "met": met, "answer": answer}


def open_acceptance(*, call: Call, contact: Contact, appointment: Appointment | None, at: datetime) -> Acceptance:
    """Opened in the transaction that saves the conversion; the contact is locked by the caller.

    A contact is won once: what a second agent wins of it (an outcome that came in late) is kept, and void.
    """
    again = Acceptance.objects.filter(contact=contact, state__in=STANDING).exists()
    acceptance = Acceptance.objects.create(
        organisation_id=call.organisation_id,
        mission_id=call.mission_id,
        contact=contact,
        engagement=call.engagement,
        call=call,
        appointment=appointment,
        verdict=verdict(call.engagement, call.answers),
        state=State.VOID if again else State.PENDING,
        opened_at=at,
        deadline_at=deadline(call.engagement, appointment.ends_at if appointment else at),
    )
    _record(acceptance, at, "system", detail={"already_won": True} if again else {})
    return acceptance


def deadline(engagement: Engagement, begins: datetime) -> datetime:
    """The midnight that ends the last day to contest, in the mission's zone: so many days after the one it begins."""
    mission = engagement.mission
    days = int(engagement.terms.get("contest_days", mission.contest_days))
    zone = ZoneInfo(mission.time_zone)
    return datetime.combine(begins.astimezone(zone).date() + timedelta(days=days + 1), time(), zone)


def follow(appointment: Appointment, at: datetime) -> None:
    """What was won follows its appointment: to another hour, or away. Call it in the transaction that changes one.

    Called off by the prospect or by the agent before its hour, nothing was won; by anybody else, it still was.
    """
    acceptance = (
        Acceptance.objects.select_for_update(no_key=True, of=("self",)).filter(call=appointment.call_id).first()
    )
    if acceptance is None or acceptance.state not in (State.PENDING, State.VOID):
        return
    if appointment.state in Appointment.AHEAD and appointment.pk != acceptance.appointment_id:
        _become(acceptance, State.PENDING, at, "system", appointment=appointment,
                deadline_at=deadline(appointment.engagement, appointment.ends_at))  # fmt: skip
    elif appointment.state == Appointment.State.CANCELLED and appointment.pk == acceptance.appointment_id:
        _called_off(acceptance, appointment, at)


def _called_off(acceptance: Acceptance, appointment: Appointment, at: datetime) -> None:
    by = appointment.cancelled_by
    if acceptance.state != State.PENDING:
        return
    if by in (Appointment.By.PROSPECT, Appointment.By.AGENT):
        _become(acceptance, State.VOID, at, by)
    else:
        acceptance.deadline_at = min(acceptance.deadline_at, deadline(appointment.engagement, at))
        acceptance.save(update_fields=["deadline_at"])


def void(call: Call, at: datetime) -> None:
    """The call is undone, and what it won with it, unless somebody has decided since. Inside the undo's transaction."""
    acceptance = Acceptance.objects.select_for_update(no_key=True, of=("self",)).filter(call=call).first()
    if acceptance is None or acceptance.state == State.VOID:
        return
    if acceptance.state != State.PENDING:
        raise Refused("already_decided", _("L’entreprise a déjà répondu : cet appel ne s’annule plus."))
    _become(acceptance, State.VOID, at, "agent")


@transaction.atomic
def accept(*, acceptances: Iterable[Acceptance], user: User, at: datetime) -> list[Acceptance]:
    """All of them, or none. Accepting what is accepted changes nothing; what is contested waits for its ruling."""
    locked = _locked([one.pk for one in acceptances])
    for acceptance in locked:
        if acceptance.state != State.ACCEPTED:
            _become(acceptance, State.ACCEPTED, at, By.BUSINESS, user, decided_at=at, decided_by=By.BUSINESS)
    return locked


@transaction.atomic
def contest(*, acceptance: Acceptance, reason: str, text: str, user: User, at: datetime) -> Acceptance:
    """For a reason of the list, with the facts, until the deadline. The same contest sent twice is one."""
    if reason not in Reason.values:
        raise Invalid("unknown_reason", _("Choisissez un motif de la liste : il n’y en a pas d’autre."), field="reason")
    if not (text := text.strip()[:LONGEST]):
        raise Invalid(
            "text_required", _("Dites les faits en une phrase : l’opérateur et l’agent la liront."), field="text"
        )
    [acceptance] = _locked([acceptance.pk])
    if acceptance.state == State.CONTESTED and (acceptance.reason, acceptance.reason_text) == (reason, text):
        return acceptance
    if acceptance.state == State.PENDING and at >= acceptance.deadline_at:
        said = _("Le délai pour contester est passé depuis le %(day)s : c’est accepté.")
        last = typography.weekday(acceptance.deadline_at, acceptance.mission.time_zone)
        raise Refused("window_closed", said % {"day": last}, deadline_at=acceptance.deadline_at.isoformat())
    return _become(
        acceptance, State.CONTESTED, at, By.BUSINESS, user, reason=reason, reason_text=text, contested_at=at,
        contested_by=user,
    )  # fmt: skip


@transaction.atomic
def answer(*, acceptance: Acceptance, text: str, user: User, at: datetime) -> Acceptance:
    """The telemarketer's own account, until the operator has ruled."""
    if not (text := text.strip()[:LONGEST]):
        raise Invalid("text_required", _("Dites ce qui s’est passé, en quelques mots."), field="text")
    [acceptance] = _locked([acceptance.pk])
    if acceptance.state != State.CONTESTED:
        raise Refused("not_contested", _("Il n’y a pas de contestation en cours à laquelle répondre."))
    acceptance.answer_text = text
    acceptance.save(update_fields=["answer_text"])
    _record(acceptance, at, "agent", user, what="answered", detail={"text": text})
    return acceptance


@transaction.atomic
def rule(*, acceptance: Acceptance, uphold: bool, text: str, user: User, at: datetime) -> Acceptance:
    """The operator's word ends it: upheld, nothing is owed; rejected, it stands accepted. Ruling twice alike is one."""
    if not (text := text.strip()[:LONGEST]):
        raise Invalid("text_required", _("Dites pourquoi : les deux parties liront ces mots."), field="text")
    [acceptance] = _locked([acceptance.pk])
    state = State.UPHELD if uphold else State.REJECTED
    if acceptance.state == state and (acceptance.ruled_by_id, acceptance.ruling_text) == (user.pk, text):
        return acceptance
    return _become(
        acceptance, state, at, By.OPERATOR, user, ruling_text=text, ruled_by=user, decided_at=at, decided_by=By.OPERATOR
    )


def accept_the_silent(*, at: datetime) -> int:
    """What nobody answered by its deadline is accepted, in batches; how many. Running it twice changes nothing."""
    done = 0
    while batch := _accept_some(at):
        done += batch
    return done


@transaction.atomic
def _accept_some(at: datetime) -> int:
    silent = Acceptance.objects.filter(state=State.PENDING, deadline_at__lte=at - GRACE).order_by("deadline_at")
    rows = list(silent.select_for_update(skip_locked=True, no_key=True)[:BATCH])
    Acceptance.objects.filter(pk__in=[one.pk for one in rows]).update(
        state=State.ACCEPTED, decided_at=at, decided_by=By.SILENCE
    )
    AcceptanceEvent.objects.bulk_create(
        AcceptanceEvent(acceptance=one, at=at, what=State.ACCEPTED, by=By.SILENCE) for one in rows
    )
    return len(rows)


def _locked(keys: Sequence[int]) -> list[Acceptance]:
    rows: QuerySet[Acceptance] = Acceptance.objects.select_for_update(no_key=True, of=("self",))
    return list(rows.select_related("mission", "engagement").filter(pk__in=keys).order_by("pk"))


def _become(
    acceptance: Acceptance, state: str, at: datetime, by: str, user: User | None = None, **values: Any
) -> Acceptance:
    """The one way to change a state: guarded, written, recorded."""
    moved = state == acceptance.state == State.PENDING and "appointment" in values
    if state not in TRANSITIONS[acceptance.state] and not moved:
        said = _("C’est déjà « %(state)s » : rien n’y change plus de ce côté.")
        raise Refused("already_decided", said % {"state": acceptance.get_state_display()}, state=acceptance.state)
    for name, value in {"state": state, **values}.items():
        setattr(acceptance, name, value)
    acceptance.save(update_fields=["state", *values])
    told: dict[str, Any] = {name: values[name] for name in ("reason", "reason_text", "ruling_text") if name in values}
    _record(acceptance, at, by, user, what="moved" if moved else "", detail=told)
    return acceptance


def _record(
    acceptance: Acceptance,
    at: datetime,
    by: str,
    user: User | None = None,
    *,
    what: str = "",
    detail: dict[str, Any] | None = None,
) -> None:
    AcceptanceEvent.objects.create(
        acceptance=acceptance, at=at, what=what or acceptance.state, by=by, user=user, detail=detail or {}
    )

"""What a call's outcome asks for, and what becomes of the contact after it."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from config import rows
from config.errors import Invalid
from prospecting.facts import decide, facts_of
from prospecting.models import Call, Callback, Contact, Outcome
from prospecting.objecting import OPPOSED
from prospecting.reasons import sentence
from prospecting.rules.calling_rules import may_call
from prospecting.rules.hours import next_working_slot
from prospecting.rules.regimes import regime
from prospecting.rules.retries import retry_at
from prospecting.rules.territories import TERRITORIES

if TYPE_CHECKING:
    from prospecting.calling import Logged

FURTHEST = timedelta(days=400)


def check(contact: Contact, outcome: Outcome, said: "Logged", at: datetime) -> None:
    """Raises Invalid, naming the field, when the outcome misses what it needs."""
    if outcome.reason_required and not said.reason.strip():
        raise Invalid("reason_required", _("Dites le motif en quelques mots."), field="reason")
    if outcome.then == Outcome.Then.CALLBACK:
        _check_time(said.callback_at, at, "callback_at", _("Dites le jour et l’heure du rappel."))
        _check_promise(contact, said.callback_at or at, at)
    if outcome.asks_date and said.reopen_on is None:
        raise Invalid("date_required", _("Dites à quelle date rouvrir la fiche."), field="reopen_on")
    if said.reopen_on and not at.date() <= said.reopen_on < (at + FURTHEST).date():
        raise Invalid("date_out_of_range", _("Cette date est passée, ou trop lointaine."), field="reopen_on")
    if outcome.appointment and said.appointment is None:
        raise Invalid("time_required", _("Dites le jour et l’heure du rendez-vous."), field="appointment")
    if outcome.converted:
        _check_answers(contact, said)


def _check_time(when: datetime | None, at: datetime, field: str, missing: str) -> None:
    if when is None:
        raise Invalid("time_required", missing, field=field)
    if not at < when < at + FURTHEST:
        raise Invalid("time_out_of_range", _("Cette heure est passée, ou trop lointaine."), field=field)


def _check_promise(contact: Contact, due_at: datetime, at: datetime) -> None:
    """A promise that the law will not let anybody keep is not made: the cap on attempts holds for callbacks too."""
    decision = may_call(replace(facts_of(contact, at), agreed_at=due_at), due_at)
    if not decision.allowed:
        raise Invalid("callback_not_allowed", sentence(decision, at), field="callback_at")


def _check_answers(contact: Contact, said: "Logged") -> None:
    for question in required_questions(contact.mission.script):
        if not str(said.answers.get(question["key"], "")).strip():
            raise Invalid(
                "answer_required", _("Réponse exigée : %s.") % question["label"], field=f"answers.{question['key']}"
            )


def required_questions(script: list[dict[str, object]]) -> list[dict[str, str]]:
    questions = [question for block in script for question in block.get("questions", [])]  # type: ignore[attr-defined]
    return [question for question in questions if question.get("required")]


MOVED = ["state", "next_at", "callback_for_id", "blocked_reason", "phone", "phone_raw", "other_phones"]


def move_on(contact: Contact, outcome: Outcome, call: Call, said: "Logged", at: datetime) -> None:
    """The contact's next state. It is locked by the caller, and saved here."""
    contact.next_at, contact.callback_for = None, None
    match outcome.then:
        case Outcome.Then.CALLBACK if said.callback_at:
            _promise(contact, call, said.callback_at)
        case Outcome.Then.RETRY:
            _retry(contact, outcome, said.reopen_on, at)
        case Outcome.Then.NEXT_NUMBER:
            _next_number(contact, at)
        case Outcome.Then.CONVERT:
            contact.state = Contact.State.CONVERTED if call.converted else Contact.State.CLOSED
        case Outcome.Then.OPPOSE:
            contact.state, contact.blocked_reason = Contact.State.BLOCKED, OPPOSED
        case _:
            contact.state = Contact.State.CLOSED
    rows.update(contact, MOVED)


def stay_ended(contact: Contact, before: str) -> None:
    """A contact that was over, and called by itself or was called by hand, does not go back to the queue.

    Only a promise that the person asked for opens it again; never for one that is blocked.
    """
    ended = {Contact.State.CONVERTED, Contact.State.CLOSED, Contact.State.EXHAUSTED}
    if before == Contact.State.BLOCKED or (before in ended and contact.state == Contact.State.RETRY):
        contact.state, contact.next_at, contact.callback_for = Contact.State(before), None, None
        contact.save(update_fields=["state", "next_at", "callback_for"])


def _promise(contact: Contact, call: Call, due_at: datetime) -> None:
    Callback.objects.create(
        organisation_id=contact.organisation_id,
        mission_id=contact.mission_id,
        contact=contact,
        engagement_id=call.engagement_id,
        made_in=call,
        due_at=due_at,
    )
    contact.state, contact.next_at, contact.callback_for = Contact.State.CALLBACK, due_at, call.engagement


def _retry(contact: Contact, outcome: Outcome, reopen_on: date | None, at: datetime) -> None:
    """Another half-day, a date, or never: the cap on tries makes the contact unreachable (« injoignable »)."""
    rules = regime(contact.mission.regime, at)
    if outcome.attempt and contact.attempts >= contact.mission.max_attempts:
        contact.state = Contact.State.EXHAUSTED
        return
    if reopen_on is not None:
        zone = TERRITORIES[contact.territory].zone
        wanted = next_working_slot(contact.territory, rules, datetime.combine(reopen_on, time(), zone))
    else:
        wanted = (
            retry_at(outcome.code, at, contact.territory, rules) or retry_at("NRP", at, contact.territory, rules) or at
        )
    contact.state, contact.next_at = Contact.State.RETRY, max(wanted, decide(contact, at).next_at or wanted)


def _next_number(contact: Contact, at: datetime) -> None:
    """A wrong number: on to the contact's next one, unless another contact of the mission already has it."""
    while contact.other_phones:
        phone = contact.other_phones.pop(0)
        if not Contact.objects.filter(mission_id=contact.mission_id, phone=phone).exists():
            contact.phone = contact.phone_raw = phone
            contact.state, contact.next_at = Contact.State.RETRY, at
            return
    contact.state = Contact.State.CLOSED

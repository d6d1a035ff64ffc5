"""One acceptance with all its evidence on one page: what was asked, said, ticked, dialled, and what each side tells."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from marketplace.criteria import ANSWER
from prospecting.fate import FATES, last_words
from prospecting.models import Acceptance, AcceptanceEvent, Appointment, AppointmentEvent, Claim, Outcome, Recording

READ = ("contact", "mission__organisation", "engagement__telemarketer", "call__dial", "call__recording", "appointment",
        "contested_by", "ruled_by")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the history: when, by whom, what, and the words that go with it."""

    at: datetime
    by: str
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Dossier:
    """`fates` are the words of each side: (who, what). `met` of `verdict` counts the criteria that are filled."""

    acceptance: Acceptance
    outcome: str
    met: int
    others: list[tuple[str, str]]
    fates: list[tuple[str, str]]
    disagree: bool
    dealt: str
    rule_version: str
    recording: Recording | None
    past: list[Line]

    @property
    def title(self) -> str:
        contact = self.acceptance.contact
        return contact.company or f"{contact.first_name} {contact.last_name}".strip() or _("Fiche sans nom")

    @property
    def person(self) -> str:
        contact = self.acceptance.contact
        return f"{contact.first_name} {contact.last_name}".strip() if contact.company else ""


def with_evidence(rows: QuerySet[Acceptance]) -> QuerySet[Acceptance]:
    return rows.select_related(*READ)


def dossier(acceptance: Acceptance) -> Dossier:
    """In four queries, for an acceptance read by `with_evidence`."""
    call, appointment = acceptance.call, acceptance.appointment
    words = last_words([appointment])[appointment.pk] if appointment and appointment.fate_at else {}
    fates = [(_who(by), str(FATES[said].label)) for by, said in words.items() if said in FATES]
    outcome = Outcome.objects.for_mission(acceptance.mission).filter(code=call.outcome).first()
    dealt = call.dial.dealt if call.dial else ""
    return Dossier(
        acceptance=acceptance,
        outcome=outcome.label if outcome else call.outcome,
        met=sum(bool(one.get("met")) for one in acceptance.verdict),
        others=_others(acceptance),
        fates=fates,
        disagree=len(set(words.values())) > 1,
        dealt=str(Claim.Dealt(dealt).label) if dealt in Claim.Dealt.values else "",
        rule_version=call.dial.rule_version if call.dial else "",
        recording=getattr(call, "recording", None),
        past=sorted([*_of_acceptance(acceptance), *_of_appointments(acceptance)], key=lambda line: line.at),
    )


def _others(acceptance: Acceptance) -> list[tuple[str, str]]:
    """The answers that no criterion speaks of, under the words of their question."""
    told = {one["criterion"] for one in acceptance.verdict}
    asked = [question for block in acceptance.mission.script for question in block.get("questions", [])]
    labels = {question["key"]: question["label"] for question in asked}
    answers: dict[str, Any] = acceptance.call.answers
    return [
        (str(labels.get(key, key)), str(value))
        for key, value in answers.items()
        if value and not key.startswith(ANSWER) and f"question.{key}" not in told
    ]


def _of_acceptance(acceptance: Acceptance) -> Iterable[Line]:
    events = AcceptanceEvent.objects.filter(acceptance=acceptance).select_related("user").order_by("pk")
    words = {
        "pending": _("gagné, à accepter"),
        "accepted": _("accepté"),
        "contested": _("contesté"),
        "upheld": _("contestation retenue"),
        "rejected": _("contestation rejetée"),
        "void": _("annulé"),
        "answered": _("a répondu"),
        "moved": _("suit le rendez-vous déplacé"),
    }
    for event in events:
        by = _("l’opérateur") if event.by == "operator" else str(event.user) if event.user else _who(event.by)
        said = event.detail.get("ruling_text") or event.detail.get("reason_text") or event.detail.get("text", "")
        yield Line(event.at, by, words.get(event.what, event.what), str(said))


def _of_appointments(acceptance: Acceptance) -> Iterable[Line]:
    events = AppointmentEvent.objects.filter(appointment__call=acceptance.call_id).select_related("user")
    words = {
        "booked": _("rendez-vous pris"),
        "clashed": _("créneau déjà pris : à replacer"),
        "invited": _("invitation envoyée"),
        "reminded": _("rappel envoyé"),
        "confirmed": _("rendez-vous confirmé"),
        "moved": _("rendez-vous déplacé"),
        "booked_again": _("rendez-vous repris"),
        "cancelled": _("rendez-vous annulé"),
        "fate_asked": _("la question « a-t-il eu lieu ? » est partie"),
    }
    for event in events.order_by("pk"):
        by = str(event.user) if event.user else _who(event.by)
        if event.what == "fate":
            said = FATES.get(str(event.detail.get("fate")))
            silence = _("sans réponse de l’entreprise") if event.detail.get("silence") else ""
            yield Line(event.at, by, str(said.label) if said else "", silence)
        else:
            yield Line(event.at, by, words.get(event.what, event.what), str(event.detail.get("reason", "")))


def _who(by: str) -> str:
    names = {"silence": _("le délai passé"), "system": _("Décroche"), "operator": _("l’opérateur")}
    return names.get(by) or str(dict(Appointment.By.choices).get(by, by))

"""From a proposal to an engagement: apply, withdraw, shortlist, decline, accept."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Invalid, Refused
from marketplace.models import Application, Engagement, Mission, Telemarketer

State = Application.State


@transaction.atomic
def apply(*, mission: Mission, telemarketer: Telemarketer, message: str, asked_cents: int, at: datetime) -> Application:
    """A proposal at the telemarketer's own price. One open proposal per mission: a second is refused."""
    mission = _locked(mission)
    if mission.state not in Mission.OPEN:
        raise Refused("mission_not_open", _("Cette mission ne prend pas de candidature en ce moment."))
    if asked_cents <= 0:
        raise Invalid("asked_cents", _("Dites votre tarif, supérieur à zéro."), field="asked_cents")
    if mission.applications.filter(telemarketer=telemarketer, state__in=[*Application.OPEN, State.ACCEPTED]).exists():
        raise Refused("already_applied", _("Vous avez déjà postulé à cette mission."))
    return Application.objects.create(
        mission=mission, telemarketer=telemarketer, message=message.strip(), asked_cents=asked_cents, submitted_at=at
    )


@transaction.atomic
def withdraw(*, application: Application, at: datetime) -> Application:
    """The telemarketer's own change of mind, until it is decided."""
    return _decide(application, State.WITHDRAWN, at)


@transaction.atomic
def shortlist(*, application: Application, at: datetime) -> Application:
    """Kept in sight; nothing is promised."""
    application = _locked_application(application)
    if application.state != State.SHORTLISTED:
        _must_be_open(application)
        application.state = State.SHORTLISTED
        application.save(update_fields=["state"])
    return application


@transaction.atomic
def decline(*, application: Application, reason: str = "", at: datetime) -> Application:
    return _decide(application, State.DECLINED, at, decline_reason=reason.strip()[:300])


@transaction.atomic
def accept(*, application: Application, at: datetime) -> Engagement:
    """The engagement, at the price asked, its terms frozen. Two accepted for the last seat: one wins.

    Accepting what is accepted gives its engagement back.
    """
    mission = _locked(application.mission)
    application = _locked_application(application)
    if application.state == State.ACCEPTED:
        return Engagement.objects.get(application=application)
    _must_be_open(application)
    if mission.state not in Mission.OPEN and mission.state != Mission.State.PAUSED:
        raise Refused("mission_not_open", _("Cette mission n’est pas ouverte : publiez-la d’abord."))
    if seats_left(mission) < 1:
        raise Refused("no_seat", _("Toutes les places sont prises : ajoutez-en une, ou terminez un engagement."))
    application.state, application.decided_at = State.ACCEPTED, at
    application.save(update_fields=["state", "decided_at"])
    return Engagement.objects.create(
        organisation_id=mission.organisation_id,
        mission=mission,
        telemarketer=application.telemarketer,
        application=application,
        label=application.telemarketer.display_name,
        pay_cents=application.asked_cents,
        currency=mission.currency,
        terms=_terms(mission, application),
        started_at=at,
    )


def seats_left(mission: Mission) -> int:
    taken = mission.engagements.exclude(state=Engagement.State.ENDED).count()
    return max(mission.seats - taken, 0)


def _terms(mission: Mission, application: Application) -> dict[str, Any]:
    """What was agreed, as it was then: a mission edited later changes no engagement."""
    copied = (
        "title", "objective", "window_days", "regime", "max_attempts", "criteria", "slot_minutes", "contest_days",
        "currency",
    )  # fmt: skip
    return {name: getattr(mission, name) for name in copied} | {"pay_cents": application.asked_cents}


def _decide(application: Application, state: str, at: datetime, **more: Any) -> Application:
    application = _locked_application(application)
    if application.state == state:
        return application
    _must_be_open(application)
    for name, value in {"state": state, "decided_at": at, **more}.items():
        setattr(application, name, value)
    application.save(update_fields=["state", "decided_at", *more])
    return application


def _must_be_open(application: Application) -> None:
    if application.state not in Application.OPEN:
        raise Refused(
            "already_decided",
            _("Cette candidature est déjà « %(state)s ».") % {"state": application.get_state_display()},
            state=application.state,
        )


def _locked(mission: Mission) -> Mission:
    """The mission's row is the lock of its seats."""
    return Mission.objects.select_for_update().get(pk=mission.pk)


def _locked_application(application: Application) -> Application:
    rows = Application.objects.select_for_update(of=("self",)).select_related("telemarketer", "mission")
    return rows.get(pk=application.pk)

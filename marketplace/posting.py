"""Posting a mission and leading it through its states: draft → published → running ⇄ paused → closed."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import phonenumbers
from django.db import transaction
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.errors import Invalid, Refused
from marketplace import criteria
from marketplace.models import Application, Engagement, Mission, Organisation
from marketplace.models.missions import Objective, window_days
from marketplace.script import PROPOSED, announces_recording, missing_mentions, plain

State = Mission.State
OPEN_REGIMES = ("FR_B2B", "FR_B2C")
CONSUMERS = "FR_B2C"
CONSUMERS_ATTEMPTS = 4  # calls to one number in 30 days (decree 2022-1313); prospecting.rules holds every dial to it
HOME = re.compile(r"\+(33[1-79]|262|590|594|596|508)")  # numbers of France, 08 left out: it is not a caller's
# Forbidden on the phone even with consent (Consumer Code L.223-1 and the CPF law): never posted under any regime.
FORBIDDEN = re.compile(
    r"renovation energetique|economies d.?energie|isolation (thermique|des combles)|pompes? a chaleur|"
    r"photovolta|panneaux? solaires?|energies? renouvelables?|adaptation du logement|"
    r"\bcpf\b|compte personnel de formation"
)
WRITABLE = [
    "title",
    "summary",
    "sector",
    "objective",
    "target",
    "window_days",
    "regime",
    "max_attempts",
    "time_zone",
    "script",
    "criteria",
    "slot_minutes",
    "contest_days",
    "recording_allowed",
    "pay_cents",
    "seats",
    "caller_number",
    "starts_on",
    "ends_on",
]
SPELT_OUT = str.maketrans({"œ": "oe", "æ": "ae", "’": "-", "'": "-"})  # what slugify would swallow
FORM = "nouvelle"  # missions/nouvelle/ is where one is posted
FROZEN_ONCE_RUNNING = ("objective", "window_days", "regime")  # rates and engagements rest on them


@dataclass(frozen=True)
class Reason:
    """Why a mission cannot be published yet, and the field that mends it."""

    code: str
    sentence: str | Promise
    field: str


@transaction.atomic
def create_mission(*, organisation: Organisation, title: str, **fields: Any) -> Mission:
    """A draft, with the proposed script and the window of its objective unless others are given."""
    _check_form({"title": title, **fields})
    fields.setdefault("script", [dict(block) for block in PROPOSED])
    fields.setdefault("window_days", window_days(fields.get("objective", Objective.APPOINTMENT)))
    return Mission.objects.create(
        organisation=organisation, title=title.strip(), slug=_free_slug(title), **_clean(fields)
    )


@transaction.atomic
def update_mission(*, mission: Mission, **fields: Any) -> Mission:
    """Changes what is still open to change; once published, what the law asks for cannot be taken away again."""
    mission = _locked(mission)
    if mission.state == State.CLOSED:
        raise Refused("mission_closed", _("Cette mission est close : elle ne se modifie plus."))
    _check_form(fields)
    for name, value in _clean(fields).items():
        if name in FROZEN_ONCE_RUNNING and mission.state != State.DRAFT and getattr(mission, name) != value:
            raise Refused("frozen", _("Une fois la mission publiée, ceci ne change plus."), field=name)
        setattr(mission, name, value)
    if mission.state != State.DRAFT:
        _check_law(mission)
    mission.save(update_fields=[name for name in WRITABLE if name in fields])
    return mission


def reasons_against(mission: Mission) -> list[Reason]:
    """Everything that keeps a mission from being published, the law first; empty when it may."""
    mentions = missing_mentions(mission.script, mission.organisation.name)
    reasons = [Reason(code, sentence, "script") for code, sentence in mentions]
    checks: tuple[tuple[str, bool, str | Promise], ...] = (
        ("sector", not FORBIDDEN.search(plain(f"{mission.sector} {mission.title} {mission.summary}")), _FORBIDDEN),
        ("regime", mission.regime in OPEN_REGIMES, _REGIME),
        ("caller_number", bool(mission.caller_number), _NUMBER),
        ("pay_cents", mission.pay_cents > 0, _PAY),
        ("recording_allowed", not mission.recording_allowed or announces_recording(mission.script), _RECORDING),
    )
    if mission.regime == CONSUMERS:
        checks += (
            ("caller_number", _is_french(mission.caller_number), _FRENCH),
            ("max_attempts", mission.max_attempts <= CONSUMERS_ATTEMPTS, _ATTEMPTS),
        )
    return reasons + [Reason(f"{field}_refused", sentence, field) for field, good, sentence in checks if not good]


@transaction.atomic
def publish(*, mission: Mission, at: datetime) -> Mission:
    """On the market, if the law lets it; publishing what is published changes nothing."""
    mission = _locked(mission)
    if mission.state == State.PUBLISHED:
        return mission
    _must_be(mission, State.DRAFT)
    _check_law(mission)
    return _move(mission, State.PUBLISHED, published_at=at)


@transaction.atomic
def start(*, mission: Mission, at: datetime) -> Mission:
    """Calls may be made from now on: the first time, or after a pause."""
    mission = _locked(mission)
    if mission.state == State.RUNNING:
        return mission
    _must_be(mission, State.PUBLISHED, State.PAUSED)
    return _move(mission, State.RUNNING)


@transaction.atomic
def pause(*, mission: Mission, at: datetime) -> Mission:
    """No call leaves any more until it starts again; engagements and files stay as they are."""
    mission = _locked(mission)
    if mission.state == State.PAUSED:
        return mission
    _must_be(mission, State.RUNNING)
    return _move(mission, State.PAUSED)


@transaction.atomic
def close(*, mission: Mission, at: datetime) -> Mission:
    """For good: engagements end at that moment, applications still open are declined."""
    mission = _locked(mission)
    if mission.state == State.CLOSED:
        return mission
    Engagement.objects.filter(mission=mission).exclude(state=Engagement.State.ENDED).update(
        state=Engagement.State.ENDED, ended_at=at
    )
    Application.objects.filter(mission=mission, state__in=Application.OPEN).update(
        state=Application.State.DECLINED, decline_reason=_("La mission est close."), decided_at=at
    )
    return _move(mission, State.CLOSED, closed_at=at)


VERBS = {"publish": publish, "start": start, "pause": pause, "close": close}


def verbs_open_to(mission: Mission) -> list[str]:
    """The state changes that make sense now, the likeliest first."""
    return {
        State.DRAFT: ["publish"],
        State.PUBLISHED: ["start", "close"],
        State.RUNNING: ["pause", "close"],
        State.PAUSED: ["start", "close"],
        State.CLOSED: [],
    }[State(mission.state)]


def caller_number(text: str) -> str:
    """The number shown to those called, as E.164; French unless it says otherwise."""
    try:
        parsed = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise Invalid(
            "caller_number", _("Ce numéro n’en est pas un : écrivez-le comme 01 99 00 12 34."), field="caller_number"
        )
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


_FORBIDDEN = gettext_lazy(
    "Ce secteur ne se démarche pas par téléphone, même avec accord : énergie, adaptation du logement, CPF."
)
_REGIME = gettext_lazy("Ce régime d’appel n’est pas encore ouvert.")
_NUMBER = gettext_lazy("Indiquez le numéro que verront les personnes appelées : il ne peut pas être masqué.")
_RECORDING = gettext_lazy("L’appel peut être enregistré : le script doit le dire d’abord, avec le droit de refuser.")
_PAY = gettext_lazy("Dites ce que vous payez par conversion acceptée.")
_FRENCH = gettext_lazy("Pour appeler des particuliers, présentez un numéro français attribué à votre entreprise.")
_ATTEMPTS = gettext_lazy("Un particulier ne s’appelle pas plus de quatre fois en trente jours.")


def _is_french(number: str) -> bool:
    return not number or bool(HOME.match(number))


def _check_form(fields: dict[str, Any]) -> None:
    if "title" in fields and not fields["title"].strip():
        raise Invalid("required", _("Donnez un titre à la mission."), field="title")
    starts, ends = fields.get("starts_on"), fields.get("ends_on")
    if starts and ends and ends < starts:
        raise Invalid("dates", _("La fin est avant le début."), field="ends_on")


def _clean(fields: dict[str, Any]) -> dict[str, Any]:
    known = {name: value for name, value in fields.items() if name in WRITABLE}
    if known.get("caller_number"):
        known["caller_number"] = caller_number(known["caller_number"])
    if "criteria" in known:
        known["criteria"] = criteria.listed(known["criteria"])
    return known


def _check_law(mission: Mission) -> None:
    reasons = reasons_against(mission)
    if reasons:
        raise Refused(
            reasons[0].code,
            " ".join(str(reason.sentence) for reason in reasons),
            field=reasons[0].field,
            reasons=[{"code": one.code, "field": one.field, "sentence": str(one.sentence)} for one in reasons],
        )


def _locked(mission: Mission) -> Mission:
    return Mission.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=mission.pk)


def _must_be(mission: Mission, *states: str) -> None:
    if mission.state not in states:
        raise Refused(
            "wrong_state",
            _("Cette mission est « %(state)s » : ceci n’est pas possible maintenant.")
            % {"state": mission.get_state_display()},
            state=mission.state,
        )


def _move(mission: Mission, state: str, **more: Any) -> Mission:
    for name, value in {"state": state, **more}.items():
        setattr(mission, name, value)
    mission.save(update_fields=["state", *more])
    return mission


def _free_slug(title: str) -> str:
    """`receptions-2027`, or `receptions-2027-2` when it is taken; « Vœux » is voeux."""
    base = slugify(title.casefold().translate(SPELT_OUT))[:70] or "mission"
    taken = {FORM, *Mission.objects.filter(slug__startswith=base).values_list("slug", flat=True)}
    return next(slug for n in range(1, 10_000) if (slug := base if n == 1 else f"{base}-{n}") not in taken)

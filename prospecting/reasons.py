"""The calling rules in words: why a contact may not be called now, when it may, and when it comes back."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.typography import NBSP, clock, locale, short_day
from prospecting.rules.calling_rules import Decision, Reason
from prospecting.rules.territories import PARIS

PLAIN = ("code", "version")


def sentence(decision: Decision, at: datetime) -> str:
    """« Hors des heures d’appel (9 h–12 h 30, 13 h 30–18 h 30) ; prochain créneau lundi à 9 h ». Empty when allowed."""
    said = [words(reason) for reason in decision.reasons]
    if said and decision.next_at:
        said.append(_("prochain créneau %(when)s") % {"when": when(decision.next_at, at)})
    text = f"{NBSP}; ".join(said)
    return text[:1].upper() + text[1:]


def stored(evidence: dict[str, Any], at: datetime) -> str:
    """The same sentence, of a decision that was kept as evidence."""
    reasons = tuple(
        Reason(kept["code"], kept["version"], {name: _read(name, kept[name]) for name in kept if name not in PLAIN})
        for kept in evidence.get("reasons", ())
    )
    next_at = evidence.get("next_at") and datetime.fromisoformat(evidence["next_at"])
    return sentence(Decision(False, reasons, next_at, None, evidence.get("rule_version", "")), at)


def _read(name: str, value: Any) -> Any:
    return [[time.fromisoformat(edge) for edge in window] for window in value] if name == "windows" else value


def words(reason: Reason) -> str:
    """One rule, as a clause that begins without a capital."""
    return _clause(reason.code, dict(reason.data))


def _clause(code: str, data: dict[str, Any]) -> str:
    if code == "cap":
        return _("%(attempts)d essais en %(days)d jours, le maximum pour un numéro") % data
    if code == "gap":
        return _("moins de %(gap)s depuis le dernier essai") % {"gap": _span(data["hours"])}
    if code == "cool_off":
        return _("refus il y a moins de %(days)d jours") % data
    if code == "holiday":
        return _("jour férié (%(name)s)") % data
    if code == "outside_window":
        return _("hors des heures d’appel (%(windows)s)") % {"windows": hours(data["windows"])}
    return {
        "no_number": _("cette fiche n’a pas de numéro"),
        "opposed": _("ce numéro a demandé à ne plus être appelé, c’est définitif"),
        "no_basis": _("aucune base légale en cours (consentement, contrat ou rappel demandé)"),
        "unreviewed": _("peut-être un particulier : il faut un accord, ou que l’entreprise vérifie la fiche"),
        "weekend": _("on n’appelle ni le samedi ni le dimanche"),
    }[code]


def when(then: datetime, at: datetime) -> str:
    """An instant seen from another, on the contact's clock: `à 13 h 30`, `demain à 9 h`, `lundi à 9 h`."""
    zone = _zone(then)
    days = (then.astimezone(zone).date() - at.astimezone(zone).date()).days
    hour = _("à %(clock)s") % {"clock": clock(then, zone.key)}
    if days == 0:
        said = hour
    elif days == 1:
        said = _("demain %(hour)s") % {"hour": hour}
    else:
        said = f"{day_name(then, zone) if days < 7 else short_day(then, zone.key)} {hour}"
    return said if _same_clock(then, zone) else _("%(when)s (heure locale)") % {"when": said}


def half_day(then: datetime, at: datetime) -> str:
    """The same as one says it on the phone: `dans 15 min`, `cet après-midi`, `demain matin`, `mer. 2 déc.`"""
    zone = _zone(then)
    wait, days = then - at, (then.astimezone(zone).date() - at.astimezone(zone).date()).days
    if wait < timedelta(hours=1):
        minutes = round(wait.total_seconds() / 60)
        return ngettext("dans %(n)d min", "dans %(n)d min", minutes) % {"n": minutes}
    morning = then.astimezone(zone).hour < 13
    if days == 0:
        return _("ce matin") if morning else _("cet après-midi")
    if days == 1:
        return _("demain matin") if morning else _("demain après-midi")
    if days >= 7:
        return short_day(then, zone.key)
    day = day_name(then, zone)
    return (_("%(day)s matin") if morning else _("%(day)s après-midi")) % {"day": day}


def near(then: datetime, at: datetime, zone_name: str) -> str:
    """A moment of an agenda, seen from now: `15 h 00` today, `demain 9 h 00`, `lundi 9 h 00`, `mer. 2 déc. 10 h 00`."""
    zone = ZoneInfo(zone_name)
    days, hour = (then.astimezone(zone).date() - at.astimezone(zone).date()).days, clock(then, zone_name)
    if days == 0:
        return hour
    if days == 1:
        return _("demain %(hour)s") % {"hour": hour}
    return f"{day_name(then, zone) if 1 < days < 7 else short_day(then, zone_name)} {hour}"


def day_name(then: datetime, zone: ZoneInfo) -> str:
    return format_date(then.astimezone(zone).date(), "EEEE", locale=locale())


def _zone(then: datetime) -> ZoneInfo:
    return then.tzinfo if isinstance(then.tzinfo, ZoneInfo) else PARIS


def _same_clock(then: datetime, zone: ZoneInfo) -> bool:
    return then.astimezone(zone).utcoffset() == then.astimezone(PARIS).utcoffset()


def _span(hours: float) -> str:
    return f"{round(hours * 60)}{NBSP}min" if hours < 1 else f"{round(hours)}{NBSP}h"


def hours(windows: list[Any]) -> str:
    """[(opens, closes)] of a day: `9 h–12 h 30, 13 h 30–18 h 30`."""
    day = datetime(2000, 1, 3, tzinfo=PARIS)
    edges = [[_short(datetime.combine(day, edge, PARIS)) for edge in window] for window in windows]
    return ", ".join(f"{opens}–{closes}" for opens, closes in edges)


def _short(at: datetime) -> str:
    return clock(at, PARIS.key).removesuffix(f"{NBSP}00")

""" "Why?", drawn: where the contacts stand in words, when the next ones return, the rest of the day as bars."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.typography import NBSP, clock, whole
from marketplace.models import Mission
from prospecting.explaining import STANDINGS, Hour, Place, QueueState, Return
from prospecting.reasons import near

PLACES_SHOWN = 3
TALL = 56  # of the forecast's highest bar, in pixels
FEW = 8  # the highest bar stands for that many at the least: one contact is no tower


@dataclass(frozen=True, slots=True)
class Standing:
    """One line of "why?": how many contacts, where they stand, and what that means."""

    contacts: int
    name: str
    note: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour of the forecast. x and width in percent, y and tall in pixels; every other `tick` may be empty."""

    x: str
    middle: str
    width: str
    y: int
    tall: int
    contacts: int
    tick: str
    says: str


def why_nothing(state: QueueState, mission: Mission, at: datetime) -> tuple[str, str]:
    """ "Why is my queue empty?": what stands in the way, and when it ends."""
    if state.total == 0:
        return _("Aucune fiche dans cette mission."), _("L’entreprise n’a pas encore déposé de fichier à appeler.")
    if state.places:
        opens = near(state.places[0].opens_at, at, mission.time_zone)
        return _("Hors des heures d’appel."), _("Les appels reprennent %(when)s.") % {"when": opens}
    if state.next_at:
        returns = near(state.next_at, at, mission.time_zone)
        return _("Aucune fiche à appeler maintenant."), _("La prochaine revient %(when)s.") % {"when": returns}
    if state.in_hand:
        return _("Aucune fiche à appeler maintenant."), _("Les dernières sont en main chez vos collègues.")
    if state.resting or state.reserved or state.filtered:
        return _("Aucune fiche à appeler maintenant."), _("Celles qui restent ne sont pas dans votre file : voyez où.")
    return _("Toutes les fiches ont été appelées."), _("Il ne reste rien à faire dans cette mission. Merci !")


def standings(state: QueueState, mission: Mission, at: datetime) -> list[Standing]:
    """Every place where contacts stand, what is ready left out; with it they sum to the total."""
    said = _said(state, mission, at)
    counts = ((name, getattr(state, name)) for name in STANDINGS if name != "ready")
    return [Standing(number, *said[name]) for name, number in counts if number]


def _said(state: QueueState, mission: Mission, at: datetime) -> dict[str, tuple[str, str]]:
    return {
        "cooling": (_("à retenter plus tard"), _next_retry(state, mission, at)),
        "capped": (_("plafond d’essais atteint"), _("le numéro a eu ses essais du mois, toutes missions comprises")),
        "cool_off": (_("refus récent"), _("le numéro a refusé ailleurs il y a peu")),
        "promised": (_("rappels promis"), _("chacun à son heure, par qui l’a promis d’abord")),
        "outside_hours": (_("hors des heures d’appel"), _places(state, mission, at)),
        "reserved": (_("réservées"), _("dans la part d’un collègue")),
        "filtered": (_("hors du filtre"), _("la mission ne les retient pas")),
        "resting": (_("fichier au repos"), _("son poids est 0")),
        "skipped": (_("passées par vous"), _("vos collègues peuvent les appeler")),
        "without_phone": (_("sans numéro"), _("rien à composer")),
        "in_hand": (_("en main"), _("chez vous ou chez un collègue")),
        "blocked": (_("bloquées"), _blocked(state.blocked_by)),
        "exhausted": (_("injoignables"), _("%(n)d essais sans réponse") % {"n": mission.max_attempts}),
        "closed": (_("terminées"), _("appelées, sans suite")),
        "converted": (_("gagnées"), _("objectif atteint")),
    }  # fmt: skip


def _next_retry(state: QueueState, mission: Mission, at: datetime) -> str:
    retry = next((one for one in state.returns if one.what == "retry"), None)
    return _("la prochaine : %(when)s") % {"when": near(retry.at, at, mission.time_zone)} if retry else ""


def _places(state: QueueState, mission: Mission, at: datetime) -> str:
    return f"{NBSP}; ".join(_place(place, mission, at) for place in state.places[:PLACES_SHOWN])


def _place(place: Place, mission: Mission, at: datetime) -> str:
    said = {
        "place": territory(place.territory),
        "n": whole(place.contacts),
        "when": near(place.opens_at, at, mission.time_zone),
    }
    return _("%(place)s : %(n)s, %(when)s") % said


def territory(code: str) -> str:
    return {
        "FR": _("métropole"),
        "FR?": _("lieu inconnu"),
        "FR-ALM": _("Alsace-Moselle"),
        "FR-GP": _("Guadeloupe"),
        "FR-MQ": _("Martinique"),
        "FR-GF": _("Guyane"),
        "FR-RE": _("La Réunion"),
        "FR-YT": _("Mayotte"),
        "FR-BL": _("Saint-Barthélemy"),
        "FR-MF": _("Saint-Martin"),
        "FR-PM": _("Saint-Pierre-et-Miquelon"),
    }.get(code, code)


def _blocked(by: dict[str, int]) -> str:
    words = {
        "opposed": _("oppositions"),
        "do_not_call": _("à ne pas appeler selon un fichier"),
        "no_basis": _("sans base légale"),
        "unreviewed": _("à vérifier : particulier ?"),
        "no_number": _("sans numéro"),
    }
    counts: dict[str, int] = {}
    for code, number in by.items():
        name = words.get(code, _("autre raison"))
        counts[name] = counts.get(name, 0) + number
    return ", ".join(f"{whole(number)} {name}" for name, number in counts.items())


def returns(state: QueueState, mission: Mission, at: datetime) -> list[tuple[str, str]]:
    """The next instants at which contacts come back: (when, what)."""
    return [(near(one.at, at, mission.time_zone), _what(one)) for one in state.returns]


def _what(one: Return) -> str:
    said = {
        "retry": ngettext("%(n)s fiche à retenter", "%(n)s fiches à retenter", one.contacts),
        "callback": ngettext("%(n)s rappel promis", "%(n)s rappels promis", one.contacts),
        "opening": ngettext("%(n)s fiche dont l’heure s’ouvre", "%(n)s fiches dont l’heure s’ouvre", one.contacts),
    }
    return said[one.what] % {"n": whole(one.contacts)}


def bars(hours: list[Hour], zone: str) -> list[Bar]:
    """The forecast drawn; nothing when nothing comes."""
    most = max((hour.contacts for hour in hours), default=0)
    return list(_bars(hours, zone, max(most, FEW))) if most else []


def _bars(hours: list[Hour], zone: str, most: int) -> Iterator[Bar]:
    step = 100 / len(hours)
    for number, hour in enumerate(hours):
        tall = max(round(TALL * hour.contacts / most), 2) if hour.contacts else 0
        label = clock(hour.starts_at, zone)
        yield Bar(
            x=f"{(number + 0.14) * step:.2f}%",
            middle=f"{(number + 0.5) * step:.2f}%",
            width=f"{0.72 * step:.2f}%",
            y=16 + TALL - tall,
            tall=tall,
            contacts=hour.contacts,
            tick=f"{hour.starts_at.hour}{NBSP}h" if len(hours) <= 10 or number % 2 == 0 else "",
            says=_("%(hour)s : %(retry)s à retenter, %(callback)s rappels, %(opening)s dont l’heure s’ouvre")
            % {
                "hour": label,
                "retry": whole(hour.retry),
                "callback": whole(hour.callback),
                "opening": whole(hour.opening),
            },
        )

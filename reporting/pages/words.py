"""What the wanted action is called, on pages that count it."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.typography import whole
from marketplace.models import Mission
from marketplace.models.missions import Objective


def conversions(mission: Mission, number: int) -> str:
    """« 38 rendez-vous », « 1 vente »."""
    counted = {
        Objective.APPOINTMENT: ngettext("%(n)s rendez-vous", "%(n)s rendez-vous", number),
        Objective.QUALIFIED_LEAD: ngettext("%(n)s lead qualifié", "%(n)s leads qualifiés", number),
        Objective.SALE: ngettext("%(n)s vente", "%(n)s ventes", number),
        Objective.PURCHASE: ngettext("%(n)s achat", "%(n)s achats", number),
        Objective.STORE_VISIT: ngettext("%(n)s visite", "%(n)s visites", number),
        Objective.EVENT_REGISTRATION: ngettext("%(n)s inscription", "%(n)s inscriptions", number),
        Objective.CONTEST_ENTRY: ngettext("%(n)s participation", "%(n)s participations", number),
        Objective.APP_INSTALL: ngettext("%(n)s installation", "%(n)s installations", number),
        Objective.PAGE_VISIT: ngettext("%(n)s page vue", "%(n)s pages vues", number),
        Objective.MESSAGE: ngettext("%(n)s message", "%(n)s messages", number),
        Objective.SHARE: ngettext("%(n)s partage", "%(n)s partages", number),
    }
    return counted[Objective(mission.objective)] % {"n": whole(number)}


def heading(mission: Mission) -> str:
    """The same, at the head of a column: short."""
    return {
        Objective.APPOINTMENT: _("RDV"),
        Objective.QUALIFIED_LEAD: _("Leads"),
        Objective.SALE: _("Ventes"),
        Objective.PURCHASE: _("Achats"),
        Objective.STORE_VISIT: _("Visites"),
        Objective.EVENT_REGISTRATION: _("Inscriptions"),
        Objective.CONTEST_ENTRY: _("Participations"),
        Objective.APP_INSTALL: _("Installations"),
        Objective.PAGE_VISIT: _("Pages vues"),
        Objective.MESSAGE: _("Messages"),
        Objective.SHARE: _("Partages"),
    }[Objective(mission.objective)]


def when(code: str) -> str:
    """How a sentence about a span of the period switch begins."""
    return {"week": _("Cette semaine"), "month": _("Ces 30 derniers jours"), "all": _("Depuis le début")}[code]

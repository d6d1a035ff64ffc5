"""Why there is no contact to call now, and until when, in two sentences."""

from datetime import datetime

from django.utils.translation import gettext as _

from marketplace.models import Mission
from prospecting.models import Contact
from prospecting.queue import QueueState
from prospecting.reasons import near
from prospecting.rules.hours import next_working_slot
from prospecting.rules.regimes import regime


def why_nothing(state: QueueState, mission: Mission, at: datetime) -> tuple[str, str]:
    """ "Why is my queue empty?": what stands in the way, and when it ends."""
    if state.total == 0:
        return _("Aucune fiche dans cette mission."), _("L’entreprise n’a pas encore déposé de fichier à appeler.")
    opens_at = _opens_at(mission, at)
    if opens_at and opens_at > at and state.fresh:
        opens = near(opens_at, at, mission.time_zone)
        return _("Hors des heures d’appel."), _("Les appels reprennent %(when)s.") % {"when": opens}
    if state.next_at:
        returns = near(state.next_at, at, mission.time_zone)
        return _("Aucune fiche à appeler maintenant."), _("La prochaine revient %(when)s.") % {"when": returns}
    if state.in_hand:
        return _("Aucune fiche à appeler maintenant."), _("Les dernières sont en main chez vos collègues.")
    return _("Toutes les fiches ont été appelées."), _("Il ne reste rien à faire dans cette mission. Merci !")


def _opens_at(mission: Mission, at: datetime) -> datetime | None:
    """The first opening of the places where fresh contacts of this mission are."""
    fresh = Contact.objects.filter(mission=mission, state=Contact.State.FRESH, phone__isnull=False)
    territories = fresh.values_list("territory", flat=True).distinct()
    rules = regime(mission.regime, at)
    return min((next_working_slot(territory, rules, at) for territory in territories), default=None)

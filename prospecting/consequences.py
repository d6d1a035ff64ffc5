"""What each outcome will do to the contact in hand, in the few words that stand on its key."""

from datetime import datetime

from django.utils.translation import gettext as _

from config.typography import money
from marketplace.models import Engagement
from prospecting.models import Contact, Outcome
from prospecting.reasons import half_day
from prospecting.rules.regimes import Regime
from prospecting.rules.retries import retry_at


def consequence(
    outcome: Outcome, contact: Contact, engagement: Engagement, rules: Regime, at: datetime, *, attempts: int
) -> str:
    """« demain matin », « paix de 60 jours », « + 32,00 € », « définitif, partout ».

    `attempts` are the contact's, with the present one.
    """
    match outcome.then:
        case Outcome.Then.OPPOSE:
            return _("définitif, partout")
        case Outcome.Then.CONVERT if not outcome.wins(contact.mission):
            return _("une étape, sans conversion")
        case Outcome.Then.CONVERT:
            pay = money(engagement.pay_cents, engagement.currency)
            return f"+ {pay}" if engagement.pay_cents else _("la fiche est convertie")
        case Outcome.Then.CALLBACK:
            return _("promis, date et heure")
        case Outcome.Then.NEXT_NUMBER:
            return _("au numéro suivant") if contact.other_phones else _("close la fiche")
        case Outcome.Then.RETRY:
            return _retry(outcome, contact, rules, at, attempts)
    if outcome.refusal:
        days = rules.cool_off.days
        return (_("motif ; paix de %d jours") if outcome.reason_required else _("paix de %d jours")) % days
    return _("compte pour le fichier")


def _retry(outcome: Outcome, contact: Contact, rules: Regime, at: datetime, attempts: int) -> str:
    if outcome.attempt and attempts >= contact.mission.max_attempts:
        return _("dernier essai")
    if outcome.asks_date:
        return _("à la date dite")
    again = retry_at(outcome.code, at, contact.territory, rules) or retry_at("NRP", at, contact.territory, rules)
    said = half_day(again, at) if again else ""
    return _("%(when)s, sans compter d’essai") % {"when": said} if not outcome.attempt else said

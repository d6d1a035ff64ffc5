"""Each telemarketer's own keys in the cockpit: changed, switched off one by one, or all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.errors import Invalid
from marketplace.models import User
from prospecting.models import KeyChoice

# action → the letter it has unless somebody chooses another, and what it does. Digits are the outcomes', always.
ACTIONS: Final[dict[str, tuple[str, str | Promise]]] = {
    "dial": ("a", gettext_lazy("appeler ; en ligne, raccrocher")),
    "again": ("t", gettext_lazy("rouvrir le numéro dans le téléphone choisi")),
    "copy": ("p", gettext_lazy("copier le numéro")),
    "note": ("n", gettext_lazy("écrire la note ; Maj ↵ va à la ligne")),
    "question": ("q", gettext_lazy("la première question du script")),
    "objection": ("o", gettext_lazy("la réponse à l’objection suivante")),
    "criterion": ("k", gettext_lazy("le critère suivant à cocher ; Espace le coche")),
    "wrong_number": ("x", gettext_lazy("faux numéro")),
    "technical": ("e", gettext_lazy("échec technique")),
    "skip": ("s", gettext_lazy("passer cette fiche, avec un motif")),
    "columns": ("c", gettext_lazy("toutes les colonnes du fichier")),
    "callbacks": ("r", gettext_lazy("vos rappels promis")),
    "queue": ("f", gettext_lazy("la file, et pourquoi")),
    "inbound": ("i", gettext_lazy("on vous rappelle : retrouver la fiche")),
    "by_hand": ("m", gettext_lazy("appeler ou noter un numéro à la main")),
}
AT_ONCE: Final = "at_once"  # kept beside the letters: empty when an unanswered call waits for Enter


@dataclass(frozen=True, slots=True)
class Keys:
    """`letters`: {action: letter}, empty where switched off. `quick`: an unanswered call is saved by its digit."""

    letters: Mapping[str, str]
    off: bool
    quick: bool


def keys_of(user: User) -> Keys:
    own = KeyChoice.objects.filter(user=user).first()
    chosen = own.keys if own else {}
    letters = {action: chosen.get(action, letter) for action, (letter, _does) in ACTIONS.items()}
    return Keys(letters, off=own.off if own else False, quick=chosen.get(AT_ONCE, "yes") != "")


def choose_keys(*, user: User, letters: Mapping[str, str], off: bool, quick: bool) -> Keys:
    """Keep this person's keys. Raises Invalid, naming the action, for a letter taken or what is no letter."""
    chosen = {action: letters.get(action, default).strip().lower() for action, (default, _does) in ACTIONS.items()}
    taken: dict[str, str] = {}
    for action, letter in chosen.items():
        _check(action, letter, taken)
        taken[letter] = action
    KeyChoice.objects.update_or_create(
        user=user, defaults={"keys": chosen | {AT_ONCE: "yes" if quick else ""}, "off": off}
    )
    return Keys(chosen, off, quick)


def forget_choice(*, user: User) -> None:
    """Back to the keys that everybody begins with."""
    KeyChoice.objects.filter(user=user).delete()


def _check(action: str, letter: str, taken: Mapping[str, str]) -> None:
    if letter and not (len(letter) == 1 and letter.isascii() and letter.isalpha()):
        raise Invalid("no_letter", _("Choisissez une lettre, de A à Z, ou rien."), field=action)
    if letter and letter in taken:
        does = ACTIONS[taken[letter]][1]
        raise Invalid(
            "key_taken",
            _("La lettre %(letter)s sert déjà à : %(does)s.") % {"letter": letter.upper(), "does": does},
            field=action,
        )

"""The logins of the demo world, one per role: seeded by `seed_demo`, offered on the login page while settings.DEMO."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PASSWORD = "je-decroche-la-demo"  # public on purpose: a demo holds nothing but fiction  # noqa: S105


@dataclass(frozen=True)
class Login:
    role: str | Promise
    name: str
    email: str
    password: str = PASSWORD


LOGINS = (
    Login(_("Propriétaire d’une entreprise"), "Alice Morvan", "alice@decroche.example"),
    Login(_("Gestionnaire"), "Carole Jouan", "carole@decroche.example"),
    Login(_("Lecteur"), "Victor Hamon", "victor@decroche.example"),
    Login(_("Téléprospecteur"), "Bob Le Gall", "bob@decroche.example"),
    Login(_("Opérateur"), "Odile Quéré", "odile@decroche.example"),
)

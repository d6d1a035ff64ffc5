"""How a person becomes someone here: the owner of a business, or a telemarketer."""

from django.db import transaction
from django.utils.translation import gettext as _

from config.errors import Invalid
from marketplace.models import Membership, Organisation, Telemarketer, User


@transaction.atomic
def join_as_business(*, user: User, name: str, city: str = "") -> Membership:
    """A new business, owned by this person."""
    organisation = Organisation.objects.create(name=_named(name, "organisation_name"), city=city.strip())
    return Membership.objects.create(organisation=organisation, user=user, role=Membership.Role.OWNER)


@transaction.atomic
def join_as_telemarketer(*, user: User, name: str, city: str = "") -> Telemarketer:
    """A profile to complete: nothing in it is asked before the first application."""
    return Telemarketer.objects.create(user=user, display_name=_named(name, "display_name"), city=city.strip())


def _named(name: str, field: str) -> str:
    if not name.strip():
        raise Invalid("required", _("Ce nom ne peut pas être vide."), field=field)
    return name.strip()

"""Who is here, for the frame around each page (settings.FRAME_WHO)."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from config.frame import Who
from marketplace import access
from marketplace.models import Telemarketer


def who(request: HttpRequest) -> Who:
    """The business a person acts for, else their own profile, else the platform."""
    user = access.person(request)
    membership = access.membership_of(user)
    if membership:
        return Who("business", membership.organisation.name, f"{user}, {membership.get_role_display()}")
    telemarketer = Telemarketer.objects.filter(user=user).first()
    if telemarketer:
        return Who("telemarketer", telemarketer.display_name, telemarketer.city or _("téléprospecteur"))
    return Who("operator", str(user), _("opérateur") if user.is_operator else "")

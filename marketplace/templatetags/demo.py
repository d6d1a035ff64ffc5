from django import template
from django.conf import settings

from marketplace.demo import LOGINS, Login

register = template.Library()


@register.simple_tag
def demo_logins() -> tuple[Login, ...]:
    """The logins to offer on the login page: those of the demo, or none."""
    return LOGINS if settings.DEMO else ()

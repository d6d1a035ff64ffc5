from django import template

from config.typography import decimal
from reporting.rates import Row

register = template.Library()


@register.simple_tag
def bounds(row: Row) -> str:
    """An interval where room is scarce: `16,9–27,7`, in percent."""
    if row.low is None or row.high is None:
        return ""
    return f"{decimal(100 * row.low)}–{decimal(100 * row.high)}"

"""The writing of config/typography.py as filters: `{{ cents|money }}`, `{{ rate|percent }}`, `{{ at|moment }}`…"""

from django import template

from config import typography

register = template.Library()
for _written in (
    typography.whole,
    typography.decimal,
    typography.percent,
    typography.money,
    typography.phone,
    typography.masked,
    typography.clock,
    typography.day,
    typography.short_day,
    typography.weekday,
    typography.moment,
    typography.month,
    typography.duration,
):
    register.filter(_written.__name__, _written)
register.simple_tag(typography.between)

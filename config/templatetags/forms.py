"""Form controls that carry our classes and say to a screen reader what help and error belong to them."""

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The control of a bound field, ready for `_field.html`."""
    widget = field.field.widget
    attributes: dict[str, str | bool] = {}
    if not isinstance(widget, (CheckboxInput, RadioSelect, CheckboxSelectMultiple)):
        kind = "form-select" if isinstance(widget, Select) else "form-control"
        attributes["class"] = f"{kind} {widget.attrs.get('class', '')}".strip()
    if described := _described_by(field):
        attributes["aria-describedby"] = described
    return field.as_widget(attrs=attributes)


def _described_by(field: BoundField) -> str:
    parts = [f"{field.auto_id}_help"] if field.help_text else []
    return " ".join([*parts, f"{field.auto_id}_wrong"] if field.errors else parts)


@register.filter
def is_check(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_choice(field: BoundField) -> bool:
    return isinstance(field.field.widget, (RadioSelect, CheckboxSelectMultiple))

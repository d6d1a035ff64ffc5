import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from marketplace.script import Block, block

register = template.Library()
FIELD = re.compile(r"\{\s*([^{}]+?)\s*\}")


@register.filter
def merged(text: str) -> SafeString:
    """The text with its {merge} fields highlighted, everything else escaped."""
    marked = FIELD.sub(r'<span class="mark">\1</span>', conditional_escape(text))
    return mark_safe(marked)  # noqa: S308  (escaped just above)


@register.filter
def part(script: list[Block], kind: str) -> Block:
    """One block of a script by its kind, or an empty one."""
    return block(script, kind)

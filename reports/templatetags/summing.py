"""What stands between the paragraphs of a summary."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("reports/summary_exhibits.html", takes_context=True)
def exhibits_at(context: template.Context, place: str) -> dict[str, Any]:
    """The tables and charts behind the paragraph of this federation; "" is before all of them."""
    return {"exhibits": context["exhibits"].get(place, [])}

"""``{% load supervising %}{% supervision_link federation %}``: to the log of this federation."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from ..queries.supervision import follows_supervision

register = template.Library()


@register.inclusion_tag("reports/supervision_link.html", takes_context=True)
def supervision_link(context: template.Context, federation: Any) -> dict[str, Any]:
    """For whoever follows all federations, on the page of one that is supervised."""
    request = context.get("request")
    may = federation.level == federation.Level.FIRST_TIER and follows_supervision(request.user)
    return {"address": f"{reverse('supervision-list')}?federation={federation.code}" if may else ""}

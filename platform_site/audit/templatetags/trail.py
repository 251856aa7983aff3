"""``{% load trail %}{% trail report %}``: the story of one object on its own page."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import Model

from platform_site.audit import queries

register = template.Library()


@register.inclusion_tag("components/trail.html")
def trail(subject: Model) -> dict[str, Any]:
    """Who, when, what, why, from which state to which. The page must have found ``subject`` by
    ``visible_to()``: the story is as visible as its subject.
    """
    return {"entries": queries.story(subject)}

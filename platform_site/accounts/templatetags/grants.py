"""``{% load grants %}{% grant_link report %}``: to the exceptions on the object of this page."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse

from platform_site.accounts import queries

register = template.Library()


@register.inclusion_tag("accounts/grant_link.html", takes_context=True)
def grant_link(context: template.Context, obj: Any) -> dict[str, Any]:
    """For whoever may give one on it. The page must have found ``obj`` by ``visible_to()``."""
    may = queries.acts_to_give(context["request"].user, obj)
    return {"address": reverse("grant-give", args=[queries.name_of(obj)]) if may else ""}

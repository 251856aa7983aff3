"""``{% load jobs %}{% export_button "notices" %}``: the list of this page as an Excel file."""

from __future__ import annotations

import uuid
from typing import Any

from django import template
from django.urls import reverse

from platform_site.lists import exports

register = template.Library()


@register.inclusion_tag("jobs/export_button.html", takes_context=True)
def export_button(context: template.Context, name: str, **more: Any) -> dict[str, Any]:
    """A button for whoever may export this list; the filters of the page's address come along, and
    ``more`` names what the address says in its path (``notice=notice.pk``)."""
    request = context.get("request")
    export = exports.find(name)
    user = getattr(request, "user", None)
    if request is None or export is None or not getattr(user, "is_active", False):
        return {"address": ""}
    if not export.may(user):
        return {"address": ""}
    chosen = export.given(request.GET)
    for key, value in more.items():
        if value != "":
            chosen[key] = str(value)
    query = chosen.urlencode()
    return {
        "address": reverse("export-start", args=[name]) + (f"?{query}" if query else ""),
        "id": uuid.uuid4(),
        "csrf_token": context.get("csrf_token"),
    }

"""``{% load attachments %}{% attachments_of report %}``: the files of a record, on any page."""

from __future__ import annotations

from typing import Any

from django import template
from django.db import models

from platform_site.attachments import filetypes, owners, queries, store

register = template.Library()


@register.inclusion_tag("attachments/attachment_list.html", takes_context=True)
def attachments_of(
    context: template.Context, obj: models.Model, user: Any = None, upload: bool = False
) -> dict[str, Any]:
    """List the files of ``obj`` that ``user`` (default: the signed-in one) may see.

    ``upload=True`` adds the upload form, where the user may change the record's files.
    """
    request = context.get("request")
    user = user or getattr(request, "user", None)
    files = queries.of_owner(obj, user)
    may_change = owners.may_change(user, obj) if getattr(user, "is_active", False) else False
    return {
        "attachments": files,
        "may_change": may_change,
        "may_remove": may_change,
        "upload": upload and may_change,
        "owner": owners.name_of(obj),
        "accept": filetypes.accept_attribute(),
        "accepted": ", ".join(filetypes.accepted()),
        "attachment_max_bytes": store.max_bytes(),
        "next": request.get_full_path() if request is not None else "",
        "csrf_token": context.get("csrf_token"),
        "request": request,
    }


@register.simple_tag
def accepted_endings() -> str:
    """For ``accept=`` of an upload field."""
    return filetypes.accept_attribute()

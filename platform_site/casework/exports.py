"""The to-do lists: what each holds, for its page and for its export."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection

from . import queries


def select_todo(user: Any, parameters: QueryDict) -> Selection:
    """Late first, then the nearest date, what has none last."""
    return Selection(queries.todo(user).select_related("federation"), ("due_on", "id"))


def select_done(user: Any, parameters: QueryDict) -> Selection:
    return Selection(queries.done(user).select_related("federation"), ("-done_at", "-id"))


def select_started(user: Any, parameters: QueryDict) -> Selection:
    return Selection(queries.started(user).select_related("federation"), ("-opened_at", "-id"))


COLUMNS = (
    Column(_("What to do"), lambda duty: duty.rule.label, 24),
    Column(_("Concerns"), lambda duty: duty.title, 50),
    Column(_("Whose duty"), lambda duty: duty.federation.name, 30),
    Column(_("Due date"), lambda duty: duty.due_on, 14),
)
ENDED = (
    Column(_("Stands"), lambda duty: duty.get_outcome_display() or pgettext("duty", "open"), 12),
    Column(_("Done on"), lambda duty: duty.done_at),
)

exports.register(Export("todo", _("To do"), select=select_todo, columns=COLUMNS, resource="duties"))
exports.register(
    Export(
        "done",
        _("Done"),
        select=select_done,
        columns=(*COLUMNS, ENDED[1]),
        resource="duties",
    )
)
exports.register(
    Export(
        "started",
        _("Started by me"),
        select=select_started,
        columns=(*COLUMNS, Column(_("Started on"), lambda duty: duty.opened_at), *ENDED),
        resource="duties",
    )
)

"""The list of action points: what it holds, for its page and for its export."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.casework.queries import today
from platform_site.lists import exports
from platform_site.lists.exports import Column, Export, Selection

from .filters import ActionPointFilter
from .menu import reads_action_points
from .models import ActionPoint


def select_action_points(user: Any, parameters: QueryDict) -> Selection:
    """The nearest date first."""
    visible = ActionPoint.objects.visible_to(user).with_context()
    narrowed = ActionPointFilter(parameters, queryset=visible, user=user)
    return Selection(narrowed.qs, ("due_on", "id"), narrowed.form)


COLUMNS = (
    Column(_("What is to be done"), lambda point: point.task, 60),
    Column(_("For"), lambda point: point.concerns.name, 30),
    Column(_("Who does it"), lambda point: point.federation.name, 30),
    Column(_("Due date"), lambda point: point.due_on, 14),
    Column(_("State"), lambda point: point.get_state_display(), 14),
    Column(_("Overdue"), lambda point: point.is_overdue(today()), 10),
    Column(_("Reported done"), lambda point: point.reported_at),
    Column(_("Verified"), lambda point: point.verified_at),
)

exports.register(
    Export(
        "action-points",
        _("Action points"),
        select=select_action_points,
        columns=COLUMNS,
        may=reads_action_points,
        parameters=frozenset({"show", "state", "federation"}),
        resource="action-points",
    )
)

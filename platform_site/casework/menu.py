"""The to-do lists in the menu, and the first block of the workbench."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import BUSINESS_ROLES
from platform_site.web.home import HomeBlock
from platform_site.web.menu import MenuItem

from . import queries
from .workdays import Unit

#: How many duties the first page shows.
FIRST = 10
#: Working days within which a date is near (as in ``DueDate.is_near``).
NEAR = 3


def works(user: Any) -> bool:
    """Whoever holds an office of business can be given something to do; administrators cannot."""
    return bool(user.scope.holds(*BUSINESS_ROLES))


def todo_figures(user: Any) -> dict[str, int]:
    """How much waits, how much of it is due within three working days, and how much is late."""
    today = queries.today()
    near = queries.work_calendar().reckon(today, NEAR, Unit.WORKING).due_on
    return queries.todo(user).aggregate(
        total=Count("pk"),
        near=Count("pk", filter=Q(due_on__gte=today, due_on__lte=near)),
        late=Count("pk", filter=Q(due_on__lt=today)),
    )


def todo_block(user: Any) -> dict[str, Any] | None:
    figures = todo_figures(user)
    if not figures["total"]:
        return None
    duties = queries.todo(user).select_related("federation").order_by("due_on", "id")[:FIRST]
    return {"figures": figures, "duties": list(duties)}


MENU = [
    MenuItem(
        _("To do"),
        "todo",
        permission=works,
        order=10,
        icon="list-todo",
        badge=queries.todo_count,
        place="todo",
    ),
    MenuItem(_("Done"), "done", permission=works, order=11, icon="clipboard-check"),
    MenuItem(_("Started by me"), "started", permission=works, order=12, icon="send"),
]
HOME = [HomeBlock("casework/home_todo.html", todo_block, order=10, permission=works)]

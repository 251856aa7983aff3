"""On the overview: what waits for the reader's own decision."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Window

from platform_site.web.home import HomeBlock

from . import queries
from .menu import works

#: How many duties are named.
FIRST = 6


def decisions(user: Any) -> dict[str, Any]:
    """The nearest dates first, late ones before them; how many there are comes with the rows."""
    duties = list(
        queries.todo(user).annotate(of=Window(Count("pk"))).order_by("due_on", "id")[:FIRST]
    )
    total = duties[0].of if duties else 0
    return {"duties": duties, "total": total, "more": total - len(duties)}


BLOCKS = [HomeBlock("casework/overview_decisions.html", decisions, order=10, permission=works)]

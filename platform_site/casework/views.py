"""待办, 已办, 我发起: what waits, what I did, what I gave others to do."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from platform_site.lists import keyset

from . import queries
from .menu import todo_figures
from .tables import DoneTable, StartedTable, TodoTable

PAGE_SIZE = 50


@require_safe
def todo(request: HttpRequest) -> HttpResponse:
    """What waits for this person: late first, then the nearest date, what has none last."""
    duties = queries.todo(request.user).select_related("federation")
    page = keyset.page(
        duties, order=("due_on", "id"), size=PAGE_SIZE, cursor=request.GET.get("cursor") or None
    )
    context = {
        "page": page,
        "table": TodoTable(page.rows),
        "figures": todo_figures(request.user),
        "current": "todo",
    }
    return render(request, "casework/todo.html", context)


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    page = keyset.page(
        queries.done(request.user).select_related("federation"),
        order=("-done_at", "-id"),
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    context = {"page": page, "table": DoneTable(page.rows), "current": "done"}
    return render(request, "casework/done.html", context)


@require_safe
def started(request: HttpRequest) -> HttpResponse:
    page = keyset.page(
        queries.started(request.user).select_related("federation"),
        order=("-opened_at", "-id"),
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    context = {"page": page, "table": StartedTable(page.rows), "current": "started"}
    return render(request, "casework/started.html", context)

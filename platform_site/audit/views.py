"""The auditor's page: the trail across all objects, to be read and searched, never changed."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from platform_site.lists import keyset

from .exports import select_entries
from .tables import EntryTable

PAGE_SIZE = 50


@require_safe
def entry_list(request: HttpRequest) -> HttpResponse:
    """Newest first. Only an auditor's; the story of one object stands on that object's page."""
    if not request.user.has_perm("audit.read_trail"):
        raise PermissionDenied
    chosen = select_entries(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    table = EntryTable(page.rows, request=request)
    context = {"form": chosen.form, "page": page, "table": table}
    return render(request, "audit/entry_list.html", context)

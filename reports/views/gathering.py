"""Gathering with Excel: one workbook for all below, a preview of what comes back, then all of it or nothing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platform_site.attachments.download import serve_bytes
from platform_site.attachments.workbooks import read_sheets
from platform_site.lists.form_sheets import Filled, read_form
from platform_site.problems import Refused, Stale

from .. import services
from ..forms.reports import WorkbookForm
from ..models import Report
from ..queries import (
    MOST_COLUMNS,
    MOST_GATHERED_ROWS,
    gathering_workbook_of,
    read_gathering_of,
    to_gather,
)
from .reports import common
from .reports.workbook import XLSX, seal, unseal


def _find_open(request: HttpRequest, pk: Any) -> Report:
    return services.open_to_filling(common.find_report(request, pk), by=request.user)


@require_http_methods(["GET", "HEAD", "POST"])
def gather(request: HttpRequest, pk: Any) -> HttpResponse:
    """Take the workbook, or send it back; what is sent is previewed."""
    report = _find_open(request, pk)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = WorkbookForm(*posted)
    if form.is_valid():
        try:
            sheets = read_sheets(
                form.cleaned_data["file"], most_rows=MOST_GATHERED_ROWS, most_columns=MOST_COLUMNS
            )
            return _preview(request, report, read_form(sheets))
        except Refused as refused:
            form.add_error("file", str(refused.message))
    context = {
        **common.frame(report),
        "form": form,
        "waiting": to_gather(report, request.user),
    }
    status = 422 if form.errors else 200
    return render(request, "reports/report_gather.html", context, status=status)


def _preview(request: HttpRequest, report: Report, filled: Filled | None) -> HttpResponse:
    preview = read_gathering_of(report, filled, request.user)
    assert filled is not None  # nosec B101
    context = {
        **common.frame(report),
        "preview": preview,
        "sealed": seal(report, filled),
        "gathering": True,
    }
    status = 422 if preview.problems or preview.collisions else 200
    return render(request, "reports/report_workbook_preview.html", context, status=status)


@require_safe
def download_gathering(request: HttpRequest, pk: Any) -> HttpResponse:
    """What was gathered so far, to be filled in offline."""
    filename, content = gathering_workbook_of(_find_open(request, pk), request.user)
    return serve_bytes(content, filename=filename, media_type=XLSX)


@require_POST
def marked_gathering(request: HttpRequest, pk: Any) -> HttpResponse:
    """What was sent, in a fresh workbook: what must be mended is in red, with the reason beside it."""
    report = _find_open(request, pk)
    preview = read_gathering_of(report, unseal(request, report), request.user)
    typed = {each.code: each.raw for each in preview.changes}
    typed |= {each.code: each.typed for each in preview.problems}
    marks = {each.code: each.problem for each in preview.problems}
    for each in preview.collisions:
        marks[each.code] = _("%(name)s changed this meanwhile: %(now)s") % {
            "name": each.taken_by,
            "now": each.before,
        }
    filename, content = gathering_workbook_of(report, request.user, typed=typed, marks=marks)
    return serve_bytes(content, filename=filename, media_type=XLSX)


@require_POST
def take_in_gathering(request: HttpRequest, pk: Any) -> HttpResponse:
    """Keep what the preview showed; where that has changed since, show it again."""
    report = _find_open(request, pk)
    filled = unseal(request, report)
    try:
        _fresh, preview = services.take_in_gathering(report, filled, by=request.user)
    except Stale:
        return _preview(request, common.find_report(request, pk), filled)
    many = len(preview.changes)
    messages.success(
        request,
        ngettext("%(n)s number was taken in.", "%(n)s numbers were taken in.", many) % {"n": many},
    )
    return redirect("report-roll-up", report.pk)

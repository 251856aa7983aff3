"""Filling a report in with Excel: the workbook out, a preview of what comes back, then all of it or nothing.

Nothing is kept between preview and confirmation: what was read travels in the page, sealed.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platform_site.attachments.download import serve_bytes
from platform_site.attachments.workbooks import read_sheets
from platform_site.lists.form_sheets import Cell, Filled, FilledGrid, read_form
from platform_site.problems import Refused, Stale, Unreadable

from ... import services
from ...forms.reports import WorkbookForm
from ...models import Report
from ...queries import MOST_COLUMNS, MOST_ROWS, read_workbook_of, workbook_of
from . import common

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SALT = "reports.workbook.preview"
#: Seconds for which a preview can be confirmed: a working day.
_HOURS_8 = 8 * 60 * 60


def _find_open(request: HttpRequest, pk: Any) -> Report:
    return services.open_to_filling(common.find_report(request, pk), by=request.user)


@require_http_methods(["GET", "HEAD", "POST"])
def fill_by_workbook(request: HttpRequest, pk: Any) -> HttpResponse:
    """Take the workbook, or send it back; what is sent is previewed."""
    report = common.find_report(request, pk)
    if request.method != "POST" and not common.is_open(report):
        return redirect(report)
    report = _find_open(request, pk)
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = WorkbookForm(*posted)
    if form.is_valid():
        try:
            sheets = read_sheets(
                form.cleaned_data["file"], most_rows=MOST_ROWS, most_columns=MOST_COLUMNS
            )
            filled = read_form(sheets)
            return _preview(request, report, filled)
        except Refused as refused:
            form.add_error("file", str(refused.message))
    context = {**common.frame(report), "form": form}
    status = 422 if form.errors else 200
    return render(request, "reports/report_workbook.html", context, status=status)


def _preview(request: HttpRequest, report: Report, filled: Filled | None) -> HttpResponse:
    preview = read_workbook_of(report, filled)
    assert filled is not None  # nosec B101
    context = {**common.frame(report), "preview": preview, "sealed": seal(report, filled)}
    status = 422 if preview.problems or preview.collisions else 200
    return render(request, "reports/report_workbook_preview.html", context, status=status)


@require_safe
def download_workbook(request: HttpRequest, pk: Any) -> HttpResponse:
    """The report as it stands, to be filled in offline."""
    filename, content = workbook_of(_find_open(request, pk))
    return serve_bytes(content, filename=filename, media_type=XLSX)


@require_POST
def marked_workbook(request: HttpRequest, pk: Any) -> HttpResponse:
    """What was sent, in a fresh workbook: what must be mended is in red, with the reason beside it."""
    report = _find_open(request, pk)
    filled = unseal(request, report)
    preview = read_workbook_of(report, filled)
    typed = {each.code: each.raw for each in preview.changes}
    typed |= preview.unreadable
    marks = {each.key: each.problem for each in preview.problems}
    for each in preview.collisions:
        marks[each.code] = _("%(name)s changed this meanwhile: %(now)s") % {
            "name": each.taken_by,
            "now": each.before,
        }
    filename, content = workbook_of(report, typed=typed, marks=marks)
    return serve_bytes(content, filename=filename, media_type=XLSX)


@require_POST
def take_in_workbook(request: HttpRequest, pk: Any) -> HttpResponse:
    """Write what the preview showed; where that has changed since, show it again."""
    report = _find_open(request, pk)
    filled = unseal(request, report)
    try:
        saved, _taken = services.take_in_workbook(report, filled, by=request.user)
    except Stale:
        return _preview(request, common.find_report(request, pk), filled)
    many = len(saved.codes)
    messages.success(
        request,
        ngettext("%(n)s answer was taken in.", "%(n)s answers were taken in.", many) % {"n": many},
    )
    if saved.sign_off_cleared:
        common.say_sign_off_gone(request)
    return redirect("report-fill", report.pk)


def seal(report: Report, filled: Filled) -> str:
    kept = {
        "report": str(report.pk),
        "stamp": filled.stamp,
        "cells": [dataclasses.astuple(cell) for cell in filled.cells],
        "grids": [dataclasses.astuple(grid) for grid in filled.grids],
    }
    return signing.dumps(kept, salt=_SALT, compress=True)


def unseal(request: HttpRequest, report: Report) -> Filled:
    try:
        kept = signing.loads(request.POST.get("sealed", ""), salt=_SALT, max_age=_HOURS_8)
    except signing.BadSignature:
        kept = {}
    if kept.get("report") != str(report.pk):
        raise Unreadable(
            "preview_unreadable", _("The preview is too old or incomplete. Send the file again.")
        )
    return Filled(
        kept["stamp"],
        tuple(Cell(*cell) for cell in kept["cells"]),
        tuple(FilledGrid(*grid) for grid in kept["grids"]),
    )

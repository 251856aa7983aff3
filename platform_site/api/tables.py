"""A list whole, as a table: ``?format=csv`` and ``?format=xlsx``.

The same rows, members and order as the list in JSON, without pages. CSV is written while it is read, a
thousand rows at a time, however many there are; a workbook is built before it is sent, so it has a limit,
beyond which the job of ``/exports/`` does it.
"""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from platform_site.lists.sheets import Heading, SheetWriter, csv_lines
from platform_site.problems import FieldProblem, Invalid, Unreadable

from .pagination import PARAMETERS
from .rows import Plan, Whole

FORMATS = {
    "csv": "text/csv; charset=utf-8; header=present",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: Rows that one answer holds as a workbook.
MOST_ROWS = 20_000


def answer(
    form: str,
    chunks: Iterator[list[Any]],
    *,
    plan: Plan | Whole,
    context: Mapping[str, Any],
) -> HttpResponseBase:
    """The table as a download; :class:`Unreadable` for another format, or with a place in the list."""
    request = context["request"]
    if form not in FORMATS:
        _refuse("format", _("format is csv or xlsx; without it the list is JSON."))
    for name in PARAMETERS:
        if name in request.query_params:
            _refuse(name, _("A table holds the whole list: it has no pages."))
    # The first rows are read before anything is sent, so that what fails is still told as a problem.
    first = next(chunks, [])
    every = (
        cell for chunk in itertools.chain([first], chunks) for cell in plan.cells(chunk, context)
    )
    lines = (list(map(_flat, cells)) for cells in every)
    response = _as_csv(plan, lines) if form == "csv" else _as_workbook(plan, lines, context)
    stamp = f"{timezone.localtime():%Y%m%d-%H%M}"
    resource = context["view"].basename
    response["Content-Type"] = FORMATS[form]
    response["Content-Disposition"] = f'attachment; filename="{resource}-{stamp}.{form}"'
    response["X-Content-Type-Options"] = "nosniff"
    # For the trail, which lies above this room: whoever takes a whole list out is written down.
    response.taken_out = {  # type: ignore[attr-defined]
        "list": resource,
        "path": request.path[:200],
        "format": form,
        "filters": ",".join(sorted(request.query_params)),
    }
    return response


def _as_csv(plan: Plan | Whole, lines: Iterator[list[Any]]) -> HttpResponseBase:
    return StreamingHttpResponse(csv_lines(plan.names, lines))


def _as_workbook(
    plan: Plan | Whole, lines: Iterator[list[Any]], context: Mapping[str, Any]
) -> HttpResponseBase:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        headings = [Heading(name) for name in plan.names]
        about = [(_("Exported on"), timezone.localtime())]
        title = context["view"].basename
        with SheetWriter(path, title=title, headings=headings, about=about) as sheet:
            for line in lines:
                if sheet.rows == MOST_ROWS:
                    raise Invalid(
                        "too_many_rows",
                        _(
                            "A workbook holds %(limit)s rows here. Narrow the list by its filters, take"
                            " format=csv, or ask for the list at /exports/."
                        )
                        % {"limit": MOST_ROWS},
                    )
                sheet.write(line)
        # The open file outlives its name.
        return FileResponse(path.open("rb"))


def _flat(value: Any) -> Any:
    """What a cell can hold of it: a list or an object as its JSON."""
    return orjson.dumps(value).decode() if isinstance(value, list | dict) else value


def _refuse(name: str, message: str) -> None:
    problem = FieldProblem(f"/{name}", "invalid", message)
    raise Unreadable("bad_filter", message, fields=[problem])

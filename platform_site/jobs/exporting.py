"""Exporting a list, as a kind of job: any list that an app registered (``lists.exports``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from platform_site.lists import exports, keyset
from platform_site.lists.exports import Export
from platform_site.lists.sheets import SheetWriter
from platform_site.problems import FieldProblem, Invalid, StepNotOpen

from . import kinds, services
from .kinds import Result, Work
from .models import Job

KIND = "jobs.export"
#: What one workbook holds: larger ones are of use to nobody, and no larger file is kept.
MOST_ROWS = 200_000


def register() -> None:
    kinds.register(
        kinds.Kind(KIND, gettext_lazy("Export to Excel"), run=export_list, may_run=may_export)
    )


def may_export(user: Any, parameters: Mapping[str, Any]) -> bool:
    export = exports.find(str(parameters.get("list", "")))
    return export is not None and export.may(user)


def read_scope_of(export: Export) -> str:
    """What opens the list to a token. One without a resource is its page's alone: no token has that."""
    return f"{export.resource or export.name}:read"


def start_export(
    export: Export, given: Mapping[str, Any], *, by: Any, id: UUID | None = None
) -> Job:
    """Ask for this list as ``given`` (an address's parameters, or names and values) narrows it.

    Raises Http404 where the list is not this person's to see, Invalid with a pointer to each filter
    that is unknown to it or cannot be read.
    """
    if not export.may(by):
        raise Http404
    parameters = export.given(given)
    chosen = export.select(by, parameters)
    if problems := chosen.problems():
        raise Invalid(
            "bad_filter",
            _("A filter has a value that cannot be read."),
            fields=[
                FieldProblem(f"/filters/{name}", "invalid", message)
                for name, messages in problems.items()
                for message in messages
            ],
        )
    return services.start(
        KIND,
        by=by,
        title=_("Export: %(list)s") % {"list": export.title},
        parameters={"list": export.name, "query": parameters.urlencode()},
        id=id,
        read_scope=read_scope_of(export),
    )


def export_list(work: Work) -> Result:
    """All rows that the initiator sees of the list now, in the order of the page, as a workbook."""
    export = exports.find(work.parameters["list"])
    if export is None:
        raise Http404
    parameters = QueryDict(work.parameters["query"])
    chosen = export.select(work.by, parameters)
    columns = export.columns_for(work.by, parameters)
    total = chosen.queryset.order_by().count()
    if total > MOST_ROWS:
        raise StepNotOpen(
            "too_many_rows",
            _(
                "The list has %(n)s rows; one file holds %(limit)s at the most. Narrow the list by its"
                " filters, then export it in parts."
            )
            % {"n": total, "limit": MOST_ROWS},
        )
    work.progress(0, total)
    now = timezone.localtime()
    path = work.folder / "export.xlsx"
    about = [
        *chosen.words(),
        (_("Exported by"), f"{work.by.name}  {work.by.office_label}".strip()),
        (_("Exported on"), now),
    ]
    headings = [column.heading for column in columns]
    with SheetWriter(path, title=export.title, headings=headings, about=about) as sheet:
        for rows in keyset.chunks(chosen.queryset, order=chosen.order):
            export.prepare(rows, work.by)
            for row in rows:
                sheet.write([column.value(row) for column in columns])
            work.progress(sheet.rows, max(total, sheet.rows))
    mark = _("Sample") + "-" if settings.DEMO_MODE else ""
    return Result(
        file=path,
        name=f"{mark}{export.title}-{now:%Y%m%d-%H%M}.xlsx".replace("/", "／"),
        summary=ngettext("%(n)s row was exported.", "%(n)s rows were exported.", sheet.rows)
        % {"n": sheet.rows},
        facts={
            "list": export.name,
            "rows": sheet.rows,
            "filters": export.for_the_trail(parameters),
        },
    )

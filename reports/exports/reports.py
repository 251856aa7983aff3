"""The list of reports: what it holds, for its page and for its export."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from platform_site.casework.queries import today
from platform_site.lists import exports, ordering
from platform_site.lists.exports import Column, Export, Selection
from platform_site.obligations.periods import label_of

from ..filters import ReportFilter
from ..menu import reads_reports
from ..models import Report

REPORT_ORDERINGS = {"submitted": ("submitted_at",), "-submitted": ("-submitted_at",)}


def select_reports(user: Any, parameters: QueryDict) -> Selection:
    visible = Report.objects.visible_to(user).with_context()
    narrowed = ReportFilter(parameters or None, queryset=visible, user=user)
    readable = not narrowed.is_bound or narrowed.form.is_valid()
    order = ordering.resolve(parameters.get("ordering"), REPORT_ORDERINGS, "-submitted")
    return Selection(narrowed.qs if readable else visible.none(), order, narrowed.form)


REPORT_COLUMNS = (
    Column(_("Report"), lambda report: report.notice.title, 50),
    Column(_("Federation"), lambda report: report.federation.name, 30),
    Column(_("Code"), lambda report: report.federation.code, 12),
    Column(_("Kind"), lambda report: report.get_kind_display()),
    Column(_("Period"), lambda report: label_of(report.period) or None, 16),
    Column(_("State"), lambda report: report.get_state_display(), 12),
    Column(_("First submitted"), lambda report: report.submitted_at),
    Column(_("Due date"), lambda report: report.obligation.due_on, 14),
    Column(_("late"), lambda report: report.obligation.is_late(today()), 10),
)


exports.register(
    Export(
        "reports",
        _("Reports"),
        select=select_reports,
        columns=REPORT_COLUMNS,
        may=reads_reports,
        parameters=frozenset({"search", "state", "kind", "federation", "ordering"}),
        private=frozenset({"search"}),
        resource="reports",
    )
)

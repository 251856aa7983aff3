"""``{% paper_code version %}``: what is printed on a report, so that its stamped scan finds back to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from ..models import Report, ReportVersion
from ..queries.papers import code_of, code_of_draft, drawn, scans_of

register = template.Library()


@register.inclusion_tag("reports/paper_code.html", takes_context=True)
def paper_code(
    context: template.Context,
    paper: Report | ReportVersion,
    content: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The code of a submitted version, or of a report that is still filled in (with its live content)."""
    is_draft = isinstance(paper, Report)
    text = (code_of_draft(paper, content) if is_draft else code_of(paper)).text
    side, path = drawn(text)
    user = getattr(context.get("request"), "user", None)
    report = paper if is_draft else paper.report
    return {
        "side": side,
        "path": path,
        "text": text,
        "is_draft": is_draft,
        "paper": paper,
        "may_hand_in": user is not None and user.has_perm("reports.fill_report", report),
    }


@register.inclusion_tag("reports/stamped_scans.html", takes_context=True)
def stamped_scans(context: template.Context, version: ReportVersion) -> dict[str, Any]:
    """The stamped papers of a submitted version; two queries."""
    return {"scans": scans_of(version, context["request"].user)}

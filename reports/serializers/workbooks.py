"""Shapes of a workbook that was filled in offline: what is sent, and what it changes."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers as rest

from platform_site.api.serializers import Serializer

from ..queries import WorkbookPreview


class WorkbookBody(Serializer):
    """multipart/form-data: the workbook of this report, filled in."""

    file = rest.FileField(help_text=_("XLSX, at most 1,000 rows a sheet."))
    dry_run = rest.BooleanField(
        default=False, help_text=_("Only say what it would change; nothing is written.")
    )


class WorkbookChangeSerializer(Serializer):
    question = rest.CharField()
    label = rest.CharField()
    cell = rest.CharField(help_text=_("Where it stands, such as D12."))
    before = rest.CharField(allow_blank=True)
    after = rest.CharField(allow_blank=True)
    changed_by = rest.CharField(
        allow_null=True, help_text=_("Who else changed it since the workbook was made.")
    )
    asked = rest.BooleanField(
        help_text=_("Whether the question is asked, given the other answers; else it is not filed.")
    )


class WorkbookProblemSerializer(Serializer):
    question = rest.CharField()
    label = rest.CharField()
    cell = rest.CharField()
    typed = rest.CharField(allow_blank=True)
    code = rest.CharField()
    detail = rest.CharField()


class WorkbookAnswerSerializer(Serializer):
    """What a workbook changed, or with `dry_run` would change."""

    applied = rest.BooleanField()
    version = rest.IntegerField(help_text=_("The report's."))
    made_at_version = rest.IntegerField(help_text=_("The report's when the workbook was made."))
    changes = WorkbookChangeSerializer(many=True)
    problems = WorkbookProblemSerializer(many=True)


def workbook_body(preview: WorkbookPreview, *, version: int, applied: bool) -> dict[str, Any]:
    return {
        "applied": applied,
        "version": version,
        "made_at_version": preview.revision,
        "changes": [
            {
                "question": each.code,
                "label": each.label,
                "cell": each.place,
                "before": each.before,
                "after": each.after,
                "changed_by": each.taken_by or None,
                "asked": each.is_asked,
            }
            for each in preview.changes
        ],
        "problems": [
            {
                "question": each.code,
                "label": each.label,
                "cell": each.place,
                "typed": each.typed,
                "code": each.reason,
                "detail": each.problem,
            }
            for each in preview.problems
        ],
    }

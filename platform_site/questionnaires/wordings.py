"""Questions as a submitted version keeps them: with their wordings, so that it is read by itself."""

from __future__ import annotations

from typing import Any

from .models import Question


def question_content(question: Question) -> dict[str, Any]:
    """A question as a version keeps it, without its answer: what a reader needs to understand the value."""
    kept: dict[str, Any] = {
        "code": question.code,
        "kind": question.kind,
        "zh": question.name_zh,
        "en": question.name_en,
        "unit_zh": question.unit_zh,
        "unit_en": question.unit_en,
        "options": question.options,
        "indicator": question.indicator.code if question.indicator else None,
    }
    if question.kind == Question.Kind.MONEY:
        kept["decimals"] = question.decimals
    if question.kind == Question.Kind.TABLE:
        kept["rows"] = question.rows
        kept["columns"] = [
            {
                "code": column.code,
                "kind": column.kind,
                "zh": column.name_zh,
                "en": column.name_en,
                "unit_zh": column.unit_zh,
                "unit_en": column.unit_en,
                "decimals": column.decimals,
                "options": column.options,
                "indicator": column.indicator,
            }
            for column in question.table_columns()
        ]
    return kept

"""What differs between two editions of a summary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypedDict

from platform_site.text.words import in_chinese

from .notices import Standing
from .summaries import Content, grouped, name_of


class Changed(TypedDict):
    """What differs between two editions, by indicator and by federation."""

    totals: list[dict[str, Any]]
    parts: list[dict[str, Any]]
    standings: list[dict[str, Any]]
    remark: tuple[str, str] | None


def compare_editions(old: Content, new: Content) -> Changed:
    """Totals, standings and paragraphs that are not the same; what is in one alone counts too."""
    totals = _pairs(old["totals"], new["totals"], "indicator")
    parts = _pairs(old["parts"], new["parts"], "federation")
    rows = _pairs(old["rows"], new["rows"], "federation")
    return Changed(
        totals=[
            {"of": b or a, "old": a and a["value"], "new": b and b["value"]}
            for a, b in totals
            if (a and (a["value"], a["missing"])) != (b and (b["value"], b["missing"]))
        ],
        parts=[
            {"of": b or a, "old": a["text"] if a else "", "new": b["text"] if b else ""}
            for a, b in parts
            if (a["text"] if a else None) != (b["text"] if b else None)
        ],
        standings=[
            {"of": b or a, "old": a and a["standing"], "new": b and b["standing"]}
            for a, b in rows
            if (a and a["standing"]) != (b and b["standing"])
        ],
        remark=(old["remark"], new["remark"]) if old["remark"] != new["remark"] else None,
    )


def _pairs(old: Iterable[Any], new: Iterable[Any], key: str) -> list[tuple[Any, Any]]:
    """Rows of both side by side by their key, those of the newer one first."""
    before, after = {each[key]: each for each in old}, {each[key]: each for each in new}
    keys = [*after, *(each for each in before if each not in after)]
    return [(before.get(each), after.get(each)) for each in keys]


def shown_changes(totals: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "label": name_of(each["of"]),
            "unit": each["of"]["unit_zh" if in_chinese() else "unit_en"],
            "old": grouped(each["old"]) if each["old"] is not None else None,
            "new": grouped(each["new"]) if each["new"] is not None else None,
        }
        for each in totals
    ]


def shown_standings(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "name": name_of(each["of"]),
            "old": Standing(each["old"]) if each["old"] else None,
            "new": Standing(each["new"]) if each["new"] else None,
        }
        for each in rows
    ]

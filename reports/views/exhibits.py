"""Tables and charts of a summary as its pages show them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from platform_site.text.words import in_chinese
from platform_site.web.charts import Bar, BarChart, Series

from ..queries import exhibits, summaries


def exhibits_by_place(content: summaries.Content) -> dict[str, list[dict[str, Any]]]:
    """By the federation behind whose paragraph they stand; "" is before all of them."""
    places = ["", *(part["federation"] for part in content["parts"])]
    numbers = iter(range(1, exhibits.MOST_EXHIBITS + 1))
    return {
        place: [_shown(content, each, next(numbers)) for each in found]
        for place in places
        if (found := exhibits.placed(content, place))
    }


def _shown(content: summaries.Content, exhibit: exhibits.Exhibit, number: int) -> dict[str, Any]:
    totals = exhibits.totals_of_exhibit(content, exhibit)
    labels = [
        f"{summaries.name_of(each)} ({each['unit_zh' if in_chinese() else 'unit_en']})"
        for each in totals
    ]
    rows = exhibits.rows_of(content, exhibit)
    title = exhibit["title"] or ", ".join(labels)
    if exhibit["kind"] == exhibits.ExhibitKind.BARS:
        return {"title": title, "chart": _chart(f"exhibit-{number}", title, labels, rows)}
    return {
        "title": title,
        "labels": labels,
        "rows": [
            {
                "name": summaries.name_of(row),
                "figures": [None if each is None else f"{each:,}" for each in figures],
            }
            for row, figures in rows
        ],
        "totals": [
            summaries.grouped(each["value"]) if each["value"] is not None else None
            for each in totals
        ],
    }


def _chart(code: str, title: str, labels: list[str], rows: list[Any]) -> BarChart:
    return BarChart(
        code=code,
        title=title,
        category=_("Federation"),
        unit="",
        series=(Series(labels[0] if labels else title, "green"),),
        bars=tuple(
            Bar(
                summaries.name_of(row),
                # A chart begins at zero: what is below it is told by its number alone.
                (figures[0],),
                note=_("not reported") if figures[0] is None else "",
            )
            for row, figures in rows
        ),
    )

"""``{% load charts %}{% bar_chart chart %}``, ``{% line_chart chart %}``: charts that are their own tables."""

from __future__ import annotations

from typing import Any

from django import template

from platform_site.web.charts import BarChart, LineChart

register = template.Library()


@register.inclusion_tag("components/bar_chart.html")
def bar_chart(chart: BarChart) -> dict[str, Any]:
    """Draw a ``web.charts.BarChart``.

    The view gives words and numbers, never coordinates or colours. The result is one table: a row a
    bar, a column a series, and a last column with the bar itself as an SVG that readers of a screen
    skip, since the numbers stand beside it. No script, no inline style, no picture file; it prints,
    grows with the reader's font and keeps its patterns in forced colours. On a phone a chart of more
    than two series lays each row out in lines. Put it into a panel that carries ``chart.title``.
    """
    return {
        "chart": chart,
        "rows": [
            {
                "bar": bar,
                "cells": list(zip(chart.series, bar.values, strict=True)),
                "parts": chart.parts_of(bar),
            }
            for bar in chart.bars
        ],
    }


@register.inclusion_tag("components/line_chart.html")
def line_chart(chart: LineChart) -> dict[str, Any]:
    """Draw a ``web.charts.LineChart``: a line that readers of a screen skip, above its table.

    Places are in percent and letters in the reader's own size, so that neither grows with the other.
    """
    return {"chart": chart, "marks": chart.marks(), "ticks": chart.ticks()}

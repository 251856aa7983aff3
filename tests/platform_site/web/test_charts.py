"""A chart is its own table: words, numbers, and bars that agree with them."""

from __future__ import annotations

import re

import pytest
from django.template import Context, Template

from platform_site.web.charts import Bar, BarChart, Series

SERIES = (Series("on time", "green"), Series("late", "red"))


def chart(*bars: Bar, **changes) -> BarChart:
    given = {
        "code": "weeks",
        "title": "Reports by week",
        "category": "Week",
        "unit": "reports",
        "series": SERIES,
        "bars": bars,
    }
    return BarChart(**{**given, **changes})


def drawn(which: BarChart) -> str:
    return Template("{% load charts %}{% bar_chart chart %}").render(Context({"chart": which}))


def test_every_number_is_in_a_cell_of_its_row():
    html = drawn(chart(Bar("one", (3, 1)), Bar("two", (12, 0), url="/w/notices/?a=1&b=2")))
    rows = re.findall(r'<tr>\s*<th scope="row">(.*?)</tr>', html, re.S)
    text = [re.sub(r"<[^>]+>", " ", each).split() for each in rows]
    assert text == [["one", "3", "1"], ["two", "12", "0"]]
    assert 'href="/w/notices/?a=1&amp;b=2"' in html
    assert "<caption" in html


def test_lengths_compare_and_shares_fill():
    bars = (Bar("one", (1, 1)), Bar("two", (3, 1)))
    [first, second] = [chart(*bars).parts_of(bar) for bar in bars]
    assert [(part.x, part.width) for part in first] == [("0.00%", "25.00%"), ("25.00%", "25.00%")]
    assert [(part.x, part.width) for part in second] == [("0.00%", "75.00%"), ("75.00%", "25.00%")]
    shares = chart(*bars, shares=True).parts_of(bars[0])
    assert [(part.x, part.width) for part in shares] == [("0.00%", "50.00%"), ("50.00%", "50.00%")]


def test_what_is_not_known_is_blank_and_zero_is_zero():
    html = drawn(chart(Bar("one", (None, None), note="not in use yet"), Bar("two", (0, 0))))
    unknown, nought = re.findall(r'<th scope="row">(.*?)</tr>', html, re.S)
    assert ">0" not in unknown
    assert "not in use yet" in unknown
    assert nought.count("0</td>") == 2
    assert "<rect" not in nought.split("chart__bar")[1]


def test_a_colour_is_never_alone_and_nothing_is_styled_inline():
    html = drawn(chart(Bar("one", (3, 1))))
    for tone in ("green", "red"):
        assert f'id="weeks-{tone}"' in html
        assert f'fill="url(#weeks-{tone})"' in html
    assert "style=" not in html
    assert "<script" not in html


def test_titles_are_text():
    assert "<b>" not in drawn(chart(Bar("<b>one</b>", (1, 1)), title="<b>bold</b>"))


def test_what_cannot_be_drawn_is_refused():
    with pytest.raises(ValueError, match="one value for each series"):
        chart(Bar("one", (1,)))
    with pytest.raises(ValueError, match="no tone"):
        Series("on time", "purple")

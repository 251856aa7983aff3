"""A line over time is drawn from its own table: broken where nothing is known, never through a zero."""

from __future__ import annotations

from decimal import Decimal

from django.template import Context, Template

from platform_site.web.charts import LineChart, Point


def chart(*numbers: int | None) -> LineChart:
    return LineChart(
        code="trend",
        title="Trainings",
        category="Period",
        heading="classes",
        headings=("change",),
        points=tuple(
            Point(
                f"Q{place}",
                None if number is None else Decimal(number),
                "" if number is None else str(number),
                (f"cell {place}",),
            )
            for place, number in enumerate(numbers, 1)
        ),
        high="8",
    )


def drawn(which: LineChart) -> str:
    return Template("{% load charts %}{% line_chart chart %}").render(Context({"chart": which}))


def test_every_number_is_in_its_row_and_blank_where_nothing_is_known():
    page = drawn(chart(4, None, 0))
    assert page.count("<tr>") == 4
    assert page.count("line-chart__mark") == 2
    assert "cell 2" in page
    assert page.count("visually-hidden") == 2  # the caption, and the one that is not known


def test_the_line_is_broken_where_nothing_is_known():
    assert [bool(mark.from_x) for mark in chart(1, 2, None, 4, 8).marks()] == [
        False,
        True,
        False,
        True,
    ]


def test_it_begins_at_zero():
    marks = chart(4, 8).marks()
    assert [mark.y for mark in marks] == ["50.00%", "5.00%"]
    assert [mark.y for mark in chart(0, 0).marks()] == ["95.00%", "95.00%"]
    assert chart(4, 8).zero == "95.00%"


def test_what_lies_below_zero_is_below():
    assert [mark.y for mark in chart(-4, 4).marks()] == ["95.00%", "5.00%"]
    assert chart(-4, 4).zero == "50.00%"


def test_nothing_known_is_no_picture():
    page = drawn(chart(None, None))
    assert "<svg" not in page
    assert page.count("<tr>") == 3


def test_names_below_are_few_and_the_last_is_among_them():
    names = [label for _x, label in chart(*range(24)).ticks()]
    assert names[0] == "Q1"
    assert names[-1] == "Q24"
    assert len(names) <= 7
    assert len(set(names)) == len(names)


def test_nothing_is_styled_inline():
    assert "style=" not in drawn(chart(1, 2))

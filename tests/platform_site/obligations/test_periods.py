"""Codes and wordings of periods: one place for all of them."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from platform_site.obligations.periods import (
    Frequency,
    from_to,
    label_of,
    parse,
    period_of,
    start_of,
    titled,
)

CODES = [
    ("2026-09", "2026-09-01", "2026-09-30", "2026年9月", "September 2026", "2026-10"),
    ("2026-12", "2026-12-01", "2026-12-31", "2026年12月", "December 2026", "2027-01"),
    ("2026-Q3", "2026-07-01", "2026-09-30", "2026年第三季度", "third quarter of 2026", "2026-Q4"),
    ("2026-Q4", "2026-10-01", "2026-12-31", "2026年第四季度", "fourth quarter of 2026", "2027-Q1"),
    ("2026-H1", "2026-01-01", "2026-06-30", "2026年上半年", "first half of 2026", "2026-H2"),
    ("2026-H2", "2026-07-01", "2026-12-31", "2026年下半年", "second half of 2026", "2027-H1"),
    ("2026", "2026-01-01", "2026-12-31", "2026年", "year 2026", "2027"),
    ("2024-02", "2024-02-01", "2024-02-29", "2024年2月", "February 2024", "2024-03"),
]


@pytest.mark.parametrize(("code", "start", "end", "zh", "en", "after"), CODES)
def test_a_period_reads_as_it_is_written(code, start, end, zh, en, after):
    period = parse(code)
    assert (period.code, str(period.start), str(period.end)) == (code, start, end)
    assert (period.next().code, period.next().previous()) == (after, period)
    with translation.override("zh-hans"):
        assert label_of(code) == zh
    with translation.override("en"):
        assert label_of(code) == en


def test_an_irregular_period_is_a_day():
    period = parse("2026-09-14")
    assert period.frequency == Frequency.IRREGULAR
    assert (period.start, period.end) == (dt.date(2026, 9, 14), dt.date(2026, 9, 14))
    with translation.override("zh-hans"):
        assert label_of("2026-09-14") == "2026年9月14日"
    with pytest.raises(ValueError, match="neighbours"):
        period.next()


@pytest.mark.parametrize(
    "code",
    ["", "2026-13", "2026-00", "2026-Q5", "2026-H3", "26", "2026-09-31", "2026-Q3 ", "2026-q3",
     "２０２６", "1949", "2151", "2026-9", "2026-02-30", "2026-Q3-01", "99999"],
)  # fmt: skip
def test_anything_else_is_no_period(code):
    with pytest.raises(ValueError, match=r"."):
        parse(code)


def test_what_asks_once_has_no_period():
    assert (label_of(""), start_of(""), titled("通知", "")) == ("", None, "通知")
    with pytest.raises(ValueError, match="once"):
        period_of("once", dt.date(2026, 9, 14))


@pytest.mark.parametrize(
    ("frequency", "code"),
    [("monthly", "2026-09"), ("quarterly", "2026-Q3"), ("half_yearly", "2026-H2"),
     ("yearly", "2026"), ("irregular", "2026-09-14")],
)  # fmt: skip
def test_the_period_in_which_a_day_lies(frequency, code):
    assert period_of(frequency, dt.date(2026, 9, 14)).code == code


def test_periods_follow_each_other_to_the_last_one():
    found = [each.code for each in from_to(parse("2026-Q3"), parse("2027-Q1"))]
    assert found == ["2026-Q3", "2026-Q4", "2027-Q1"]
    assert [each.code for each in from_to(parse("2149"), None)] == ["2149", "2150"]

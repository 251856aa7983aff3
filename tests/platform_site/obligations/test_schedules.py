"""The dates of rounds: working days over holidays, rest days, and years without a plan."""

from __future__ import annotations

import datetime as dt

import pytest

from platform_site.casework.queries import work_calendar
from platform_site.obligations.periods import parse
from platform_site.obligations.schedules import DateRule, Plan, dates_of, plan_problems

pytestmark = pytest.mark.django_db


@pytest.fixture
def calendar(reference):
    return work_calendar()


def days(dates):
    return [str(day) for day in (dates.opens_on, dates.due_on, dates.on_time_until, dates.locks_on)]


@pytest.mark.parametrize(
    ("rule", "period", "expected"),
    [
        # 1 to 7 October are off and Saturday the 10th is worked.
        (DateRule(1, 10, "working", 2, 5), "2026-Q3",
         ["2026-10-08", "2026-10-20", "2026-10-22", "2026-10-29"]),
        (DateRule(3, 10, "calendar", 0, None), "2026-Q3",
         ["2026-10-10", "2026-10-10", "2026-10-10", "None"]),
        # The fifth day of October is a rest day: the next working day.
        (DateRule(1, 5, "calendar", 0, 0), "2026-Q3",
         ["2026-10-08", "2026-10-08", "2026-10-08", "2026-10-08"]),
        # Spring Festival: Saturday 14 February is worked, the 15th to the 23rd are off.
        (DateRule(1, 12, "working", 1, 3), "2026-01",
         ["2026-02-02", "2026-02-24", "2026-02-25", "2026-02-28"]),
        (DateRule(1, 20, "calendar", 0, None), "2026-01",
         ["2026-02-02", "2026-02-24", "2026-02-24", "None"]),
        (DateRule(1, 15, "working"), "2026-H1",
         ["2026-07-01", "2026-07-21", "2026-07-21", "None"]),
    ],
)  # fmt: skip
def test_dates_are_reckoned_over_holidays(calendar, rule, period, expected):
    dates = dates_of(rule, parse(period), calendar)
    assert days(dates) == expected
    assert not dates.provisional


def test_a_year_without_a_plan_is_provisional(calendar):
    """Monday to Friday are counted until the plan is there, New Year's Day as well."""
    dates = dates_of(DateRule(), parse("2026-Q4"), calendar)
    assert (days(dates)[0], days(dates)[1], dates.provisional) == ("2027-01-01", "2027-01-14", True)


def test_a_round_that_opens_late_gives_as_many_working_days(calendar):
    dates = dates_of(DateRule(1, 10, "working", 2, 5), parse("2026-Q3"), calendar)
    assert days(dates.later(3, calendar)) == [
        "2026-10-12",
        "2026-10-23",
        "2026-10-27",
        "2026-11-03",
    ]


GOOD = Plan("quarterly", "2026-Q3", "2026-Q4")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"first": ""}, "/schedule/first_period", "required"),
        ({"first": "soon"}, "/schedule/first_period", "not_a_period"),
        ({"first": "2026-09"}, "/schedule/first_period", "other_frequency"),
        ({"last": "2026"}, "/schedule/last_period", "other_frequency"),
        ({"last": "2026-Q1"}, "/schedule/last_period", "before_first"),
        ({"frequency": "daily"}, "/schedule/frequency", "not_an_option"),
        ({"rule": DateRule(opens_after=0)}, "/schedule/opens_after", "out_of_range"),
        ({"rule": DateRule(due_after=251)}, "/schedule/due_after", "out_of_range"),
        ({"rule": DateRule(due_unit="month")}, "/schedule/due_unit", "not_an_option"),
        ({"rule": DateRule(on_time_after=-1)}, "/schedule/on_time_after", "out_of_range"),
        ({"rule": DateRule(locks_after=999)}, "/schedule/locks_after", "out_of_range"),
        ({"rule": DateRule(opens_after=9, due_after=2)}, "/schedule/due_after", "before_opening"),
        ({"first": "2150-Q4", "last": ""}, "/schedule/first_period", "too_far"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_at_its_field(calendar, changes, pointer, code):
    given = {"frequency": "quarterly", "first": "2026-Q3", "last": "2026-Q4", **changes}
    found = [(each.pointer, each.code) for each in plan_problems(Plan(**given), calendar)]
    assert (pointer, code) in found


def test_a_good_plan_has_no_problems(calendar):
    assert plan_problems(GOOD, calendar) == []
    assert plan_problems(Plan("irregular"), calendar) == []
    assert [each.code for each in GOOD.periods()] == ["2026-Q3", "2026-Q4"]
    assert list(Plan("irregular").periods()) == []


def test_the_platform_reckons_no_further_than_its_years(calendar):
    last = list(Plan("yearly", "2149").periods())[-1]
    assert last.end == dt.date(2150, 12, 31)

"""Working days: worked examples by hand, and an independent oracle that walks day by day."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_site.casework.management.commands.load_holidays import SHIPPED
from platform_site.casework.services.duties import _read_calendar
from platform_site.casework.workdays import NamedDay, Unit, WorkCalendar

ROWS = _read_calendar(SHIPPED)
CALENDAR = WorkCalendar(
    {row.date: NamedDay(row.date, row.is_workday, row.name) for row in ROWS},
    frozenset(row.date.year for row in ROWS),
)
D = dt.date


@pytest.mark.parametrize(
    ("start", "amount", "due"),
    [
        # National Day 2026: off 1–7 October, worked on 20 September and 10 October.
        (D(2026, 9, 30), 1, D(2026, 10, 8)),
        (D(2026, 9, 18), 1, D(2026, 9, 20)),
        (D(2026, 10, 9), 1, D(2026, 10, 10)),
        (D(2026, 9, 14), 15, D(2026, 10, 10)),
        # Spring Festival 2026: off 15–23 February, worked on 14 and 28 February.
        (D(2026, 2, 13), 1, D(2026, 2, 14)),
        (D(2026, 2, 14), 1, D(2026, 2, 24)),
        (D(2026, 2, 27), 1, D(2026, 2, 28)),
        # Backwards, over May Day (off 1–5, worked on 9 May).
        (D(2026, 5, 11), -2, D(2026, 5, 8)),
        (D(2026, 5, 6), -1, D(2026, 4, 30)),
        # 2025: Spring Festival 28 January to 4 February, worked on 26 January and 8 February.
        (D(2025, 1, 25), 1, D(2025, 1, 26)),
        (D(2025, 1, 27), 1, D(2025, 2, 5)),
        (D(2026, 9, 14), 0, D(2026, 9, 14)),
    ],
)
def test_working_days_by_hand(start, amount, due):
    assert CALENDAR.reckon(start, amount, Unit.WORKING).due_on == due


def test_a_term_beyond_the_published_plans_is_provisional():
    inside = CALENDAR.reckon(D(2026, 9, 14), 5, Unit.WORKING)
    beyond = CALENDAR.reckon(D(2026, 12, 30), 5, Unit.WORKING)
    assert (inside.provisional, beyond.provisional) == (False, True)
    assert beyond.due_on == D(2027, 1, 6)  # New Year's Day 2027 is not known to be off


def test_the_explanation_names_the_days_passed_over():
    deadline = CALENDAR.reckon(D(2026, 9, 30), 1, Unit.WORKING)
    assert [day.date for day in deadline.passed_over if not day.is_workday] == [
        D(2026, 10, day) for day in range(1, 8)
    ]


@pytest.mark.parametrize(
    ("start", "months", "due"),
    [
        (D(2026, 1, 31), 1, D(2026, 2, 28)),
        (D(2024, 1, 31), 1, D(2024, 2, 29)),
        (D(2026, 12, 15), 1, D(2027, 1, 15)),
        (D(2026, 3, 31), -1, D(2026, 2, 28)),
    ],
)
def test_months_end_on_the_same_or_the_last_day(start, months, due):
    """Civil Code, Art. 202."""
    assert CALENDAR.reckon(start, months, Unit.MONTH).due_on == due


def test_calendar_days_never_roll():
    assert CALENDAR.reckon(D(2026, 9, 14), 17, Unit.CALENDAR).due_on == D(2026, 10, 1)


days = st.dates(D(1986, 1, 1), D(2100, 12, 31))


@settings(max_examples=300, deadline=None)
@given(days, st.integers(-60, 60))
def test_against_an_oracle_that_walks(start, amount):
    due = CALENDAR.reckon(start, amount, Unit.WORKING).due_on
    step = dt.timedelta(days=1 if amount >= 0 else -1)
    day, walked = start, 0
    while walked < abs(amount):
        day += step
        named = CALENDAR.days.get(day)
        walked += named.is_workday if named else day.weekday() < 5
    assert due == day


@settings(max_examples=300, deadline=None)
@given(days, st.integers(-400, 400))
def test_counting_between_agrees_with_walking(start, distance):
    end = start + dt.timedelta(days=distance)
    low, high = min(start, end), max(start, end)
    count = sum(
        CALENDAR.is_workday(low + dt.timedelta(days=n)) for n in range(1, (high - low).days + 1)
    )
    assert CALENDAR.working_days_between(start, end) == (count if end >= start else -count)

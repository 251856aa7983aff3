"""How everything here is timed: pairs in turn, medians, ratios."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from django.core.management import call_command
from django.db import connection

TURNS = 41
#: What was measured, the figures, the goal, and whether it is met.
Row = tuple[str, str, str, bool]


def reference_data() -> None:
    """Tables, federations, calendar, forms and rules, where they are missing."""
    call_command("migrate", verbosity=0)
    for command in ("load_federations", "load_holidays", "load_forms", "load_reminders"):
        call_command(command, verbosity=0)


def wall_time(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def spent_in_database(act: Callable[[], object]) -> float:
    """Milliseconds that ``act`` waits for the database."""
    spent = 0.0

    def watch(execute, sql, params, many, context):
        nonlocal spent
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent += time.perf_counter() - began

    with connection.execute_wrapper(watch):
        act()
    return spent * 1000


def sql_time(queryset) -> float:
    """Milliseconds that reading the rows waits for the database: the mean of ten."""
    return spent_in_database(lambda: [list(queryset.all()) for _ in range(10)]) / 10


def pair(
    first: Callable[[], float], second: Callable[[], float], turns: int = TURNS
) -> tuple[float, float, float]:
    """Medians of both, taken in turn, and their ratio."""
    left, right = [], []
    for _ in range(3):
        first(), second()
    for _ in range(turns):
        left.append(first())
        right.append(second())
    a, b = statistics.median(left), statistics.median(right)
    return a, b, a / b

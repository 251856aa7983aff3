"""``make bench``: what the platform costs on many rows, as ratios measured in one run.

Each pair is timed in turn (A B A B …), so that a machine that slows down slows both; the tables
give medians and go into ``docs/performance.md``. A goal that is missed ends with status 1.
``python -m benchmarks matrix`` measures one part and leaves the others' tables as they are.
"""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.settings.test")
os.environ.setdefault("LOG_LEVEL", "ERROR")

import django

django.setup()

from django.db import connection  # noqa: E402

from . import api, figures, lists, matrix, reminders  # noqa: E402
from .measure import TURNS, Row  # noqa: E402

#: Name, what lies below it, and who measures. The last one fills the database it leaves behind.
PARTS = {
    "lists": (f"{lists.WANTED:,} obligations", lists.measured),
    "api": (f"{lists.WANTED:,} obligations", api.measured),
    "reminders": ("100,000 due duties", reminders.measured),
    "matrix": (f"{matrix.REPORTS:,} reports passed down", matrix.measured),
    "figures": (f"{figures.MANY:,} stored figures", figures.measured),
}
DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "performance.md"


def table_of(below: str, rows: list[Row]) -> str:
    return "\n".join(
        [
            f"{below}; medians of {TURNS} turns where not said otherwise, both sides of a ratio in"
            f" turn; PostgreSQL {connection.pg_version // 10000}; {os.cpu_count()} cores;"
            f" {dt.date.today().isoformat()}.",
            "",
            "| what | measured | goal | |",
            "|---|---|---|---|",
            *(
                f"| {what} | {got} | {goal} | {'✔' if met else '✘'} |"
                for what, got, goal, met in rows
            ),
        ]
    )


def publish(name: str, table: str) -> None:
    """Put the table between the marks of its part."""
    text = DOCUMENT.read_text(encoding="utf-8")
    begin, end = f"<!-- bench:{name} -->\n", f"<!-- /bench:{name} -->"
    head, mark, rest = text.partition(begin)
    if not mark:
        raise SystemExit(f"docs/performance.md has no {begin.strip()}")
    tail = rest.partition(end)[2]
    DOCUMENT.write_text(f"{head}{begin}{table}\n{end}{tail}", encoding="utf-8")


def main(wanted: list[str]) -> int:
    met = True
    for name, (below, measure) in PARTS.items():
        if wanted and name not in wanted:
            continue
        began = time.perf_counter()
        rows = measure()
        table = table_of(below, rows)
        publish(name, table)
        print(f"{table}\n{name} took {time.perf_counter() - began:.0f} s\n")
        met = met and all(each for *_rest, each in rows)
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Make calendar.csv: days off and make-up working days of the State Council's yearly plans.

    python platform_site/casework/data/build.py

Years 2004 to 2024 are taken from the package chinesecalendar; 2025 and 2026 are written out here
from the plans. Days that follow the rule Monday to Friday are left out, holidays that fall on a
weekend are kept with their name. Next year's plan, published each November, is loaded by
``manage.py load_holidays FILE``; this file is what a new installation starts with.
"""

from __future__ import annotations

import csv
import datetime
import sys
from collections.abc import Iterator
from pathlib import Path

from chinese_calendar.constants import Holiday, holidays, workdays

HERE = Path(__file__).resolve().parent
FIRST, LAST_FROM_PACKAGE = 2004, 2024
COLUMNS = ("date", "is_workday", "name", "source")
#: The package's names without "节" are completed to the names of the regulation.
NAMES = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}

#: year: [(name, first day off, last day off), ...], [(working weekend, for which holiday), ...]
PLANS = {
    2025: (
        [
            ("元旦", (1, 1), (1, 1)),
            ("春节", (1, 28), (2, 4)),
            ("清明节", (4, 4), (4, 6)),
            ("劳动节", (5, 1), (5, 5)),
            ("端午节", (5, 31), (6, 2)),
            ("国庆节、中秋节", (10, 1), (10, 8)),
        ],
        [
            ((1, 26), "春节"),
            ((2, 8), "春节"),
            ((4, 27), "劳动节"),
            ((9, 28), "国庆节、中秋节"),
            ((10, 11), "国庆节、中秋节"),
        ],
    ),
    2026: (
        [
            ("元旦", (1, 1), (1, 3)),
            ("春节", (2, 15), (2, 23)),
            ("清明节", (4, 4), (4, 6)),
            ("劳动节", (5, 1), (5, 5)),
            ("端午节", (6, 19), (6, 21)),
            ("中秋节", (9, 25), (9, 27)),
            ("国庆节", (10, 1), (10, 7)),
        ],
        [
            ((1, 4), "元旦"),
            ((2, 14), "春节"),
            ((2, 28), "春节"),
            ((5, 9), "劳动节"),
            ((9, 20), "国庆节"),
            ((10, 10), "国庆节"),
        ],
    ),
}

Row = tuple[str, int, str, str]


def notice(year: int) -> str:
    return f"国务院办公厅关于{year}年部分节假日安排的通知"


def from_package() -> Iterator[Row]:
    chinese = {holiday.value: holiday.chinese for holiday in Holiday}
    for table, is_workday, suffix in ((holidays, 0, ""), (workdays, 1, "调休上班")):
        for day, english in table.items():
            if FIRST <= day.year <= LAST_FROM_PACKAGE:
                name = chinese[english]
                full = f"{NAMES.get(name, name)}{suffix}"
                yield day.isoformat(), is_workday, full, notice(day.year)


def from_plans() -> Iterator[Row]:
    for year, (off, made_up) in PLANS.items():
        for name, first, last in off:
            day, end = datetime.date(year, *first), datetime.date(year, *last)
            while day <= end:
                yield day.isoformat(), 0, name, notice(year)
                day += datetime.timedelta(days=1)
        for (month, number), name in made_up:
            day = datetime.date(year, month, number)
            yield day.isoformat(), 1, f"{name}调休上班", notice(year)


if __name__ == "__main__":
    rows = sorted([*from_package(), *from_plans()])
    with (HERE / "calendar.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    sys.stdout.write(f"calendar.csv: {len(rows)} days, {FIRST} to {max(PLANS)}\n")

"""The working-day calendar that the project ships (2025 and 2026 as the State Council planned)."""

import csv
import datetime
from pathlib import Path

import platform_site.casework

FILE = Path(platform_site.casework.__file__).parent / "data" / "calendar.csv"


def rows():
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def days(first, last):
    day, end = (datetime.date.fromisoformat(text) for text in (first, last))
    while day <= end:
        yield day.isoformat()
        day += datetime.timedelta(days=1)


def of(year, is_workday):
    return [
        row["date"]
        for row in rows()
        if row["date"].startswith(str(year)) and row["is_workday"] == is_workday
    ]


def test_2025():
    assert of(2025, "0") == [
        "2025-01-01",
        *days("2025-01-28", "2025-02-04"),
        *days("2025-04-04", "2025-04-06"),
        *days("2025-05-01", "2025-05-05"),
        *days("2025-05-31", "2025-06-02"),
        *days("2025-10-01", "2025-10-08"),
    ]
    assert of(2025, "1") == ["2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"]


def test_2026():
    assert of(2026, "0") == [
        *days("2026-01-01", "2026-01-03"),
        *days("2026-02-15", "2026-02-23"),
        *days("2026-04-04", "2026-04-06"),
        *days("2026-05-01", "2026-05-05"),
        *days("2026-06-19", "2026-06-21"),
        *days("2026-09-25", "2026-09-27"),
        *days("2026-10-01", "2026-10-07"),
    ]
    assert of(2026, "1") == [
        "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
    ]  # fmt: skip


def test_every_day_once_named_and_sourced():
    table = rows()
    dates = [row["date"] for row in table]
    assert dates == sorted(set(dates))
    assert {date[:4] for date in dates} == {str(year) for year in range(2004, 2027)}
    for row in table:
        assert 0 < len(row["name"]) <= 40
        assert row["source"] == f"国务院办公厅关于{row['date'][:4]}年部分节假日安排的通知"
        # A make-up working day is a weekend: any other working day follows the rule.
        if row["is_workday"] == "1":
            assert datetime.date.fromisoformat(row["date"]).weekday() >= 5

"""Load the tree of federations from the files of the project (``federations/data``)."""

from __future__ import annotations

import csv
import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from platform_site.federations.models import Federation

DATA = Path(__file__).resolve().parents[2] / "data"
FILES = ("first_tier.csv", "prefectures.csv", "counties.csv")
#: Columns that are copied as they stand.
TEXTS = ("name_zh", "name_en", "short_zh", "short_en", "sort_key", "search_key", "kind")
WRITTEN = (
    *TEXTS,
    "level",
    "position",
    "parent_id",
    "first_tier_id",
    "prefecture_id",
    "valid_from",
    "valid_to",
)


class Command(BaseCommand):
    help = (
        "Loads the national federation, the 43 first-tier units, prefectures and counties. "
        "May be run again: only what differs is written, and a federation that left the files "
        "is kept and ended, never deleted."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--data", type=Path, default=DATA, help="folder with the CSV files")

    def handle(self, *args: Any, data: Path, **options: Any) -> None:
        rows = [row for name in FILES for row in read(data / name)]
        with transaction.atomic():
            added, changed, ended = load(rows)
        self.stdout.write(
            f"federations: {len(rows)} in the files, {added} added, {changed} changed, {ended} ended"
        )


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(rows: list[dict[str, str]]) -> tuple[int, int, int]:
    """Write the rows set-wise, level by level; parents come before their children."""
    known = {row.code: row for row in Federation.objects.select_for_update()}
    added = changed = 0
    for level in Federation.Level.values:
        fresh: list[Federation] = []
        differing: list[Federation] = []
        for row in rows:
            if int(row["level"]) != level:
                continue
            wanted = _columns(row, known)
            present = known.get(row["code"])
            if present is None:
                fresh.append(Federation(code=row["code"], **wanted))
            elif any(
                getattr(present, name) != value
                for name, value in wanted.items()
                # Their own ancestor columns are set below, once the row has its id.
                if name not in _own_columns(level)
            ):
                for name, value in wanted.items():
                    if name not in _own_columns(level):
                        setattr(present, name, value)
                present.version += 1
                differing.append(present)
        Federation.objects.bulk_create(fresh, batch_size=1000)
        Federation.objects.bulk_update(
            differing,
            [*(name.removesuffix("_id") for name in WRITTEN), "version"],
            batch_size=1000,
        )
        known.update((row.code, row) for row in fresh)
        _point_at_themselves(level, fresh)
        added += len(fresh)
        changed += len(differing)
    today = timezone.localdate()
    gone = Federation.objects.exclude(code__in=[row["code"] for row in rows])
    ended = gone.filter(valid_to__isnull=True).update(valid_to=today)
    return added, changed, ended


def _own_columns(level: int) -> tuple[str, ...]:
    if level == Federation.Level.FIRST_TIER:
        return ("first_tier_id",)
    return ("prefecture_id",) if level == Federation.Level.PREFECTURE else ()


def _point_at_themselves(level: int, fresh: list[Federation]) -> None:
    columns = _own_columns(level)
    for row in fresh:
        for column in columns:
            setattr(row, column, row.pk)
    if columns and fresh:
        Federation.objects.bulk_update(
            fresh, [column.removesuffix("_id") for column in columns], batch_size=1000
        )


def _columns(row: dict[str, str], known: dict[str, Federation]) -> dict[str, Any]:
    parent = known[row["parent"]] if row["parent"] else None
    level = int(row["level"])
    return {
        **{name: row[name] for name in TEXTS},
        "level": level,
        "position": int(row["position"]),
        "parent_id": parent.pk if parent else None,
        "first_tier_id": parent.first_tier_id if parent else None,
        "prefecture_id": parent.prefecture_id
        if parent and level > Federation.Level.PREFECTURE
        else None,
        "valid_from": _day(row["valid_from"]),
        "valid_to": _day(row["valid_to"]),
    }


def _day(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None

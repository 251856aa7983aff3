"""Tables of figures of one national year, beside ten times as many stored figures.

60 indicators are reported each quarter by the 32 provincial federations, and in a cascade by the prefectures and
counties below them, year after year backwards from 2026 until there are enough. Two databases are
measured in turn, the smaller one with a tenth of the larger one's figures; 2026 is whole in both. Both are
dropped at the end.
"""

from __future__ import annotations

import contextlib
import os
import statistics
from collections.abc import Callable, Iterator

from django.db import connection
from django.test import Client

from platform_site.accounts.models import User
from platform_site.accounts.roles import Role
from platform_site.federations.models import Federation
from platform_site.obligations import periods
from platform_site.questionnaires.models import Indicator
from reports.queries.figures import Among, federations_among, read_figures
from tests.factories.accounts import user_with

from .measure import Row, pair, reference_data, spent_in_database, wall_time

#: Figures in the larger database; fewer for a try (BENCH_FIGURES=1000000).
MANY = int(os.environ.get("BENCH_FIGURES", "10000000"))
FEW = MANY // 10
YEAR, INDICATORS = 2026, 60
SMALL, LARGE = "bench_figures", "bench_figures_large"
NATIONAL, PROVINCIAL = "bench.figures", "bench.figures.province"
TABLE = "questionnaires_figure"
GOAL = 1.5

_ALL = "&".join(f"indicator=bench_{n:02}" for n in range(1, INDICATORS + 1))
_SIX = "&".join(f"indicator=bench_{n:02}" for n in range(1, 7))
_OF = f"since={YEAR}&until={YEAR}"
#: What is opened, by whom, and how many numbers the page then shows at the least.
PAGES = (
    ("32 federations × 60 indicators", NATIONAL, f"/w/figures/?{_ALL}&{_OF}", 32 * 60),
    ("the page as it opens", NATIONAL, "/w/figures/", 32 * 6),
    ("32 federations × 6 indicators", NATIONAL, f"/w/figures/?{_SIX}&{_OF}", 32 * 6),
    (
        "national totals, 60 indicators × 4 quarters",
        NATIONAL,
        f"/w/figures/?{_ALL}&{_OF}&rows=indicator&columns=period",
        60 * 4,
    ),
    ("trend", NATIONAL, f"/w/figures/trend/?indicator=bench_01&{_OF}", 4),
    ("ranking", NATIONAL, f"/w/figures/ranking/?indicator=bench_01&{_OF}", 32),
    (
        "a province's prefectures × 6 indicators",
        PROVINCIAL,
        f"/w/figures/?{_SIX}&{_OF}&group=below",
        21 * 6,
    ),
)


def measured() -> list[Row]:
    home = connection.settings_dict["NAME"]
    try:
        _generate(home)
        return [*_pages(), *_sql(), *_same_as_counted()]
    finally:
        _use(home)
        with connection.cursor() as cursor:
            for name in (LARGE, SMALL):
                cursor.execute(f"DROP DATABASE IF EXISTS {name}")


def _use(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database


def _in(database: str, act: Callable[[], float]) -> Callable[[], float]:
    """``act`` measured in this database, on a connection that has read it once before."""

    def turn() -> float:
        _use(database)
        act()
        return act()

    return turn


def _generate(home: str) -> None:
    with connection.cursor() as cursor:
        for name in (LARGE, SMALL):
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {SMALL}")
    _use(SMALL)
    reference_data()
    Indicator.objects.bulk_create(
        Indicator(
            code=f"bench_{n:02}",
            name_zh=f"测量指标{n}",
            name_en=f"Indicator {n}",
            unit_zh="个",
            unit_en="items",
            measure="period" if n % 2 else "cumulative",
            adds_up="sum",
        )
        for n in range(1, INDICATORS + 1)
    )
    national, province = Federation.objects.national(), Federation.objects.get(code="440000")
    user_with(Role.NATIONAL_OFFICER, national, username=NATIONAL, name="测量")
    user_with(Role.LIAISON_OFFICER, province, username=PROVINCIAL, name="测量")
    _use(home)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {LARGE} TEMPLATE {SMALL}")
    for name, wanted in ((SMALL, FEW), (LARGE, MANY)):
        _use(name)
        _fill(wanted)


@contextlib.contextmanager
def _fast() -> Iterator[None]:
    """What triggers would stamp is given by hand, and indexes are built once over all rows."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER ALL")
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT"
            " IN (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
            [TABLE, TABLE],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
        cursor.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER ALL")
        cursor.execute(f"VACUUM ANALYZE {TABLE}")


def _fill(wanted: int) -> None:
    """Quarter after quarter into the past: the first tier's figures are there for all of them."""
    with _fast(), connection.cursor() as cursor:
        written, quarter = 0, 0
        while written < wanted or quarter < 4:
            year, number = YEAR - quarter // 4, 4 - quarter % 4
            start = f"{year}-{3 * number - 2:02}-01"
            # 2026 is whole in both: the first tier and the prefectures come before the counties.
            for level, most in ((2, wanted), (3, wanted), (4, wanted - written)):
                cursor.execute(
                    f"INSERT INTO {TABLE} (sheet_id, indicator_id, federation_id, first_tier_id,"
                    f" prefecture_id, period_start, period_end, number)"
                    f" SELECT ('a0000000-0000-4000-8000-' || lpad(to_hex(%s * 100000 + f.id), 12,"
                    f" '0'))::uuid, i.id, f.id, f.first_tier_id, f.prefecture_id, date %s,"
                    f" (date %s + interval '3 months - 1 day')::date, (f.id * 7 + i.id * 3) %% 900 + 1"
                    f" FROM federations_federation f JOIN questionnaires_indicator i"
                    f" ON i.code LIKE 'bench%%' WHERE f.level = %s AND (f.level > 2 OR f.kind IN"
                    f" ('provincial', 'corps')) LIMIT %s",
                    [quarter, start, start, level, max(most, 0)],
                )
                written += cursor.rowcount
            quarter += 1


def _client(name: str) -> Client:
    client = Client()
    person = User.objects.get(username=name)
    client.force_login(person, backend="platform_site.accounts.backends.SignInBackend")
    return client


def _opened(name: str, address: str, least: int) -> Callable[[], float]:
    """Milliseconds from the request to the whole page."""

    def act() -> float:
        client = _client(name)

        def ask() -> None:
            answer = client.get(address)
            assert answer.status_code == 200, answer.status_code
            shown = answer.content.count(b"/w/figures/sources/")
            assert shown >= least, (address, shown)

        return wall_time(ask)

    return act


def _pages() -> list[Row]:
    rows = []
    for what, name, address, least in PAGES:
        act = _opened(name, address, least)
        large, small, ratio = pair(_in(LARGE, act), _in(SMALL, act), turns=11)
        rows.append(
            (
                f"{what}: {MANY:,} / {FEW:,} stored figures (page)",
                f"{ratio:.2f} ({large:.1f} / {small:.1f} ms; 11 turns)",
                f"≤ {GOAL}",
                ratio <= GOAL,
            )
        )
    return rows


def _read_year() -> tuple[list[Indicator], list[Federation], list[periods.Period]]:
    officer = User.objects.get(username=NATIONAL)
    indicators = list(Indicator.objects.filter(code__startswith="bench"))
    first, last = periods.parse(f"{YEAR}-Q1"), periods.parse(f"{YEAR}-Q4")
    return (
        indicators,
        federations_among(officer, Among.PROVINCES),
        list(periods.from_to(first, last)),
    )


def _sql() -> list[Row]:
    """The one statement of the national year: 32 × 60 × 4 figures."""

    def act() -> float:
        officer = User.objects.get(username=NATIONAL)
        officer.scope  # noqa: B018 - resolved once a request, whatever is read
        indicators, federations, shown = _read_year()
        return spent_in_database(lambda: read_figures(officer, indicators, federations, shown))

    large, small, ratio = pair(_in(LARGE, act), _in(SMALL, act), turns=11)
    return [
        (
            f"figures of a national year, {MANY:,} / {FEW:,} stored figures (SQL)",
            f"{ratio:.2f} ({large:.1f} / {small:.1f} ms; 11 turns)",
            f"≤ {GOAL}",
            ratio <= GOAL,
        )
    ]


def _same_as_counted() -> list[Row]:
    """What the page reads, beside the least that a count over all stored figures costs; sums are equal."""
    _use(LARGE)
    officer = User.objects.get(username=NATIONAL)
    indicators, federations, shown = _read_year()

    def group() -> dict[tuple[int, str], int]:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            # The condition in other words, so that it is counted over the table, not by the index.
            cursor.execute(
                f"SELECT indicator_id, period_start, sum(number) FROM {TABLE}"
                " WHERE coalesce(prefecture_id, 0) = 0 AND federation_id + 0 = first_tier_id + 0"
                f" AND extract(year FROM period_start) = {YEAR} GROUP BY 1, 2"
            )
            return {(row[0], row[1].isoformat()): int(row[2]) for row in cursor.fetchall()}

    counted = group()
    found = read_figures(officer, indicators, federations, shown)
    for each in indicators:
        for period in shown:
            amount = found.at(each, None, period)
            assert amount.number == counted[each.pk, period.start.isoformat()], (each, period)
            assert amount.reported == len(federations), (each, period)
    slow = statistics.median(wall_time(group) for _turn in range(5))
    fast = statistics.median(
        wall_time(lambda: read_figures(officer, indicators, federations, shown))
        for _turn in range(11)
    )
    return [
        (
            f"GROUP BY over {MANY:,} stored figures / figures of a national year (SQL)",
            f"{slow / fast:,.0f} ({slow:,.0f} / {fast:.1f} ms; all 240 totals equal)",
            "no goal",
            True,
        )
    ]

"""The national view of 43 federations × 20 notices, beside ten times as much and 10,000,000 reports.

Two databases are measured in turn: one with the view's own rows alone, one that is a copy of it with
ten times the stored versions and ten times the other notices, and then with the reports that
federations below filed with theirs for every one of these notices. Both are dropped at the end.
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
from reports.queries import matrix_for
from tests.factories.accounts import user_with

from .measure import Row, pair, reference_data, spent_in_database, wall_time

#: Reports passed down that lie below; fewer for a try (BENCH_REPORTS=100000).
REPORTS = int(os.environ.get("BENCH_REPORTS", "10000000"))
SHOWN, OTHERS, VERSIONS = 20, 320, 1
SMALL, LARGE = "bench_matrix", "bench_matrix_large"
NAME = "bench.matrix"
OWED, FILED = "obligations_obligation", "reports_report"
TABLES = (
    "obligations_request",
    "obligations_round",
    "reports_notice",
    OWED,
    FILED,
    "reports_reportversion",
)
#: An id that grows with n: a row is added at the end of an index, as fast as it can be.
UUID = "('{}0000000-0000-4000-8000-' || lpad(to_hex({}), 12, '0'))::uuid"


def measured() -> list[Row]:
    home = connection.settings_dict["NAME"]
    try:
        _generate(home)
        rows = _ten_times()
        _pass_down()
        return rows + _beside_a_count()
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


@contextlib.contextmanager
def _without_triggers() -> Iterator[None]:
    """Rows are made by hundred thousands: what triggers would stamp is given by hand."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        yield
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL")
            cursor.execute(f"VACUUM ANALYZE {table}")


def _generate(home: str) -> None:
    with connection.cursor() as cursor:
        for name in (LARGE, SMALL):
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {SMALL}")
    _use(SMALL)
    reference_data()
    user_with(Role.NATIONAL_OFFICER, Federation.objects.national(), username=NAME, name="测量")
    with _without_triggers():
        _notices(1, SHOWN, "timestamptz '2026-01-01 09:00+08' + n * interval '10 days'")
        _notices(SHOWN + 1, SHOWN + OTHERS, _BEFORE)
        _reports("parent_id IS NULL")
        _versions(1, VERSIONS)
    _use(home)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {LARGE} TEMPLATE {SMALL}")
    _use(LARGE)
    with _without_triggers():
        _notices(SHOWN + OTHERS + 1, SHOWN + 10 * OTHERS, _BEFORE)
        _reports(
            f"parent_id IS NULL AND NOT EXISTS"
            f" (SELECT FROM {FILED} r WHERE r.obligation_id = {OWED}.id)"
        )
        _versions(VERSIONS + 1, 10 * VERSIONS)


#: Other notices went out before those of the view.
_BEFORE = "timestamptz '2016-09-01 09:00+08' + n * interval '1 day'"


def _notices(first: int, last: int, at: str) -> None:
    """Notices to the 43 first-tier units, each signed for, filed and most of them accepted."""
    person = User.objects.get(username=NAME).pk
    request, round = UUID.format("a", "n"), UUID.format("b", "n")
    made = f"(SELECT n, {at} AS at FROM generate_series({first}, {last}) AS n) AS m"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO obligations_request (id, kind, title, federation_id) SELECT {request},"
            f" 'reports.notice', '关于报送第' || n || '号工作进展情况的通知', %s FROM {made}",
            [Federation.objects.national().pk],
        )
        cursor.execute(
            f"INSERT INTO obligations_round (id, request_id, period, due_on, on_time_until, opened_at)"
            f" SELECT {round}, {request}, '', at::date + 20, at::date + 20, at FROM {made}"
        )
        cursor.execute(
            f"INSERT INTO reports_notice (request_id, text, business_line, asks, contact_name,"
            f" contact_phone, state, drafted_at, issued_at, version, drafted_by_id, form_version_id)"
            f" SELECT {request}, '正文', 'platform', 'information', '', '', 'issued', at, at, 1, %s,"
            f" (SELECT min(id) FROM questionnaires_formversion) FROM {made}",
            [person],
        )
        cursor.execute(
            f"INSERT INTO {OWED} (id, due_on, on_time_until, issued_at, signed_for_at,"
            f" signed_for_by_id, filed_at, settled_at, department, version, federation_id,"
            f" first_tier_id, prefecture_id, round_id)"
            f" SELECT {UUID.format('c', 'n * 100 + f.position')}, at::date + 20, at::date + 20, at,"
            f" at + interval '1 day', %s, at + interval '1 day' * (10 + f.id %% 13),"
            f" CASE WHEN f.id %% 5 > 0 THEN at + interval '25 days' END, '社会联络部', 3, f.id,"
            f" f.first_tier_id, f.prefecture_id, {round}"
            f" FROM {made} JOIN federations_federation f ON f.level = 2",
            [person],
        )


def _reports(which: str) -> None:
    """A report for each obligation; the id is the obligation's, the sheet is left out of it."""
    person = User.objects.get(username=NAME).pk
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {FILED} (id, kind, state, nothing_to_report, nothing_reason, explanation,"
            f" started_at, signed_off_name, signed_off_title, version, federation_id, first_tier_id,"
            f" prefecture_id, obligation_id, prepared_by_id, sheet_id, started_by_id, submitted_at)"
            f" SELECT id, 'information', CASE WHEN settled_at IS NULL THEN 'submitted' ELSE"
            f" 'accepted' END, FALSE, '', '', signed_for_at, '', '', 3, federation_id,"
            f" first_tier_id, prefecture_id, id, %s, id, %s, filed_at FROM {OWED} WHERE {which}",
            [person, person],
        )


def _versions(first: int, last: int) -> None:
    """Stored versions of about 2 KB for every report that is there."""
    person = User.objects.get(username=NAME).pk
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO reports_reportversion (id, number, content, nothing_to_report,"
            f" nothing_reason, explanation, doubts, prepared_by_name, submitted_by_name,"
            f" signed_off_name, signed_off_title, submitted_at, report_id, submitted_by_id)"
            f" SELECT gen_random_uuid(), v, content, FALSE, '', '', '[]', '', '', '', '',"
            f" r.submitted_at, r.id, %s FROM {FILED} r, generate_series({first}, {last}) AS v,"
            f" (SELECT jsonb_build_object('sections', jsonb_agg(md5(g::text))) AS content"
            f" FROM generate_series(1, 60) AS g) AS filled",
            [person],
        )


def _pass_down() -> None:
    """Each notice was passed down to prefectures and counties until there are enough reports."""
    _use(LARGE)
    with _without_triggers(), connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute("SET work_mem = '256MB'")
        for table, act in (
            (OWED, lambda: cursor.execute(_PASSED_DOWN, [REPORTS])),
            (FILED, lambda: _reports("parent_id IS NOT NULL")),
        ):
            # Indexes are built once over all rows, those of constraints grow with them. Of the rest
            # only those come back that a reading of obligations could be tempted to use.
            cursor.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT"
                " IN (SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass)",
                [table, table],
            )
            indexes = cursor.fetchall()
            for name, _definition in indexes:
                cursor.execute(f"DROP INDEX {name}")
            act()
            for name, definition in indexes:
                if name.startswith("obligation_") or "_round_id_" in name:
                    cursor.execute(definition)


_PASSED_DOWN = f"""
INSERT INTO {OWED} (id, due_on, on_time_until, issued_at, signed_for_at, signed_for_by_id, filed_at,
    settled_at, department, version, federation_id, first_tier_id, prefecture_id, round_id, parent_id)
SELECT {UUID.format("d", "row_number() OVER (ORDER BY above.round_id)")}, above.due_on,
    above.on_time_until, above.issued_at, above.signed_for_at, above.signed_for_by_id,
    above.filed_at, above.settled_at, '', 3, f.id, f.first_tier_id, f.prefecture_id, above.round_id, above.id
FROM {OWED} above JOIN federations_federation f
    ON f.first_tier_id = above.federation_id AND f.level > 2
WHERE above.parent_id IS NULL
LIMIT %s"""


def _officer() -> User:
    return User.objects.get(username=NAME)


def _open_page() -> float:
    """Milliseconds from the request to the whole page."""
    client = Client()
    client.force_login(_officer(), backend="platform_site.accounts.backends.SignInBackend")

    def ask() -> None:
        answer = client.get("/w/matrix/")
        assert answer.status_code == 200, answer.status_code
        assert answer.content.count(b"matrix__cell--") == SHOWN * 43

    return wall_time(ask)


def _read() -> float:
    """Milliseconds for the view without its drawing: queries, cells, rates."""
    officer = _officer()
    officer.scope  # noqa: B018 - resolved once a request, whatever is read
    return wall_time(lambda: matrix_for(officer))


def _read_in_database() -> float:
    officer = _officer()
    officer.scope  # noqa: B018
    return spent_in_database(lambda: matrix_for(officer))


def _ten_times() -> list[Row]:
    rows = []
    for what, act in (("page", _open_page), ("SQL", _read_in_database)):
        large, small, ratio = pair(_in(LARGE, act), _in(SMALL, act), turns=11)
        rows.append(
            (
                f"43 × {SHOWN} view, 10 × versions and 10 × other notices / 1 × ({what})",
                f"{ratio:.2f} ({large:.1f} / {small:.1f} ms; 11 turns)",
                "≤ 1.2",
                ratio <= 1.2,
            )
        )
    return rows


def _beside_a_count() -> list[Row]:
    _use(LARGE)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {FILED}")
        [count] = cursor.fetchone()

    def group() -> None:
        """The least that a count over the reports costs: without the notice, which needs a join."""
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute(
                f"SELECT federation_id, state, count(*), count(submitted_at) FROM {FILED}"
                " GROUP BY 1, 2"
            )
            cursor.fetchall()

    rows = []
    grouped: list[float] = []
    views: dict[str, list[float]] = {"SQL": [], "SQL and Python": [], "whole page": []}
    group()
    for _turn in range(5):
        grouped.append(wall_time(group))
        for name, act in (
            ("SQL", _read_in_database),
            ("SQL and Python", _read),
            ("whole page", _open_page),
        ):
            act()
            views[name] += [act() for _again in range(5)]
    slow = statistics.median(grouped)
    for name, taken in views.items():
        fast = statistics.median(taken)
        # The goal is about reading the rows; what Python and drawing add is told beside it.
        goal = name == "SQL"
        rows.append(
            (
                f"GROUP BY over {count:,} reports / 43 × {SHOWN} view ({name})",
                f"{slow / fast:,.0f} ({slow:,.0f} / {fast:.1f} ms; 5 turns)",
                "≥ 100" if goal else "no goal",
                slow / fast >= 100 or not goal,
            )
        )
    large, small, ratio = pair(_in(LARGE, _open_page), _in(SMALL, _open_page), turns=11)
    rows.append(
        (
            f"43 × {SHOWN} view with {count:,} reports below / without (page)",
            f"{ratio:.2f} ({large:.1f} / {small:.1f} ms; 11 turns)",
            "≤ 1.2",
            ratio <= 1.2,
        )
    )
    return rows

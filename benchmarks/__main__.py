"""``make bench``: what the lists cost on 1,000,000 obligations, as ratios measured in one run.

Each pair is timed in turn (A B A B …), so that a machine that slows down slows both; the table
gives medians and goes into ``docs/performance.md``. A goal that is missed ends with status 1.
"""

from __future__ import annotations

import datetime as dt
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.settings.test")
os.environ.setdefault("LOG_LEVEL", "ERROR")

import django

django.setup()

from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from platform_site.accounts.models import User  # noqa: E402
from platform_site.accounts.roles import Role  # noqa: E402
from platform_site.casework.models import Duty, Ladder, Reminder, ReminderRule  # noqa: E402
from platform_site.casework.queries import on_rungs, people_in_post, reached_by  # noqa: E402
from platform_site.casework.services.reminders import record_due  # noqa: E402
from platform_site.federations.models import Federation  # noqa: E402
from platform_site.lists import keyset  # noqa: E402
from platform_site.obligations.models import Obligation  # noqa: E402
from reports.models import Notice, Report  # noqa: E402
from tests.factories.accounts import token_for, user_with  # noqa: E402

WANTED = int(os.environ.get("BENCH_ROWS", "1000000"))
TURNS = 41
ORDER = ("-issued_at", "-id")
PAGE = 20
DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "performance.md"


def generate() -> None:
    """Rounds, each addressed to every sixth federation, until there are enough obligations."""
    call_command("migrate", verbosity=0)
    for command in ("load_federations", "load_holidays", "load_forms", "load_reminders"):
        call_command(command, verbosity=0)
    if Obligation.objects.exists():
        return
    centre = Federation.objects.national()
    drafter = user_with(Role.NATIONAL_OFFICER, centre, username="bench.drafter", name="起草人")
    each = Federation.objects.filter(level__gt=1).count() // 6
    rounds = WANTED // each + 1
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        tables = ("obligations_request", "obligations_round", "obligations_obligation")
        for table in (*tables, "reports_notice"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(
            "CREATE TEMP TABLE made AS SELECT n, gen_random_uuid() AS request,"
            " gen_random_uuid() AS round,"
            # Fifty rounds share a moment: lists must page through ties.
            " timestamptz '2016-09-01 09:00+08' + (n / 50) * interval '3 days' AS at"
            " FROM generate_series(1, %s) AS n",
            [rounds],
        )
        cursor.execute(
            "INSERT INTO obligations_request (id, kind, title, federation_id)"
            " SELECT request, 'reports.notice', '第' || n || '号通知', %s FROM made",
            [centre.pk],
        )
        cursor.execute(
            "INSERT INTO obligations_round (id, request_id, period, due_on, on_time_until)"
            " SELECT round, request, '', at::date + 30, at::date + 30 FROM made"
        )
        cursor.execute(
            "INSERT INTO reports_notice (request_id, text, business_line, asks, contact_name,"
            " contact_phone, state, drafted_at, issued_at, version, drafted_by_id)"
            " SELECT request, '正文', 'platform', 'nothing', '', '', 'issued', at, at, 1, %s FROM made",
            [drafter.pk],
        )
        cursor.execute(
            "INSERT INTO obligations_obligation (id, due_on, on_time_until, issued_at, department,"
            " version, federation_id, first_tier_id, prefecture_id, round_id)"
            " SELECT gen_random_uuid(), m.at::date + 30, m.at::date + 30, m.at, '', 1,"
            " f.id, f.first_tier_id, f.prefecture_id, m.round"
            " FROM made m JOIN federations_federation f ON f.level > 1 AND (f.id + m.n) % 6 = 0"
        )
        for table in (*tables, "reports_notice"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            cursor.execute(f"ANALYZE {table}")


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


def pair(first: Callable[[], float], second: Callable[[], float]) -> tuple[float, float, float]:
    """Medians of both, taken in turn, and their ratio."""
    left, right = [], []
    for _ in range(3):
        first(), second()
    for _ in range(TURNS):
        left.append(first())
        right.append(second())
    a, b = statistics.median(left), statistics.median(right)
    return a, b, a / b


Row = tuple[str, str, str, bool]


def lists_in_scope() -> list[Row]:
    """The first twenty obligations of a scope, beside the first twenty of all."""
    rows = []
    offices = {
        "national": (Role.NATIONAL_OFFICER, Federation.objects.national()),
        "first tier": (Role.LIAISON_OFFICER, Federation.objects.get(code="440000")),
        "prefecture": (Role.LIAISON_OFFICER, Federation.objects.get(code="440100")),
        "county": (Role.LIAISON_OFFICER, Federation.objects.get(code="440106")),
    }
    everything = Obligation.objects.order_by(*ORDER)[:PAGE]
    for name, (role, federation) in offices.items():
        made = User.objects.filter(username=f"bench.{name}").first()
        user = made or user_with(role, federation, username=f"bench.{name}", name="测量")
        with CaptureQueriesContext(connection) as spent:
            resolve = wall_time(lambda who=user: who.scope)
        mine = Obligation.objects.visible_to(user).order_by(*ORDER)[:PAGE]
        scoped, plain, ratio = pair(lambda mine=mine: sql_time(mine), lambda: sql_time(everything))
        rows.append(
            (
                f"top {PAGE}, {name} seat / unscoped (SQL)",
                f"{ratio:.2f} ({scoped:.2f} / {plain:.2f} ms; scope: {len(spent)} queries,"
                f" {resolve:.1f} ms apart)",
                "≤ 1.3, scope ≤ 2 queries",
                ratio <= 1.3 and len(spent) <= 2,
            )
        )
    return rows


def depth() -> list[Row]:
    """Page 9,000 of a list beside page 1: a whole request of the API, and its time in the database."""
    rows = []
    for name in ("national", "first tier"):
        user = User.objects.get(username=f"bench.{name}")
        _token, cleartext = token_for(user, "obligations:read")
        client = Client(headers={"authorization": f"Bearer {cleartext}"})
        mine = Obligation.objects.visible_to(user)
        skipped = min(9000 * PAGE, mine.count() - 2 * PAGE)
        cursor = keyset.cursor_after(mine.order_by(*ORDER)[skipped - 1], ORDER)

        def read(cursor: str = "", client: Client = client) -> None:
            asked = {"page_size": PAGE, **({"cursor": cursor} if cursor else {})}
            answer = client.get("/api/v1/obligations/", asked)
            assert len(answer.json()["results"]) == PAGE, answer.content

        for what, measure in (("request", wall_time), ("SQL", spent_in_database)):
            deep, first, ratio = pair(
                lambda measure=measure, read=read, cursor=cursor: measure(lambda: read(cursor)),
                lambda measure=measure, read=read: measure(read),
            )
            rows.append(
                (
                    f"page {skipped // PAGE:,} / page 1, {name} seat ({what})",
                    f"{ratio:.2f} ({deep:.2f} / {first:.2f} ms)",
                    "≤ 1.2",
                    ratio <= 1.2,
                )
            )
    return rows


def queries() -> list[Row]:
    """How many queries a page runs, signed in, on this many rows."""
    rows = []
    client = Client()
    officer = User.objects.get(username="bench.national")
    client.force_login(officer, backend="platform_site.accounts.backends.SignInBackend")
    notice = Notice.objects.order_by("-issued_at").first()
    pages = {
        "workbench": "/w/",
        "overview": "/w/overview/",
        "notices": "/w/notices/",
        "a notice with its recipients": f"/w/notices/{notice.pk}/",
        "reports": "/w/reports/",
        "to-do list": "/w/todo/",
        "federations": "/w/federations/",
    }
    for name, address in pages.items():
        client.get(address)
        with CaptureQueriesContext(connection) as spent:
            answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        asked = [query for query in spent if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        rows.append((f"queries of {name}", str(len(asked)), "≤ 12", len(asked) <= 12))
    return rows


def reminders() -> list[Row]:
    """Finding and recording 100,000 due reminders by one statement, beside a row at a time."""
    wanted, few = 100_000, 1_000
    now = timezone.localtime().replace(hour=10)
    today = now.date()
    rows: list[float] = []
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute(
                "INSERT INTO casework_duty (id, subject_type_id, subject_id, rule_code, title,"
                " federation_id, permission, started_on, due_on, dated_on, unit, provisional,"
                " opened_at, outcome)"
                " SELECT gen_random_uuid(), %s, gen_random_uuid(), 'reports.file_report',"
                " '第' || g || '号通知', f.id, 'reports.submit_report', %s, %s, %s, '', FALSE,"
                " now(), '' FROM generate_series(1, %s) AS g JOIN (SELECT id, row_number() OVER ()"
                " - 1 AS n FROM federations_federation WHERE level = 2 LIMIT 32) AS f"
                " ON f.n = g %% 32",
                [
                    ContentType.objects.get_for_model(Obligation).pk,
                    *[today - dt.timedelta(days=30), today, today - dt.timedelta(days=30)],
                    wanted,
                ],
            )
            cursor.execute(
                "WITH people AS (INSERT INTO accounts_user (id, password, is_superuser, username,"
                " email, name, language, is_active, date_joined, version, session_epoch)"
                " SELECT gen_random_uuid(), '!', FALSE, 'bench' || id, 'bench' || id ||"
                " '@union.example', '测量', 'zh-hans', TRUE, now(), 1, 0 FROM federations_federation"
                " WHERE level = 2 RETURNING id, username) INSERT INTO accounts_roleassignment (id,"
                " user_id, role, role_class, federation_id, since, assigned_at) SELECT"
                " gen_random_uuid(), id, 'liaison_officer', 'business', substr(username,"
                " 6)::bigint, %s, now() FROM people",
                [today - dt.timedelta(days=400)],
            )
            cursor.execute("ANALYZE casework_duty")
        Ladder.objects.all().delete()
        ladder = Ladder.objects.create(set_at=now)
        rule = ReminderRule.objects.create(
            ladder=ladder,
            duty_rule="reports.file_report",
            days=0,
            rung=0,
            channels=["portal"],
            text_zh="请报送。",
            since=today - dt.timedelta(days=60),
        )

        def set_wise() -> None:
            recorded = record_due(at=now)
            assert recorded >= wanted, recorded

        def row_by_row() -> None:
            duties = Duty.objects.open().filter(due_on=today).select_related("federation")
            for duty in duties[:few]:
                seats = people_in_post([duty.federation_id], today).get(duty.federation_id, [])
                _rung, people = reached_by(on_rungs(seats, duty.permission), rule.rung)
                for person in people:
                    Reminder.objects.get_or_create(
                        duty=duty,
                        rule=rule,
                        due_on=duty.due_on,
                        nth=0,
                        user=person,
                        channel="portal",
                        defaults={
                            "day": today,
                            "rung": 0,
                            "reached": 0,
                            "recorded_at": now,
                        },
                    )

        for _turn in range(3):
            taken = []
            for act, scale in ((set_wise, 1), (row_by_row, wanted / few)):
                mark = transaction.savepoint()
                taken.append(wall_time(act) * scale / 1000)
                transaction.savepoint_rollback(mark)
            rows.append(taken[1] / taken[0])
            seconds = taken
        transaction.set_rollback(True)
    ratio = statistics.median(rows)
    return [
        (
            "100,000 due reminders recorded: a row at a time / set-wise",
            f"{ratio:.0f} ({seconds[1]:.0f} / {seconds[0]:.1f} s; a row at a time measured on"
            f" {few:,} and scaled; 3 turns)",
            "≥ 20",
            ratio >= 20,
        )
    ]


def main() -> int:
    began = time.perf_counter()
    generate()
    count = Obligation.objects.count()
    print(f"{count:,} obligations, {Report.objects.count():,} reports")
    rows = lists_in_scope() + depth() + queries() + reminders()
    lines = [
        f"{count:,} obligations; medians of {TURNS} turns, both sides of a ratio in turn;"
        f" PostgreSQL {connection.pg_version // 10000}; {os.cpu_count()} cores;"
        f" {dt.date.today().isoformat()}.",
        "",
        "| what | measured | goal | |",
        "|---|---|---|---|",
        *(f"| {what} | {got} | {goal} | {'✔' if met else '✘'} |" for what, got, goal, met in rows),
    ]
    table = "\n".join(lines)
    print(table)
    print(f"took {time.perf_counter() - began:.0f} s")
    text = DOCUMENT.read_text(encoding="utf-8")
    head, _mark, rest = text.partition("<!-- bench -->\n")
    tail = rest.partition("<!-- /bench -->")[2]
    DOCUMENT.write_text(f"{head}<!-- bench -->\n{table}\n<!-- /bench -->{tail}", encoding="utf-8")
    return 0 if all(met for *_rest, met in rows) else 1


if __name__ == "__main__":
    sys.exit(main())

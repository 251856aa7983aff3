"""Lists on 1,000,000 obligations: in a scope, far from the first page, and how many queries a page runs."""

from __future__ import annotations

import os

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from platform_site.accounts.models import User
from platform_site.accounts.roles import Role
from platform_site.federations.models import Federation
from platform_site.lists import keyset
from platform_site.obligations.models import Obligation
from reports.models import Notice, Report
from tests.factories.accounts import token_for, user_with

from .measure import Row, pair, reference_data, spent_in_database, sql_time, wall_time

WANTED = int(os.environ.get("BENCH_ROWS", "1000000"))
ORDER = ("-issued_at", "-id")
PAGE = 20


def generate() -> None:
    """Rounds, each addressed to every sixth federation, until there are enough obligations."""
    reference_data()
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
            "INSERT INTO obligations_round (id, request_id, period, due_on, on_time_until, opened_at)"
            " SELECT round, request, '', at::date + 30, at::date + 30, at FROM made"
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


def seats() -> dict[str, User]:
    """One person on each level of the tree."""
    offices = {
        "national": (Role.NATIONAL_OFFICER, Federation.objects.national()),
        "first tier": (Role.LIAISON_OFFICER, Federation.objects.get(code="440000")),
        "prefecture": (Role.LIAISON_OFFICER, Federation.objects.get(code="440100")),
        "county": (Role.LIAISON_OFFICER, Federation.objects.get(code="440106")),
    }
    return {
        name: User.objects.filter(username=f"bench.{name}").first()
        or user_with(role, federation, username=f"bench.{name}", name="测量")
        for name, (role, federation) in offices.items()
    }


def lists_in_scope() -> list[Row]:
    """The first twenty obligations of a scope, beside the first twenty of all."""
    rows = []
    everything = Obligation.objects.order_by(*ORDER)[:PAGE]
    for name, user in seats().items():
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


def measured() -> list[Row]:
    generate()
    print(f"{Obligation.objects.count():,} obligations, {Report.objects.count():,} reports")
    return lists_in_scope() + depth() + queries()

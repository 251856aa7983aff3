"""A list of the API beside the same list written by hand: requests a second, depth, and the SQL alone."""

from __future__ import annotations

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from django.test import Client

from platform_site.accounts.models import User
from platform_site.federations.models import Federation, Holding
from platform_site.lists import keyset
from platform_site.obligations.models import Obligation
from tests.factories.accounts import token_for

from . import lists
from .measure import Row, pair, spent_in_database

PAGE = 100
CLIENTS = 4
SECONDS = 3.0
TURNS = 7
ADDRESS = "/api/v1/obligations/"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(application: str) -> Iterator[int]:
    """One gunicorn with one worker, as the operator's table has it, and its port."""
    port = free_port()
    database = connection.settings_dict
    url = (
        f"postgresql://{database['USER']}:{database['PASSWORD']}@{database['HOST']}:"
        f"{database['PORT']}/{database['NAME']}"
    )
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}"),
                *("--workers", "1", "--threads", "4", "--worker-tmp-dir", "/dev/shm"),
                "--no-control-socket",
            ],
            env={**os.environ, "DATABASE_URL": os.environ.get("DATABASE_URL") or url}
            | {"LOG_LEVEL": "INFO"},
            cwd=Path(__file__).resolve().parents[1],
            stdout=log,
            stderr=log,
        )
        try:
            for _ in range(300):
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.1)
            yield port
        finally:
            server.terminate()
            server.wait(20)


def hammer(port: int, token: str, seconds: float = SECONDS) -> list[float]:
    """Milliseconds of each answer that four clients, each on one kept connection, got in that time."""
    until = time.perf_counter() + seconds

    def ask(_n: int) -> list[float]:
        found = []
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        while (began := time.perf_counter()) < until:
            line.request(
                "GET", f"{ADDRESS}?page_size={PAGE}", headers={"Authorization": f"Bearer {token}"}
            )
            answer = line.getresponse()
            body = answer.read()
            assert answer.status == 200, body[:500]
            found.append((time.perf_counter() - began) * 1000)
        line.close()
        return found

    with ThreadPoolExecutor(CLIENTS) as clients:
        return [each for part in clients.map(ask, range(CLIENTS)) for each in part]


def throughput() -> list[Row]:
    user = User.objects.get(username="bench.national")
    _token, cleartext = token_for(user, "obligations:read")
    names = {"ours": "platform_site.wsgi", "raw": "benchmarks.raw:application"}
    rates: dict[str, list[float]] = {name: [] for name in names}
    tails: dict[str, list[float]] = {name: [] for name in names}
    with served(names["ours"]) as ours, served(names["raw"]) as raw:
        ports = {"ours": ours, "raw": raw}
        for port in ports.values():
            hammer(port, cleartext, 1)
        for _ in range(TURNS):
            for name, port in ports.items():
                found = hammer(port, cleartext)
                rates[name].append(len(found) / SECONDS)
                tails[name].append(statistics.quantiles(found, n=20)[-1])
    rate = {name: statistics.median(each) for name, each in rates.items()}
    tail = {name: statistics.median(each) for name, each in tails.items()}
    share, spread = rate["ours"] / rate["raw"], tail["ours"] / tail["raw"]
    note = f"{TURNS} turns of {SECONDS:.0f} s, {CLIENTS} clients, 1 worker"
    return [
        (
            f"list of {PAGE} rows, API / psycopg2 and orjson (requests a second)",
            f"{share:.2f} ({rate['ours']:.0f} / {rate['raw']:.0f}; {note})",
            "≥ 0.55",
            share >= 0.55,
        ),
        (
            f"list of {PAGE} rows, API / psycopg2 and orjson (p95)",
            f"{spread:.2f} ({tail['ours']:.1f} / {tail['raw']:.1f} ms)",
            "≤ 2",
            spread <= 2,
        ),
    ]


HAND = """
SELECT o.id, d.request_id, q.title, f.code, o.due_on, o.on_time_until, o.locks_on, o.signed_for_at,
 h.name, o.department, o.filed_at, o.settled_at, o.waived_at, o.cancelled_at, o.version, o.issued_at,
 r.id, r.state, r.submitted_at, o.federation_id
FROM obligations_obligation o
JOIN obligations_round d ON d.id = o.round_id
JOIN obligations_request q ON q.id = d.request_id
JOIN federations_federation f ON f.id = o.federation_id
LEFT JOIN federations_holding h ON h.id = o.leader_id
LEFT JOIN reports_report r ON r.obligation_id = o.id
WHERE o.parent_id IS NULL AND f.code = '440000' AND o.due_on <= '2026-01-01' AND o.filed_at IS NULL
ORDER BY o.issued_at DESC, o.id DESC LIMIT 101
"""
FILTERED = f"{ADDRESS}?page_size={PAGE}&federation=440000&due_on__lte=2026-01-01&filed=false"


def planned(sql: str, params: object = None) -> float:
    """Planning and running as PostgreSQL itself times it, in milliseconds: the best of three."""
    found = []
    with connection.cursor() as cursor:
        for _ in range(3):
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
            plan = cursor.fetchone()[0][0]
            found.append(plan["Planning Time"] + plan["Execution Time"])
    return min(found)


def filtered() -> list[Row]:
    user = User.objects.get(username="bench.national")
    _token, cleartext = token_for(user, "obligations:read")
    client = Client(headers={"authorization": f"Bearer {cleartext}"})
    seen: list[tuple[str, object]] = []

    def watch(execute, sql, params, many, context):
        seen.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        answer = client.get(FILTERED)
    assert len(answer.json()["results"]) == PAGE, answer.content[:500]
    [(sql, params)] = [each for each in seen if 'FROM "obligations_obligation"' in each[0]]
    ours, hand, ratio = pair(lambda: planned(sql, params), lambda: planned(HAND))
    return [
        (
            f"filtered list of {PAGE} on {Obligation.objects.count():,} rows, API / by hand (SQL)",
            f"{ratio:.2f} ({ours:.2f} / {hand:.2f} ms in the database)",
            "≤ 1.5",
            ratio <= 1.5,
        )
    ]


def depth() -> list[Row]:
    user = User.objects.get(username="bench.national")
    _token, cleartext = token_for(user, "obligations:read")
    client = Client(headers={"authorization": f"Bearer {cleartext}"})
    mine = Obligation.objects.visible_to(user).order_by(*lists.ORDER)
    cursor = keyset.cursor_after(mine[9000 * PAGE - 1], lists.ORDER)

    def read(**more: str) -> None:
        answer = client.get(ADDRESS, {"page_size": PAGE, **more})
        assert len(answer.json()["results"]) == PAGE

    deep, first, ratio = pair(
        lambda: spent_in_database(lambda: read(cursor=cursor)), lambda: spent_in_database(read)
    )
    return [
        (
            f"page 9,000 of {PAGE} rows / page 1 (all SQL of the request)",
            f"{ratio:.2f} ({deep:.2f} / {first:.2f} ms)",
            "≤ 1.2",
            ratio <= 1.2,
        )
    ]


def measured() -> list[Row]:
    lists.generate()
    lists.seats()
    # The first page has a leader to join.
    first = Federation.objects.get(code="440000")
    holding = Holding.objects.filter(federation=first).first() or Holding.objects.create(
        federation=first, name="梁粤领", title="副主席", since="2020-01-01"
    )
    newest = Obligation.objects.order_by(*lists.ORDER).values("pk")[:500]
    Obligation.objects.filter(pk__in=newest).update(leader=holding)
    return throughput() + depth() + filtered()

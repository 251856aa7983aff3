"""What the API's list is measured against: one WSGI function with psycopg2 and orjson, nothing else.

It answers ``GET /api/v1/obligations/`` for a national seat as the API does: the same token look-up, the
same two queries for offices and exceptions, the same rows joined in the same statement, the same members.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import os
import threading
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import psycopg2
import psycopg2.extras

ZONE = ZoneInfo("Asia/Shanghai")
_held = threading.local()

TOKEN = """
SELECT t.id, t.digest, t.expiry, t.scopes, t.last_used_at, u.id, u.is_active, u.language, u.name
FROM accounts_apitoken t JOIN accounts_user u ON u.id = t.user_id WHERE t.token_key = %s
"""
SEATS = """
SELECT a.role, a.federation_id, f.level, f.first_tier_id, f.prefecture_id, f.name_zh, f.name_en
FROM accounts_roleassignment a JOIN federations_federation f ON f.id = a.federation_id
WHERE a.user_id = %s AND a.ended_at IS NULL AND a.since <= %s AND (a.until IS NULL OR a.until >= %s)
ORDER BY f.level, a.since, a.id
"""
GRANTS = """
SELECT c.app_label, c.model, p.codename, g.object_pk FROM accounts_objectgrant g
JOIN django_content_type c ON c.id = g.content_type_id JOIN auth_permission p ON p.id = g.permission_id
WHERE g.user_id = %s AND g.expires_on >= %s
"""
ROWS = """
SELECT o.id, d.request_id, q.title, f.code, o.due_on, o.on_time_until, o.locks_on, o.signed_for_at,
 h.name, o.department, o.filed_at, o.settled_at, o.waived_at, o.cancelled_at, o.version, o.issued_at,
 r.id, r.state, r.submitted_at, o.federation_id
FROM obligations_obligation o
JOIN obligations_round d ON d.id = o.round_id
JOIN obligations_request q ON q.id = d.request_id
JOIN federations_federation f ON f.id = o.federation_id
LEFT JOIN federations_holding h ON h.id = o.leader_id
LEFT JOIN reports_report r ON r.obligation_id = o.id
WHERE o.parent_id IS NULL ORDER BY o.issued_at DESC, o.id DESC LIMIT %s
"""


def connection() -> Any:
    held = getattr(_held, "connection", None)
    if held is None:
        held = _held.connection = psycopg2.connect(os.environ["DATABASE_URL"])
        held.autocommit = True
        psycopg2.extras.register_uuid(conn_or_curs=held)
    return held


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    size = int(environ["QUERY_STRING"].removeprefix("page_size="))
    token = environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    now, today = dt.datetime.now(dt.UTC), dt.datetime.now(ZONE).date()
    with connection().cursor() as cursor:
        cursor.execute(TOKEN, [token[:15]])
        digest = hashlib.sha512(token.encode()).hexdigest()
        found = [row for row in cursor.fetchall() if hmac.compare_digest(row[1], digest)]
        if not found or (found[0][2] and found[0][2] <= now) or not found[0][6]:
            start_response("401 Unauthorized", [])
            return [b""]
        _id, _digest, _expiry, scopes, _used, person, *_rest = found[0]
        cursor.execute(SEATS, [person, today, today])
        seats = cursor.fetchall()
        cursor.execute(GRANTS, [person, today])
        cursor.fetchall()
        if "obligations:read" not in scopes or not any(seat[2] == 1 for seat in seats):
            start_response("403 Forbidden", [])
            return [b""]
        cursor.execute(ROWS, [size + 1])
        rows = cursor.fetchall()
    mine = {seat[1] for seat in seats if seat[0] == "liaison_officer"}
    body = orjson.dumps(
        {"next": "…" if len(rows) > size else None, "previous": None}
        | {"results": [_object(row, today, mine) for row in rows[:size]]}
    )
    start_response(
        "200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    )
    return [body]


def _object(row: tuple[Any, ...], today: dt.date, mine: set[int]) -> dict[str, Any]:
    pk, request, title, code, due_on, on_time_until, locks_on, signed_for_at, leader = row[:9]
    department, filed_at, settled_at, waived_at, cancelled_at, version = row[9:15]
    report, report_state, submitted_at, federation = row[16:]
    marks = (
        (cancelled_at, "cancelled"),
        (waived_at, "waived"),
        (settled_at, "settled"),
        (filed_at, "filed"),
        (signed_for_at, "signed_for"),
    )
    state = next((name for mark, name in marks if mark), "waiting")
    done = filed_at or settled_at
    on = done.astimezone(ZONE).date() if done else today
    return {
        "id": pk,
        "request": request,
        "title": title,
        "federation": code,
        "due_on": due_on,
        "on_time_until": on_time_until,
        "locks_on": locks_on,
        "state": state,
        "standing": report_state or state,
        "late": bool(on_time_until and not (cancelled_at or waived_at) and on > on_time_until),
        "signed_for_at": _local(signed_for_at),
        "leader_in_charge": leader or "",
        "department": department,
        "filed_at": _local(filed_at),
        "settled_at": _local(settled_at),
        "waived_at": _local(waived_at),
        "report": report if submitted_at or federation in mine else None,
        "version": version,
    }


def _local(moment: dt.datetime | None) -> dt.datetime | None:
    return moment.astimezone(ZONE) if moment else None

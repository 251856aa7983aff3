"""The engine of reminding: record set-wise what is due, then write it, each once.

``record_due`` is one statement over all open duties: it reads dates, never fired timers, so a beat
that was away for a day, or two beats at once, change nothing but the hour. ``write_recorded`` turns
rows of the ledger into notices and messages of ``notifications``, whose workers deliver them.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from platform_site.accounts import permissions
from platform_site.notifications.services import Message, absolute, render, write

from ..facts import Facts, facts_of
from ..ladder import RUNG_OF_ROLE, fill, may_speak, newest_fall
from ..models import Channel, Duty, Ladder, Reminder, ReminderRule, Rung
from ..queries import look_at, work_calendar

logger = logging.getLogger(__name__)

#: Ledger rows written in one transaction: few, so that a process that dies undoes little.
BATCH = 100
#: Only one process at a time looks for what is due; a second one would find the same.
_LOCK = 7_201_466_001
#: Duties further ahead than this have no rule that falls due today.
HORIZON = dt.timedelta(days=120)


@dataclass(frozen=True)
class Due:
    """A reminder that would be recorded now: for the dry run."""

    duty: UUID
    rule: UUID
    user: UUID
    channel: str
    day: dt.date
    rung: int
    reached: int


def remind(*, at: dt.datetime | None = None) -> tuple[int, int]:
    """One tick: record what is due, then write it. Returns (recorded, written)."""
    at = _now(at)
    recorded = record_due(at=at)
    written = 0
    while done := write_recorded(at=at):
        written += done
    return recorded, written


# --- What is due --------------------------------------------------------------------------------


def record_due(*, at: dt.datetime | None = None) -> int:
    """Enter all that is due into the ledger by one statement; returns how many rows are new."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return 0
        found = _due_set(_now(at))
        if found is None:
            return 0
        query, parameters = found
        cursor.execute(
            f"""
            INSERT INTO casework_reminder
                (id, duty_id, rule_id, due_on, nth, user_id, channel, day, late, rung, reached,
                 recorded_at, state)
            SELECT gen_random_uuid(), duty_id, rule_id, due_on, nth, user_id, channel, day, late,
                   rung, reached, %(now)s, 'recorded'
            FROM ({query}) AS due
            ON CONFLICT DO NOTHING
            """,  # noqa: S608  # nosec B608
            parameters,
        )
        return int(cursor.rowcount)


def due_now(*, at: dt.datetime | None = None) -> list[Due]:
    """What the next tick would record: nothing is written (``send_due_reminders --dry-run``)."""
    found = _due_set(_now(at))
    if found is None:
        return []
    query, parameters = found
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT due.duty_id, due.rule_id, due.user_id, due.channel, due.day, due.rung, due.reached
            FROM ({query}) AS due
            WHERE NOT EXISTS (
                SELECT 1 FROM casework_reminder AS r
                WHERE r.duty_id = due.duty_id AND r.rule_id = due.rule_id AND r.due_on = due.due_on
                  AND r.nth = due.nth AND r.user_id = due.user_id AND r.channel = due.channel)
            ORDER BY due.day, due.duty_id, due.user_id, due.channel
            """,  # noqa: S608  # nosec B608
            parameters,
        )
        return [Due(*row) for row in cursor.fetchall()]


def _now(at: dt.datetime | None) -> dt.datetime:
    """The database's clock, which all processes share; tests and the dry run may give a time."""
    if at is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            at = cursor.fetchone()[0]
    return timezone.localtime(at)


def _due_set(now: dt.datetime) -> tuple[str, dict[str, Any]] | None:
    """The query of all that is due at ``now`` and its parameters; None when nothing can be."""
    calendar = work_calendar()
    ordinary, last_day = may_speak(now, calendar, settings.REMINDER_HOURS)
    if settings.DEMO_MODE:  # whoever looks at night or on a Sunday shall see one all the same
        ordinary = True
    if not (ordinary or last_day):
        return None
    falls = _falls(now.date(), only_last_day=not ordinary)
    if not falls:
        return None
    codes = {code for code, *_rest in falls}
    allowed = [
        (permission, role.value, rung)
        for permission in {_permission_of(code) for code in codes}
        for role, rung in RUNG_OF_ROLE.items()
        if rung > 0 or role in permissions.get(permission).roles
    ]
    columns = list(zip(*falls, strict=True))
    may = list(zip(*allowed, strict=True))
    parameters = {
        "now": now,
        "today": now.date(),
        **{f"f{n}": list(column) for n, column in enumerate(columns)},
        **{f"m{n}": list(column) for n, column in enumerate(may)},
    }
    return _QUERY, parameters


def _permission_of(code: str) -> str:
    from ..deadlines import rule

    return rule(code).permission


_NO_MATTER = UUID(int=0)


def _falls(today: dt.date, *, only_last_day: bool) -> list[tuple[Any, ...]]:
    """For each kind of duty, matter and date that occurs: which rules fall due, when and how often.

    Working-day arithmetic stays in one place (``workdays``): the statement is given its results, a
    row for each date that occurs and not for each duty.
    """
    dates = (
        Duty.objects.open()
        .filter(due_on__isnull=False, due_on__lte=today + HORIZON)
        .filter(Q(remind_until=None) | Q(remind_until__gte=today))
        .order_by()
        .values_list("rule_code", "matter_id", "due_on")
        .distinct()
    )
    if only_last_day:
        dates = dates.filter(due_on=today)
    calendar = work_calendar()
    rules: dict[tuple[UUID | None, str], list[ReminderRule]] = {}
    own = set(Ladder.objects.exclude(matter_id=None).values_list("matter_id", flat=True))
    for rule in ReminderRule.objects.filter(ended_at=None).select_related("ladder"):
        rules.setdefault((rule.ladder.matter_id, rule.duty_rule), []).append(rule)
    found = []
    for code, matter, due_on in dates:
        for rule in rules.get((matter if matter in own else None, code), ()):
            if due_on is None:
                continue
            fall = newest_fall(
                due_on, days=rule.days, every=rule.every, today=today, calendar=calendar
            )
            if fall is None or fall.day < rule.since:
                continue
            for channel in rule.channels:
                found.append(
                    (
                        code,
                        matter or _NO_MATTER,
                        due_on,
                        rule.pk,
                        fall.day,
                        fall.nth,
                        rule.rung,
                        channel,
                        rule.compulsory,
                    )
                )
    return found


#: f0–f8: one row for each (kind, matter, date, rule, channel) that has fallen due; m0–m2: which
#: role may do which permission, on which rung. A person gets the newest reminder of a duty only.
_QUERY = """
WITH falls AS MATERIALIZED (
    SELECT * FROM unnest(%(f0)s::text[], %(f1)s::uuid[], %(f2)s::date[], %(f3)s::uuid[],
                         %(f4)s::date[], %(f5)s::int[], %(f6)s::int[], %(f7)s::text[],
                         %(f8)s::bool[])
        AS f(code, matter, due_on, rule_id, day, nth, rung, channel, compulsory)
), able AS MATERIALIZED (
    SELECT DISTINCT a.federation_id, m.permission, m.rung, a.user_id
    FROM accounts_roleassignment AS a
    JOIN accounts_user AS u ON u.id = a.user_id AND u.is_active
    JOIN unnest(%(m0)s::text[], %(m1)s::text[], %(m2)s::int[]) AS m(permission, role, rung)
      ON m.role = a.role
    WHERE a.ended_at IS NULL AND a.since <= %(today)s AND coalesce(a.until >= %(today)s, TRUE)
      -- Whoever is substituted for is away: the reminder goes with the duty to the substitute.
      AND NOT EXISTS (
        SELECT 1 FROM accounts_roleassignment AS s
        WHERE s.substitutes_id = a.id AND s.ended_at IS NULL
          AND s.since <= %(today)s AND s.until >= %(today)s)
), reach AS MATERIALIZED (
    SELECT able.federation_id, able.permission, wanted, min(able.rung) AS reached
    FROM able, generate_series(0, 2) AS wanted
    WHERE able.rung >= wanted
    GROUP BY 1, 2, 3
), addressed AS (
    SELECT d.id AS duty_id, d.due_on, f.rule_id, f.nth, f.day, f.rung, f.channel, f.compulsory,
           reach.reached, able.user_id
    FROM casework_duty AS d
    JOIN falls AS f ON f.code = d.rule_code AND f.due_on = d.due_on
      AND f.matter = coalesce(d.matter_id, '00000000-0000-0000-0000-000000000000')
    JOIN reach ON reach.federation_id = d.federation_id AND reach.permission = d.permission
      AND reach.wanted = f.rung
    JOIN able ON able.federation_id = d.federation_id AND able.permission = d.permission
      AND able.rung = reach.reached
    WHERE d.done_at IS NULL AND (d.user_id IS NULL OR f.rung > 0)
      AND d.barred_id IS DISTINCT FROM able.user_id
      AND f.day > coalesce(d.dated_on, d.started_on)
      AND coalesce(d.remind_until >= %(today)s, TRUE)
  UNION ALL
    SELECT d.id, d.due_on, f.rule_id, f.nth, f.day, f.rung, f.channel, f.compulsory, 0, d.user_id
    FROM casework_duty AS d
    JOIN falls AS f ON f.code = d.rule_code AND f.due_on = d.due_on
      AND f.matter = coalesce(d.matter_id, '00000000-0000-0000-0000-000000000000')
    WHERE d.done_at IS NULL AND d.user_id IS NOT NULL AND f.rung = 0
      AND f.day > coalesce(d.dated_on, d.started_on)
      AND coalesce(d.remind_until >= %(today)s, TRUE)
)
SELECT DISTINCT ON (a.duty_id, a.user_id, a.channel)
       a.duty_id, a.rule_id, a.due_on, a.nth, a.user_id, a.channel, a.day,
       a.day < %(today)s AS late, a.rung, a.reached
FROM addressed AS a
JOIN accounts_user AS u ON u.id = a.user_id AND u.is_active
LEFT JOIN casework_reminderpreference AS p ON p.user_id = a.user_id
WHERE a.channel = 'portal'
   OR (a.channel = 'email' AND u.email <> ''
       AND (a.compulsory OR a.day >= a.due_on OR coalesce(p.by_mail, TRUE)))
   OR (a.channel = 'chat' AND coalesce(p.chat_address, '') <> '')
ORDER BY a.duty_id, a.user_id, a.channel, a.day DESC, a.rung, a.rule_id
"""


# --- What is said -------------------------------------------------------------------------------


@transaction.atomic
def write_recorded(*, at: dt.datetime | None = None, most: int = BATCH) -> int:
    """Write the next rows of the ledger as notices and messages; returns how many rows it took.

    Row and message commit together: whatever dies in between leaves both or neither.
    """
    rows = list(
        Reminder.objects.filter(state=Reminder.State.RECORDED)
        .select_for_update(skip_locked=True, of=("self",), no_key=True)
        .select_related("duty__federation", "rule", "nudge", "user__reminder_preference")
        .order_by("user", "id")[:most]
    )
    return write_rows(rows, at=at)


def write_rows(rows: Sequence[Reminder], *, at: dt.datetime | None = None) -> int:
    """Write these locked rows; the caller's transaction carries ledger and messages together."""
    # Done while we looked: the duty is read after its reminder was locked.
    open_now = set(
        Duty.objects.open()
        .filter(pk__in={row.duty_id for row in rows})
        .values_list("pk", flat=True)
    )
    for row in rows:
        row.state = Reminder.State.WRITTEN if row.duty_id in open_now else Reminder.State.CANCELLED
    said = [row for row in rows if row.state == Reminder.State.WRITTEN]
    groups = _grouped(said)
    today = timezone.localdate(at)
    messages = []
    for language in sorted({group[0].user.language for group in groups}):
        with translation.override(language):
            mine = [group for group in groups if group[0].user.language == language]
            facts = facts_of({row.duty_id: row.duty for group in mine for row in group}.values())
            messages += [(group, _compose(group, facts, today)) for group in mine]
    for (group, _message), written in zip(
        messages, write([message for _group, message in messages]), strict=True
    ):
        for row in group:
            row.notice_id = written.notice_id if row.channel == Channel.PORTAL else None
            row.delivery_id = written.delivery_ids.get(row.channel)
    Reminder.objects.bulk_update(rows, ["state", "notice", "delivery"], batch_size=BATCH)
    return len(rows)


def _grouped(rows: Iterable[Reminder]) -> list[list[Reminder]]:
    """The rows of one message each: the channels of one reminder, or all that a superior is told."""
    groups: dict[Any, list[Reminder]] = {}
    for row in rows:
        key: Any
        if row.rule is not None and row.rule.rung > Rung.OFFICER:
            key = (row.user_id, "collective", row.day if not row.late else row.recorded_at.date())
        else:
            key = (row.user_id, row.duty_id, row.rule_id, row.nudge_id, row.due_on, row.nth)
        groups.setdefault(key, []).append(row)
    return list(groups.values())


def _compose(group: Sequence[Reminder], facts: dict[UUID, Facts], today: dt.date) -> Message:
    first = group[0]
    lines = [
        _line(row, facts[row.duty_id], today)
        for row in {row.duty_id: row for row in group}.values()
    ]
    if first.rule is not None and first.rule.rung > Rung.OFFICER and len(lines) > 1:
        title, body, url = _digest(first, lines)
        key = f"reminders:{min(row.pk for row in group)}"
    else:
        title, body, url = _single(first, lines[0])
        key = (
            f"reminder:{first.duty_id}:{first.rule_id or first.nudge_id}:{first.due_on}:{first.nth}"
        )
    preference = getattr(first.user, "reminder_preference", None)
    addresses = {Channel.EMAIL.value: first.user.email}
    if preference is not None:
        addresses[Channel.CHAT.value] = preference.chat_address
    return Message(
        key=key,
        user=first.user,
        event="casework/reminder",
        title=title,
        body=body,
        url=url,
        subject_type="casework.duty",
        subject_id=str(first.duty_id) if len(lines) == 1 else "",
        channels={row.channel for row in group},
        addresses={name: value for name, value in addresses.items() if value},
        language=first.user.language,
    )


def _line(row: Reminder, facts: Facts, today: dt.date) -> dict[str, Any]:
    duty = row.duty
    due = look_at(duty.due_on, on=today) if duty.due_on else None
    days_left = ""
    if due is not None:
        left = due.working_days_left
        if duty.due_on == today:
            days_left = _("due today")
        elif left > 0:
            days_left = ngettext("%(n)s working day left", "%(n)s working days left", left) % {
                "n": left
            }
        elif due.is_late:
            days_left = ngettext(
                "late by %(n)s working day", "late by %(n)s working days", max(-left, 1)
            ) % {"n": max(-left, 1)}
        else:
            days_left = _("no working day left")
    return {
        "row": row,
        "duty": duty,
        "facts": facts,
        "due": due,
        "due_on": date_format(duty.due_on, "DATE_FORMAT") if duty.due_on else "",
        "days_left": days_left,
        "nobody": row.rung != row.reached,
        "url": absolute(duty.get_absolute_url()),
    }


def _single(row: Reminder, line: dict[str, Any]) -> tuple[str, str, str]:
    duty = row.duty
    text = ""
    if row.rule is not None:
        english = translation.get_language() == "en" and row.rule.text_en
        text = fill(
            row.rule.text_en if english else row.rule.text_zh,
            {
                "name": row.user.name,
                "federation": duty.federation,
                "what": duty.rule.label,
                "title": duty.title,
                "due_on": line["due_on"],
                "days_left": line["days_left"],
            },
        )
    url = duty.get_absolute_url()
    context = {
        **line,
        "text_of_rule": text,
        "nudge": row.nudge,
        "recipient": row.user,
        "by": row.nudge.by if row.nudge else None,
        "reason": line["facts"].returned,
        "ask": line["facts"].ask,
        "next_step": duty.rule.label,
        "url": absolute(url),
        "at": row.recorded_at,
    }
    title, body = render("casework/reminder", context, translation.get_language() or "")
    return title, body, url


def _digest(row: Reminder, lines: list[dict[str, Any]]) -> tuple[str, str, str]:
    from django.urls import reverse

    url = reverse("todo")
    context = {
        "lines": sorted(lines, key=lambda line: (line["duty"].due_on, str(line["duty"].pk))),
        "recipient": row.user,
        "by": None,
        "reason": "",
        "url": absolute(url),
        "at": row.recorded_at,
    }
    title, body = render("casework/reminder_digest", context, translation.get_language() or "")
    return title, body, url

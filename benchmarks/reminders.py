"""Finding and recording what is due, set-wise and a row at a time."""

from __future__ import annotations

import datetime as dt
import statistics

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.utils import timezone

from platform_site.casework.models import Duty, Ladder, Reminder, ReminderRule
from platform_site.casework.queries import on_rungs, people_in_post, reached_by
from platform_site.casework.services.reminders import record_due
from platform_site.obligations.models import Obligation

from .measure import Row, reference_data, wall_time


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


def measured() -> list[Row]:
    reference_data()
    return reminders()

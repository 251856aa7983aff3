"""Reminders under fire: real servers, workers, beats and a mail relay, killed while they work.

A campaign of its own: it starts PostgreSQL and Valkey for itself (both are killed or emptied), fills
the duty table, lets two beats and several workers run, kills them at random, moves the servers' clock
where ``faketime`` is there, and counts from outside: notices in the portal, lines in the relay's log.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import sys
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
import redis

from platform_site.devservices.postgres import start_postgres
from platform_site.devservices.processes import (
    Process,
    bare_environment,
    free_port,
    spawn,
    unprivileged_account,
)
from platform_site.devservices.servers import make_temporary_folder
from platform_site.devservices.valkey import start_valkey

CHECKOUT = Path(__file__).resolve().parents[2]
FAKETIME = next((str(path) for path in Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), "")


@dataclass(frozen=True)
class Plan:
    """How hard it is hit."""

    reminders: int = 10_000
    worker_kills: int = 100
    database_kills: int = 2
    flushes: int = 5
    workers: int = 3
    move_the_clock: bool = True
    #: The longest that a worker works before it is killed, seconds.
    pause: float = 1.5
    patience: float = 900.0


@dataclass
class Count:
    """What was seen from outside when everything had come to rest."""

    expected: int = 0
    notices: int = 0
    mails: int = 0
    distinct_mails: int = 0
    resent: int = 0
    unfinished: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @property
    def lost(self) -> int:
        return 2 * self.expected - min(self.notices, self.expected) - self.distinct_mails

    @property
    def twice(self) -> int:
        return max(self.notices - self.expected, 0) + self.mails - self.distinct_mails

    def lines(self) -> list[str]:
        killed = ", ".join(f"{number} {name}" for name, number in sorted(self.kills.items()))
        return [
            f"faults: {killed}",
            f"due reminders {self.expected}; portal notices {self.notices}",
            f"e-mails the relay took {self.mails}, distinct {self.distinct_mails},"
            f" marked as sent again {self.resent}",
            f"not at their end {self.unfinished}",
            f"lost {self.lost}, twice {self.twice}; {self.seconds:.0f} s",
        ]


class Campaign:
    def __init__(self, plan: Plan, *, say=print) -> None:
        self.plan, self.say = plan, say
        self.folder = make_temporary_folder()
        self.relay_log = self.folder / "relay.log"
        self.relay_log.touch()
        self.clock = self.folder / "clock"
        self.clock.write_text("+0")
        self.clock.chmod(0o644)
        self.count = Count(expected=plan.reminders)
        self.workers: list[Process] = []
        self.beats: list[Process] = []
        self.others: list[Process] = []
        self.random = random.Random(20261124)  # nosec B311

    # --- Processes ------------------------------------------------------------------------------

    @property
    def fakes_time(self) -> bool:
        return self.plan.move_the_clock and bool(FAKETIME)

    def faked(self) -> Mapping[str, str]:
        if not self.fakes_time:
            return {}
        return {
            "LD_PRELOAD": FAKETIME,
            "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
        }

    def start_servers(self) -> None:
        self.database, self.database_url = start_postgres(self.folder, throw_away=True)
        if self.fakes_time:  # the same server again, under a clock that can be moved
            self.database.stop()
            self.start_database()
        self.queue, self.redis_url = start_valkey(self.folder, throw_away=True)
        self.smtp_port = free_port()
        self.others.append(
            spawn(
                "sink",
                [
                    *(sys.executable, "-m", "tests.faults.sink"),
                    *(str(self.smtp_port), str(self.relay_log)),
                ],
                env=dict(os.environ),
                cwd=CHECKOUT,
                log=self.folder / "sink.log",
            )
        )
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "platform_site.settings.test",
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.smtp_port}",
            "RELAY_LOG_FILE": str(self.relay_log),
            "DELIVERY_LEASE_SECONDS": "2",
            "SWEEP_SECONDS": "2",
            "REMIND_SECONDS": "3",
            "REMINDERS_FROM": "00:00",
            "REMINDERS_UNTIL": "23:59",
        }

    def start_database(self) -> None:
        self.database = spawn(
            "postgres",
            self.database.popen.args,  # type: ignore[arg-type]
            env={**bare_environment(), **self.faked()},
            log=self.folder / "log" / "postgres.log",
            stop_signal=self.database.stop_signal,
            account=unprivileged_account(),
        )

    def start_worker(self) -> None:
        number = self.count.kills["workers"] + len(self.workers)
        self.workers.append(
            spawn(
                "worker",
                [
                    *(sys.executable, "-m", "celery", "-A", "platform_site", "worker"),
                    *("--pool", "solo", "--without-mingle", "--without-gossip"),
                    *("--loglevel", "INFO", "--hostname", f"{number}@%h"),
                ],
                env={**self.environment, **self.faked()},
                cwd=CHECKOUT,
                log=self.folder / f"worker-{number}.log",
            )
        )

    def start_beat(self) -> None:
        self.beats.append(
            spawn(
                "beat",
                [
                    *(sys.executable, "-m", "celery", "-A", "platform_site", "beat"),
                    *("--schedule", str(self.folder / f"beat-{uuid.uuid4()}")),
                    *("--pidfile", "", "--loglevel", "WARNING"),
                ],
                env=self.environment,  # beat keeps the true time: clocks differ between machines
                cwd=CHECKOUT,
                log=self.folder / "beat.log",
            )
        )

    def manage(self, *arguments: str) -> None:
        process = spawn(
            "manage",
            [sys.executable, "manage.py", *arguments],
            env=self.environment,
            cwd=CHECKOUT,
            log=self.folder / "manage.log",
        )
        if process.popen.wait() != 0:
            raise RuntimeError(process.last_lines())

    def ask(self, query: str, *parameters: object) -> list[tuple]:
        """One query, from outside; waits while the server is down."""
        until = time.monotonic() + 60
        while True:
            try:
                connection = psycopg2.connect(self.database_url, connect_timeout=3)
                try:
                    with connection, connection.cursor() as cursor:
                        cursor.execute(query, parameters or None)
                        return cursor.fetchall() if cursor.description else []
                finally:
                    connection.close()
            except psycopg2.OperationalError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    # --- The matter -----------------------------------------------------------------------------

    def fill(self) -> None:
        """As many duties as reminders are wanted: half due today, half tomorrow if the clock moves."""
        for command in ("migrate", "load_federations", "load_holidays"):
            self.manage(command, "-v", "0") if command == "migrate" else self.manage(command)
        (now,) = self.ask("SELECT (clock_timestamp() AT TIME ZONE 'Asia/Shanghai')::date")[0]
        tomorrow = now + dt.timedelta(days=1)
        self.ask(FILL_PEOPLE)
        self.ask(
            FILL_DUTIES,
            self.plan.reminders,
            now - dt.timedelta(days=30),
            now,
            tomorrow if self.fakes_time else now,
            now - dt.timedelta(days=30),
        )
        self.ask(FILL_RULES, now - dt.timedelta(days=60))
        (made,) = self.ask("SELECT count(*) FROM casework_duty")[0]
        if made != self.plan.reminders:
            raise RuntimeError(f"{made} duties instead of {self.plan.reminders}")

    # --- The faults -----------------------------------------------------------------------------

    def kill_worker(self) -> None:
        victim = self.workers.pop(0)
        until = time.monotonic() + 30
        while " ready." not in victim.last_lines(400) and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(self.random.uniform(0, self.plan.pause))  # in the middle of something
        victim.kill()
        self.count.kills["workers"] += 1
        self.start_worker()

    def kill_database(self) -> None:
        self.database.kill()
        self.count.kills["of PostgreSQL"] += 1
        # What the killed server left in shared memory goes with its last child.
        time.sleep(0.5)
        pid_file = self.folder / "postgres" / "postmaster.pid"
        with suppress(FileNotFoundError):
            pid_file.unlink()
        self.start_database()
        self.ask("SELECT 1")

    def flush_queue(self) -> None:
        redis.Redis.from_url(self.redis_url).flushall()
        self.count.kills["flushes of Valkey"] += 1

    def move_clock(self, offset: str) -> None:
        self.clock.write_text(offset)
        self.count.kills["moves of the clock"] += 1

    # --- From beginning to end ------------------------------------------------------------------

    def written(self) -> int:
        return int(self.ask("SELECT count(*) FROM notifications_portalnotice")[0][0])

    def mailed(self) -> int:
        return sum(1 for _line in self.relay_log.open())

    def run(self) -> Count:
        began = time.monotonic()
        try:
            self.start_servers()
            self.fill()
            for _number in range(self.plan.workers):
                self.start_worker()
            for _number in range(2):
                self.start_beat()
            self._hit()
            self._rest()
            self._look()
        finally:
            self.count.seconds = time.monotonic() - began
            for process in (*self.beats, *self.workers, *self.others):
                process.kill()
            for process in (getattr(self, "queue", None), getattr(self, "database", None)):
                if process is not None:
                    process.stop()
            shutil.rmtree(self.folder, ignore_errors=True)
        return self.count

    def _hit(self) -> None:
        plan = self.plan
        half = plan.worker_kills // 2
        database_at = {
            plan.worker_kills * (n + 1) // (plan.database_kills + 1)
            for n in range(plan.database_kills)
        }
        flush_at = {
            plan.worker_kills * (2 * n + 1) // (2 * plan.flushes) for n in range(plan.flushes)
        }
        moves = {half // 3: "+2h", 2 * half // 3: "-2h"} if self.fakes_time else {}
        until = time.monotonic() + 60
        while not self.written() and time.monotonic() < until:
            time.sleep(0.05)
        for number in range(plan.worker_kills):
            self.kill_worker()
            if number in database_at:
                self.kill_database()
            if number in flush_at:
                self.flush_queue()
            if number in moves:
                self.move_clock(moves[number])
            if number == half and self.fakes_time:
                self._a_day_without_beat()
            if number % 10 == 9:
                self.say(
                    f"  {number + 1} workers killed; {self.written()} notices,"
                    f" {self.mailed()} mails"
                )

    def _a_day_without_beat(self) -> None:
        """Both beats die, 26 hours pass, two others begin."""
        for beat in self.beats:
            beat.kill()
        self.beats.clear()
        self.count.kills["beats"] += 2
        self.move_clock("+26h")
        for _number in range(2):
            self.start_beat()

    def _rest(self) -> None:
        until = time.monotonic() + self.plan.patience
        while time.monotonic() < until:
            (open_rows,) = self.ask(
                "SELECT (SELECT count(*) FROM notifications_delivery WHERE state <> 'sent')"
                " + (SELECT count(*) FROM casework_reminder WHERE state = 'recorded')"
            )[0]
            if not open_rows and self.written() >= self.plan.reminders:
                break
            time.sleep(1)
        time.sleep(5)  # whatever would still go twice may go now

    def _look(self) -> None:
        mails = self.relay_log.read_text().split()
        self.count.notices = self.written()
        self.count.mails, self.count.distinct_mails = len(mails), len(set(mails))
        self.count.resent, self.count.unfinished = self.ask(
            "SELECT count(*) FILTER (WHERE resent), count(*) FILTER (WHERE state <> 'sent')"
            " FROM notifications_delivery"
        )[0]


FILL_PEOPLE = """
WITH people AS (
    INSERT INTO accounts_user (id, password, is_superuser, username, email, name, language, is_active,
                               date_joined, version, session_epoch)
    SELECT gen_random_uuid(), '!', FALSE, 'officer' || f.id, 'officer' || f.id || '@union.example',
           '联络员' || f.id, 'zh-hans', TRUE, now(), 1, 0
    FROM federations_federation AS f WHERE f.level = 2 OR f.code LIKE '44%%00'
    RETURNING id, username
)
INSERT INTO accounts_roleassignment (id, user_id, role, role_class, federation_id, since, assigned_at)
SELECT gen_random_uuid(), id, 'liaison_officer', 'business', substr(username, 8)::bigint,
       current_date - 400, now()
FROM people
""".replace("%%", "%")

FILL_DUTIES = """
WITH seats AS (
    SELECT federation_id, row_number() OVER (ORDER BY federation_id) - 1 AS n,
           count(*) OVER () AS of_all
    FROM accounts_roleassignment
)
INSERT INTO casework_duty (id, subject_type_id, subject_id, rule_code, title, federation_id, permission,
                           started_on, due_on, dated_on, unit, provisional, opened_at, outcome)
SELECT gen_random_uuid(), (SELECT id FROM django_content_type WHERE model = 'obligation'),
       gen_random_uuid(), 'reports.file_report', '第' || g || '号通知', s.federation_id,
       'reports.submit_report', past.day, CASE WHEN g %% 2 = 0 THEN past.today ELSE past.tomorrow END,
       past.dated, '', FALSE, now() - interval '30 days', ''
FROM generate_series(1, %s) AS g
JOIN seats AS s ON s.n = g %% s.of_all,
     (SELECT %s::date AS day, %s::date AS today, %s::date AS tomorrow, %s::date AS dated) AS past
"""

FILL_RULES = """
WITH ladder AS (
    INSERT INTO casework_ladder (id, set_at, version) VALUES (gen_random_uuid(), now(), 1) RETURNING id
)
INSERT INTO casework_reminderrule (id, ladder_id, duty_rule, days, rung, channels, text_zh, text_en,
                                   compulsory, since)
SELECT gen_random_uuid(), id, 'reports.file_report', 0, 0, '{portal,email}', '请报送《{title}》。', '',
       TRUE, %s
FROM ladder
"""

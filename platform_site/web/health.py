"""Is the platform well? The registries behind ``/readyz`` and ``manage.py doctor``.

Apps above add to both, in their ``apps.py``: a check to :data:`CHECKS`, by name, or a finding for
people to :data:`DOCTOR`. Ages are measured by the database's clock alone, since the clocks of the
machines that run worker, beat and web may differ.
"""

from __future__ import annotations

import shutil
import subprocess  # nosec B404
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import redis
from django.apps import apps
from django.conf import settings
from django.db import Error, ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Now
from django.utils.translation import gettext as _

WORKER, BEAT = "worker", "beat"
#: A heart that has not beaten for so long (seconds) has stopped: four rings of beat.
STOPPED_AFTER = 60
OLDEST_POSTGRES, NEWEST_POSTGRES = 15, 18
LEAST_FREE_DISK = 1024**3

# --- Heartbeats -----------------------------------------------------------------------------


def beat(name: str, at: datetime | None = None) -> None:
    """Note that ``name`` lives: now, or as of ``at``; an older beat never replaces a newer one."""
    model = apps.get_model("web", "Heartbeat")
    moment = Now() if at is None else at
    # One statement, without a transaction around it: it is written even while others wait.
    if not model.objects.filter(pk=name, at__lt=moment).update(at=moment):
        model.objects.bulk_create([model(pk=name, at=moment)], ignore_conflicts=True)


def age(name: str) -> float | None:
    """Seconds since ``name`` was last alive; None when it never was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM statement_timestamp() - at) FROM web_heartbeat"
            " WHERE name = %s",
            [name],
        )
        row = cursor.fetchone()
    return None if row is None else max(0.0, float(row[0]))


# --- What /readyz asks ----------------------------------------------------------------------

#: A check answers None when all is well, else one sentence that says what is not.
Check = Callable[[], str | None]


def check_database() -> str | None:
    """One round trip to PostgreSQL, and the property that searching Chinese text needs."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")
            if cursor.fetchone() is None:
                return _("The database lacks the extension pg_trgm.")
            cursor.execute("SELECT cardinality(show_trgm('中国'))")
            if not cursor.fetchone()[0]:
                return _("The database sees no letters in Chinese text; it needs a UTF-8 locale.")
    except Error:
        return _("The database does not answer.")
    return None


def check_queue() -> str | None:
    """One PING, waited for at most a second."""
    client = redis.Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=1, retry=None
    )
    try:
        client.ping()
    except redis.RedisError:
        return _("The message queue does not answer.")
    finally:
        client.close()
    return None


def check_migrations() -> str | None:
    """Whether the database's tables are those that this version of the program expects."""
    try:
        executor = MigrationExecutor(connection)
        pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return _("The database does not answer.")
    if pending:
        return _("%(count)s migrations are pending.") % {"count": len(pending)}
    return None


def check_worker() -> str | None:
    """A worker that is connected to the queue was seen within the last minute."""
    return _check_heart(WORKER, _("No worker is alive."))


def check_beat() -> str | None:
    """Beat rang within the last minute, and a worker heard it."""
    return _check_heart(BEAT, _("Beat is not alive, or no worker hears it."))


def _check_heart(name: str, problem: str) -> str | None:
    try:
        seconds = age(name)
    except ProgrammingError:
        return _("The tables are missing.")
    except Error:
        return _("The database does not answer.")
    return problem if seconds is None or seconds > STOPPED_AFTER else None


CHECKS: dict[str, Check] = {
    "database": check_database,
    "queue": check_queue,
    "migrations": check_migrations,
    "worker": check_worker,
    "beat": check_beat,
}


def run_checks() -> dict[str, str | None]:
    """Every check's answer by its name; the platform is ready when all are None."""
    return {name: check() for name, check in CHECKS.items()}


# --- What the doctor says -------------------------------------------------------------------


@dataclass(frozen=True)
class Finding:
    """One line of the doctor: what was looked at, whether it is well, how to mend it if not."""

    ok: bool
    label: str
    mend: str = ""


def look_at_database() -> Finding:
    """Reachable, of a version the platform is written for, and fit for Chinese text."""
    mend = _("Start PostgreSQL, or set DATABASE_URL to one that runs (docs/operations.md).")
    try:
        connection.ensure_connection()
    except Error:
        return Finding(False, _("PostgreSQL answers"), mend)
    version = connection.cursor().connection.server_version // 10000
    label = _("PostgreSQL %(version)s") % {"version": version}
    if not OLDEST_POSTGRES <= version <= NEWEST_POSTGRES:
        mend = _("Use PostgreSQL %(oldest)s to %(newest)s.")
        return Finding(False, label, mend % {"oldest": OLDEST_POSTGRES, "newest": NEWEST_POSTGRES})
    return Finding(True, label)


def look_at_encoding() -> Finding:
    """UTF-8 with a locale under which PostgreSQL knows Chinese characters as letters."""
    mend = _(
        "Migrate; if that is done, move to a database made by:"
        " createdb -T template0 -E UTF8 --locale=C.UTF-8"
    )
    problem = check_database()
    return Finding(problem is None, problem or _("Chinese text can be searched"), mend)


def look_at_queue() -> Finding:
    """The queue answers."""
    problem = check_queue()
    mend = _("Start Redis or Valkey, or set REDIS_URL. Until then messages wait in the database.")
    return Finding(problem is None, problem or _("The message queue answers"), mend)


def look_at_worker() -> Finding:
    """A worker lives."""
    problem = check_worker()
    mend = _("Start one: celery -A platform_site worker")
    return Finding(problem is None, problem or _("A worker is alive"), mend)


def look_at_beat() -> Finding:
    """Beat lives."""
    problem = check_beat()
    mend = _("Start it, once in the whole installation: celery -A platform_site beat")
    return Finding(problem is None, problem or _("Beat is alive"), mend)


def look_at_migrations() -> Finding:
    """No migration waits."""
    problem = check_migrations()
    mend = _("Run: python manage.py migrate")
    return Finding(problem is None, problem or _("All migrations are applied"), mend)


def look_at_catalogues() -> Finding:
    """Each catalogue was compiled after it was last changed."""
    stale = [
        path.parent.parent.name
        for folder in settings.LOCALE_PATHS
        for path in Path(folder).glob("*/LC_MESSAGES/django.po")
        if not path.with_suffix(".mo").is_file()
        or path.with_suffix(".mo").stat().st_mtime < path.stat().st_mtime
    ]
    if stale:
        label = _("Translations not compiled: %(languages)s") % {"languages": ", ".join(stale)}
        return Finding(False, label, _("Run: make messages"))
    return Finding(True, _("The translations are compiled"))


def look_at_fonts() -> Finding:
    """A font with Chinese characters, for printing and for browser tests on this machine."""
    label = _("A Chinese font is installed")
    mend = _("Run: apt-get install fonts-wqy-microhei")
    program = shutil.which("fc-list")
    if program is None:
        return Finding(False, label, _("Run: apt-get install fontconfig fonts-wqy-microhei"))
    listed = subprocess.run(  # noqa: S603  # nosec B603
        [program, ":lang=zh", "family"], capture_output=True, text=True, timeout=30
    )
    return Finding(bool(listed.stdout.strip()), label, mend)


def look_at_disk() -> Finding:
    """Room for uploaded files."""
    folder = Path(settings.MEDIA_ROOT)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    label = _("%(size)s GiB free for files") % {"size": f"{free / 1024**3:.1f}"}
    mend = _("Make room on the disk of %(folder)s, or set MEDIA_ROOT.") % {"folder": folder}
    return Finding(free >= LEAST_FREE_DISK, label, mend)


def look_at_time_zone() -> Finding:
    """Deadlines end at midnight of China Standard Time."""
    offset = datetime.now(ZoneInfo(settings.TIME_ZONE)).utcoffset()
    label = _("Time zone %(zone)s") % {"zone": settings.TIME_ZONE}
    china = datetime.now(ZoneInfo("Asia/Shanghai")).utcoffset()
    return Finding(settings.USE_TZ and offset == china, label, _("Set TIME_ZONE to Asia/Shanghai."))


def look_at_secret_key() -> Finding:
    """A key of this installation's own, unless this is the demo or a developer's machine."""
    strong = len(settings.SECRET_KEY) >= 50 and len(set(settings.SECRET_KEY)) >= 5
    local = settings.SETTINGS_MODULE.endswith((".local", ".test"))
    mend = _("Set SECRET_KEY to 50 random characters or more (.env.example says how).")
    return Finding(strong or local, _("SECRET_KEY is secret enough"), mend)


#: What the doctor looks at, in the order of its lines.
DOCTOR: list[Callable[[], Finding]] = [
    look_at_database,
    look_at_encoding,
    look_at_migrations,
    look_at_queue,
    look_at_worker,
    look_at_beat,
    look_at_catalogues,
    look_at_fonts,
    look_at_disk,
    look_at_time_zone,
    look_at_secret_key,
]

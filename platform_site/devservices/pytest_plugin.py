"""Gives a test run its servers, and fixtures that take one away or start a real worker.

Load it as ``-p platform_site.devservices.pytest_plugin`` (pyproject.toml does): Django's settings
are read before any conftest.py is, and the servers' addresses must be in the environment by then.

One PostgreSQL and one Valkey serve the whole run; each process of pytest-xdist has its own test
database (pytest-django names it) and its own numbered database in Valkey.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import pytest

from .processes import CannotStart, Process, spawn
from .relay import Relay
from .servers import Servers, make_temporary_folder, start_servers

CHECKOUT = Path(__file__).resolve().parents[2]
_running: tuple[Servers, Path] | None = None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Start the servers before anything reads the settings."""
    options = early_config.known_args_namespace
    if not (options.help or options.version):
        os.environ["DJANGO_SETTINGS_MODULE"] = "platform_site.settings.test"
        worker = os.environ.get("PYTEST_XDIST_WORKER")
        if worker:  # the first process of the run started the servers and passed them on
            number = 1 + int(worker.removeprefix("gw"))
            os.environ["REDIS_URL"] = numbered(os.environ["REDIS_URL"], number)
        elif not options.collectonly:
            _start()
    return (yield)


def pytest_report_header() -> str:
    """Name the servers of the run, without their passwords."""
    places = [
        f"{name} {address.hostname}:{address.port or ''}{address.path}"
        for name in ("DATABASE_URL", "REDIS_URL")
        if (address := urlsplit(os.environ.get(name, ""))).hostname
    ]
    return "servers: " + (", ".join(places) or "none") + (" (our own)" if _running else "")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Stop our own servers when the run ends."""
    _stop()


def _start() -> None:
    global _running
    folder = make_temporary_folder()
    try:
        servers = start_servers(folder, throw_away=True)
    except CannotStart as problem:
        shutil.rmtree(folder, ignore_errors=True)
        raise pytest.UsageError(str(problem)) from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _running = servers, folder
    os.environ.update(servers.environment())
    atexit.register(_stop)  # a run that ends before it was configured


def _stop() -> None:
    global _running
    if _running is not None:
        servers, folder = _running
        _running = None
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)


def numbered(url: str, number: int) -> str:
    """The address of another database of the same Valkey: ``number`` after the one in ``url``."""
    parts = urlsplit(url)
    base = int(parts.path.strip("/") or 0)
    return urlunsplit(parts._replace(path=f"/{base + number}"))


# --- Fixtures -------------------------------------------------------------------------------


@pytest.fixture
def database_relay(transactional_db: None) -> Iterator[Relay]:
    """A relay between this test and PostgreSQL: ``cut()`` takes the database away.

    Django's default connection goes through it for the length of the test.
    """
    from django.db import connection

    settings = connection.settings_dict
    before = {name: settings[name] for name in ("HOST", "PORT")}
    if str(before["HOST"]).startswith("/"):
        pytest.fail("The relay needs a DATABASE_URL with a host name, not a socket's folder.")
    connection.close()
    with Relay(before["HOST"] or "localhost", int(before["PORT"] or 5432)) as relay:
        settings.update(HOST=relay.host, PORT=relay.port)
        try:
            yield relay
        finally:
            settings.update(before)
            connection.close()


@pytest.fixture
def queue_relay(settings: Any) -> Iterator[Relay]:
    """A relay between this test and Valkey: ``cut()`` takes the queue away.

    Messages published by this test and the settings' REDIS_URL go through it.
    """
    from platform_site.celery import app

    before = settings.REDIS_URL
    parts = urlsplit(before)
    with Relay(parts.hostname or "localhost", parts.port or 6379) as relay:
        secret = f":{parts.password}@" if parts.password else ""
        if parts.username:
            secret = f"{parts.username}:{parts.password or ''}@"
        through = urlunsplit(parts._replace(netloc=f"{secret}{relay.host}:{relay.port}"))
        settings.REDIS_URL = settings.CELERY_BROKER_URL = through
        _point_queue_at(app, through)
        try:
            yield relay
        finally:
            _point_queue_at(app, before)


def _point_queue_at(app: Any, url: str) -> None:
    app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = url
    pools = app.__dict__.get("_pool"), getattr(app.amqp, "_producer_pool", None)
    for pool in pools:
        if pool is not None:
            pool.force_close_all()
    app._pool = None
    app.amqp._producer_pool = None


@pytest.fixture
def empty_queue() -> Iterator[None]:
    """Begin and end with an empty queue: this process's own database of Valkey."""
    import redis

    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    client.flushdb()
    yield
    client.flushdb()
    client.close()


@pytest.fixture
def celery_worker_process(
    transactional_db: None, empty_queue: None, tmp_path: Path
) -> Iterator[Callable[..., Process]]:
    """Start real workers on this test's database and queue; they end with the test.

    ``start(*arguments, **environment)`` returns once the worker is ready for messages; its
    ``kill()`` and ``stop()`` end it earlier.
    """
    started: list[Process] = []

    def start(*arguments: str, **environment: str) -> Process:
        log = tmp_path / f"worker-{len(started)}.log"
        worker = spawn(
            f"worker-{len(started)}",
            [
                *(sys.executable, "-m", "celery", "-A", "platform_site", "worker"),
                *("--without-mingle", "--without-gossip"),
                *("--loglevel", "INFO", "--hostname", f"{len(started)}@%h"),
                *(arguments or ("--pool", "solo")),
            ],
            env={**os.environ, "DATABASE_URL": database_url_of_test(), **environment},
            log=log,
            cwd=CHECKOUT,
        )
        started.append(worker)
        until = time.monotonic() + 60
        while " ready." not in worker.last_lines(200):
            if worker.ended or time.monotonic() > until:
                pytest.fail(f"The worker did not start:\n{worker.last_lines()}")
            time.sleep(0.05)
        return worker

    yield start
    for worker in started:
        worker.stop()


def database_url_of_test() -> str:
    """The DATABASE_URL of this process's test database, for a program that a test starts."""
    from django.db import connection

    database = connection.settings_dict
    who = quote(database["USER"] or "", safe="")
    if database["PASSWORD"]:
        who += ":" + quote(database["PASSWORD"], safe="")
    port = f":{database['PORT']}" if database["PORT"] else ""
    return f"postgres://{who}@{database['HOST'] or 'localhost'}{port}/{database['NAME']}"

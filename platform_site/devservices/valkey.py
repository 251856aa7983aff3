"""One Valkey server of our own, on the loopback address, behind a password."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

import redis

from .binaries import find_valkey
from .processes import CannotStart, Process, bare_environment, free_port, last_lines, spawn

START_SECONDS = 30
#: One for each process of a large machine's test run.
DATABASES = 128


def start_valkey(folder: Path, *, throw_away: bool = False) -> tuple[Process, str]:
    """Start a server that keeps its data in ``folder``; returns it and its REDIS_URL.

    The queue may be lost at any time (what is true is in PostgreSQL), so only a snapshot at the
    end is kept, and with ``throw_away`` not even that.
    """
    data = folder / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    log = folder / "log" / "valkey.log"
    log.parent.mkdir(exist_ok=True)
    program = find_valkey()
    password = secrets.token_urlsafe(24)
    for _attempt in range(3):  # another program may take the free port before the server does
        port = free_port()
        settings = [
            "bind 127.0.0.1",
            f"port {port}",
            f"requirepass {password}",
            f"databases {DATABASES}",
            f'dir "{data}"',
            'save ""' if throw_away else "save 3600 1",
            "appendonly no",
        ]
        # By standard input, since every account of the machine may read a command line.
        server = spawn(
            "valkey",
            [program, "-"],
            env=bare_environment(),
            log=log,
            stdin="\n".join(settings).encode(),
        )
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        try:
            if _wait_until_it_answers(server, url):
                return server, url
        except BaseException:
            server.stop()
            raise
        server.stop()
    raise CannotStart(f"Valkey did not start. The end of {log}:\n{last_lines(log)}")


def _wait_until_it_answers(server: Process, url: str) -> bool:
    client = redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=1)
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and not server.ended:
        try:
            client.ping()
        except redis.RedisError:
            time.sleep(0.02)
            continue
        finally:
            client.close()
        return True
    return False

"""PostgreSQL and Valkey together: those the environment names, else our own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .postgres import start_postgres
from .processes import Process
from .valkey import start_valkey


@dataclass
class Servers:
    """The addresses of both servers and, for those we started, their processes."""

    database_url: str
    redis_url: str
    own: list[Process] = field(default_factory=list)

    def environment(self) -> dict[str, str]:
        """The variables by which the settings find the servers."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}

    def stop(self) -> None:
        """Stop our own servers, the queue before the database. Repeatable."""
        for process in reversed(self.own):
            process.stop()


def start_servers(folder: Path, *, throw_away: bool = False) -> Servers:
    """Start what DATABASE_URL and REDIS_URL do not name; data lies below ``folder``."""
    servers = Servers(os.environ.get("DATABASE_URL", ""), os.environ.get("REDIS_URL", ""))
    try:
        if not servers.database_url:
            process, servers.database_url = start_postgres(folder, throw_away=throw_away)
            servers.own.append(process)
        if not servers.redis_url:
            process, servers.redis_url = start_valkey(folder, throw_away=throw_away)
            servers.own.append(process)
    except BaseException:
        servers.stop()
        raise
    return servers


def make_temporary_folder() -> Path:
    """A folder that the server's account can enter, though only its owner may list it."""
    folder = Path(tempfile.mkdtemp(prefix="union-platform-"))
    folder.chmod(0o711)
    return folder


@contextmanager
def temporary_servers() -> Iterator[Servers]:
    """Both servers for the length of a block; what they wrote goes when it ends."""
    folder = make_temporary_folder()
    try:
        servers = start_servers(folder, throw_away=True)
        try:
            yield servers
        finally:
            servers.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)

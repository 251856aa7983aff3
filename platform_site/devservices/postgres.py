"""One PostgreSQL server of our own, on the loopback address, behind a password."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psycopg2

from .binaries import PostgresPrograms, find_postgres
from .processes import (
    Account,
    CannotStart,
    Process,
    bare_environment,
    free_port,
    last_lines,
    spawn,
    unprivileged_account,
)

USER = DATABASE = "platform"
#: A crash of the machine may lose a test database: its data is made anew each time anyway.
#: Safe against a killed server, not against a lost machine: every commit still reaches the kernel, so
#: that what is tested with "kill -9" is what PostgreSQL promises.
THROW_AWAY = {"fsync": "off", "full_page_writes": "off"}
START_SECONDS = 60


def start_postgres(folder: Path, *, throw_away: bool = False) -> tuple[Process, str]:
    """Start a server that keeps its data below ``folder``; returns it and its DATABASE_URL.

    The first start creates the cluster. It listens on 127.0.0.1 alone, and asks for a password
    since other accounts of the machine could connect too. ``throw_away`` trades safety for speed.
    """
    account = unprivileged_account()
    programs = _runnable_programs(folder, account)
    data = folder / "postgres"
    password = _password(folder)
    if not (data / "PG_VERSION").is_file():
        _create_cluster(programs, data, password, account)
    _check_version(programs, data)
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "100",
        "shared_buffers": "128MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        **(THROW_AWAY if throw_away else {}),
    }
    log = folder / "log" / "postgres.log"
    log.parent.mkdir(exist_ok=True)
    for _attempt in range(3):  # another program may take the free port before the server does
        port = free_port()
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        server = spawn(
            "postgres",
            [programs.bin / "postgres", "-D", data, "-p", str(port), *options],
            env=bare_environment(),
            log=log,
            stop_signal=signal.SIGINT,  # "fast" shutdown: clients are cut, the data is safe
            account=account,
        )
        try:
            if _wait_until_it_answers(server, port, password):
                return server, f"postgres://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"
        except BaseException:
            server.stop()
            raise
        server.stop()
    raise CannotStart(f"PostgreSQL did not start. The end of {log}:\n{last_lines(log)}")


def _runnable_programs(folder: Path, account: Account | None) -> PostgresPrograms:
    programs = find_postgres()
    if not programs.usable_by(account):
        programs = programs.copied_to(folder)
        if not programs.usable_by(account):
            who = account.name if account else "this user"
            raise CannotStart(
                f"PostgreSQL must run as {who}, who cannot run {programs.bin}."
                " Put DEMO_DIR (or TMPDIR for the tests) on a path that everybody may enter and"
                " that allows programs, such as /var/tmp."
            )
    return programs


def _password(folder: Path) -> str:
    path = folder / "postgres-password"
    if not path.is_file():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(24))
    return path.read_text()


def _create_cluster(
    programs: PostgresPrograms, data: Path, password: str, account: Account | None
) -> None:
    shutil.rmtree(data, ignore_errors=True)  # what an interrupted initdb left
    data.mkdir(mode=0o700)
    if account:
        os.chown(data, account.uid, account.gid)
    password_file = data.with_name("initdb-password")
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if account:
        os.chown(password_file, account.uid, account.gid)
    try:
        # Under locale C, pg_trgm sees no letter in Chinese text: a search finds nothing.
        made = subprocess.run(
            [
                *(str(programs.bin / "initdb"), "-D", str(data), "-U", USER, "-N"),
                *("-E", "UTF8", "--locale=C.UTF-8"),
                *("-A", "scram-sha-256", f"--pwfile={password_file}"),
            ],
            env=bare_environment(),
            capture_output=True,
            **(account.popen_arguments() if account else {}),
        )
    finally:
        password_file.unlink()
    if made.returncode != 0:
        shutil.rmtree(data, ignore_errors=True)
        raise CannotStart(f"initdb failed in {data}:\n{made.stderr.decode(errors='replace')}")


def _check_version(programs: PostgresPrograms, data: Path) -> None:
    shown = subprocess.run(
        [str(programs.bin / "postgres"), "--version"],
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    program, cluster = shown.split()[2].split(".")[0], (data / "PG_VERSION").read_text().strip()
    if program != cluster:
        raise CannotStart(
            f"The data in {data} is PostgreSQL {cluster}'s and this server is {program}."
            " Drop it with: make demo-reset"
        )


def _wait_until_it_answers(server: Process, port: int, password: str) -> bool:
    """Wait for the first connection, and create the database; False when the server ended."""
    address = {"host": "127.0.0.1", "port": port, "user": USER, "password": password}
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and not server.ended:
        try:
            connection = psycopg2.connect(dbname="postgres", connect_timeout=3, **address)
        except psycopg2.OperationalError:
            time.sleep(0.05)
            continue
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                if cursor.fetchone() is None:
                    cursor.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            connection.close()
        return True
    return False

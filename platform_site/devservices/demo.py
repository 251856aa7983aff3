"""``make demo``: the whole platform on this machine, with demo data, until Ctrl-C.

Everything lies in one folder, DEMO_DIR; a second start keeps it and skips what was done. The parts
stop in the order beat, worker, web, queue, database, so that nothing loses what it stands on.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from .catalogues import compile_catalogues
from .processes import CannotStart, Process, last_lines, port_is_free, spawn
from .servers import Servers, start_servers

CHECKOUT = Path(__file__).resolve().parents[2]
MARK = "demo-folder"  # what a folder must hold before `reset` deletes it
READY_SECONDS = 60
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(BaseException):
    """Somebody asked the demo to stop."""


def demo_folder() -> Path:
    """DEMO_DIR, else a folder of this checkout's own below /var/tmp."""
    given = os.environ.get("DEMO_DIR")
    if given:
        return Path(given).expanduser().resolve()
    digest = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
    return Path("/var/tmp") / f"union-platform-{digest}"  # noqa: S108  # nosec B108


def reset() -> str:
    """Delete the demo's folder; refuses a folder that is not a demo's, or that is in use."""
    folder = demo_folder()
    if not folder.exists():
        return f"Nothing to drop: {folder} does not exist."
    if not (folder / MARK).is_file():
        raise CannotStart(f"{folder} was not made by the demo; it is left alone.")
    with _only_one(folder):
        shutil.rmtree(folder)
    return f"Dropped {folder}."


def run() -> int:
    """Start everything, print where it is, wait for the end, stop everything. The exit status."""
    for number in STOP_SIGNALS:
        signal.signal(number, _raise_stop)
    demo = Demo(demo_folder())
    try:
        with _only_one(demo.prepare_folder()):
            try:
                demo.start()
                demo.watch()
            finally:
                for number in STOP_SIGNALS:
                    signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C: already stopping
                demo.stop()
    except Stop:
        print("Stopped. The data is kept: make demo starts it again, make demo-reset drops it.")
    except CannotStart as problem:
        print(f"The demo cannot go on. {problem}", file=sys.stderr)
        return 1
    return 0


class Demo:
    """The demo's folder and its processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.began = time.monotonic()
        self.port = _port()
        self.host = os.environ.get("HOST", "127.0.0.1")
        self.address = (
            f"http://{'localhost' if self.host == '127.0.0.1' else self.host}:{self.port}"
        )
        self.servers: Servers | None = None
        self.parts: list[Process] = []

    def prepare_folder(self) -> Path:
        """Make the folder; the server's account must be able to pass through it."""
        new = not self.folder.exists()
        if not new and not (self.folder / MARK).is_file() and any(self.folder.iterdir()):
            raise CannotStart(f"{self.folder} holds other files; choose another folder: DEMO_DIR=…")
        self.folder.mkdir(mode=0o711, parents=True, exist_ok=True)
        self.folder.chmod(0o711)
        (self.folder / MARK).touch()
        for name in ("log", "mail", "media", "static"):
            (self.folder / name).mkdir(mode=0o700, exist_ok=True)
        return self.folder

    def start(self) -> None:
        """Bring everything up, skipping what an earlier start has done."""
        if not port_is_free(self.port, self.host):
            raise CannotStart(
                f"Port {self.port} is taken. Stop what listens there, or choose another:"
                f" make demo PORT={self.port + 1}"
            )
        if compile_catalogues():
            print("✔ translations compiled")
        ours = not os.environ.get("DATABASE_URL")
        self.servers = start_servers(self.folder)
        print("✔ PostgreSQL and Valkey started")
        self.environment = self._environment(self.servers)
        # A given database may have been changed by others: there, nothing counts as done.
        tables = _digest("*/migrations/*.py", "*/*/migrations/*.py", "uv.lock") if ours else ""
        if not self._done("migrate", tables):
            self._manage("migrate", "--no-input", "-v", "0")
            self._note("migrate", tables)
            print("✔ tables up to date")
        files = _digest("static/**/*", "uv.lock", "*/*/static/**/*")
        if not self._done("static", files):
            self._manage("collectstatic", "--no-input", "-v", "0")
            self._note("static", files)
            print("✔ static files collected")
        accounts = self.folder / "accounts.json"
        if not accounts.is_file() or not self._done("seed", "1"):
            self._manage("seed_demo", "--accounts-file", str(accounts))
            self._note("seed", "1")
            print("✔ demo data loaded")
        self._start_parts()
        self._wait_until_ready()
        self._greet(accounts)

    def watch(self) -> None:
        """Wait until a signal comes (:class:`Stop`) or a part ends by itself."""
        while True:
            self._all_live()
            time.sleep(0.5)

    def _all_live(self) -> None:
        for part in [*(self.servers.own if self.servers else []), *self.parts]:
            if part.ended:
                end = part.last_lines()
                raise CannotStart(f"The process {part.name} ended. The end of {part.log}:\n{end}")

    def stop(self) -> None:
        """Stop beat, worker, web, queue and database, in that order."""
        for part in reversed(self.parts):  # started: web, worker, beat
            part.stop()
        if self.servers is not None:
            self.servers.stop()

    # --- the steps ---

    def _environment(self, servers: Servers) -> dict[str, str]:
        key = self.folder / "secret-key"
        if not key.is_file():
            with open(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(64))
        defaults = {
            "SECRET_KEY": key.read_text(),
            "SITE_URL": self.address,
            "EMAIL_URL": f"filemail:///{self.folder / 'mail'}",
        }
        return {
            **defaults,
            **os.environ,
            **servers.environment(),
            "DJANGO_SETTINGS_MODULE": "platform_site.settings.local",
            "DEMO_MODE": "true",
            "MEDIA_ROOT": str(self.folder / "media"),
            "STATIC_ROOT": str(self.folder / "static"),
            "PYTHONUNBUFFERED": "1",
        }

    def _manage(self, *arguments: str) -> None:
        log = self.folder / "log" / f"{arguments[0]}.log"
        log.unlink(missing_ok=True)
        command = spawn(
            arguments[0],
            [sys.executable, "manage.py", *arguments],
            env=self.environment,
            cwd=CHECKOUT,
            log=log,
        )
        try:
            status = command.popen.wait()
        except BaseException:
            command.stop()
            raise
        if status != 0:
            raise CannotStart(
                f"manage.py {' '.join(arguments)} failed. The end of {log}:\n{last_lines(log, 30)}"
            )

    def _start_parts(self) -> None:
        celery = [sys.executable, "-m", "celery", "-A", "platform_site"]
        commands = {
            "web": [
                *(sys.executable, "-m", "gunicorn", "platform_site.wsgi"),
                *("--bind", f"{self.host}:{self.port}", "--workers", "2", "--threads", "4"),
                *("--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "5"),  # noqa: S108  # nosec
                "--no-control-socket",
            ],
            "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"],
            "beat": [
                *(*celery, "beat", "--loglevel", "INFO", "--pidfile="),
                *("--schedule", str(self.folder / "beat-schedule")),
            ],
        }
        for name, argv in commands.items():
            log = self.folder / "log" / f"{name}.log"
            part = spawn(name, argv, env=self.environment, cwd=CHECKOUT, log=log, patience=15)
            self.parts.append(part)

    def _wait_until_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        url = f"http://{self.host}:{self.port}/healthz"
        while time.monotonic() < until:
            self._all_live()
            try:
                with urllib.request.urlopen(url, timeout=5):  # nosec B310
                    return
            except urllib.error.HTTPError as answer:
                log = self.folder / "log" / "web.log"
                raise CannotStart(
                    f"{url} answers {answer.code}. The end of {log}:\n{last_lines(log)}"
                ) from None
            except (OSError, urllib.error.URLError):
                time.sleep(0.1)
        raise CannotStart(f"The web server did not answer; see {self.folder / 'log' / 'web.log'}")

    def _greet(self, accounts: Path) -> None:
        rows = json.loads(accounts.read_text())
        own_time = time.monotonic() - self.began
        print(f"\n  {self.address}\n")
        for row in rows:
            print(f"  {row['role']:<24}{row['username']:<28}{row['password']}")
        print(f"\n  Accounts and API tokens: {accounts}")
        print(f"  Mail that the demo sends: {self.folder / 'mail'}")
        print(f"  Logs: {self.folder / 'log'}")
        packages = os.environ.get("SYNC_SECONDS")
        apart = f", packages before that: {packages} s" if packages else ""
        print(f"  Started in {own_time:.0f} s{apart}. Ctrl-C stops everything.\n", flush=True)

    # --- what an earlier start has done ---

    def _done(self, step: str, digest: str) -> bool:
        path = self.folder / f"done-{step}"
        return bool(digest) and path.is_file() and path.read_text() == digest

    def _note(self, step: str, digest: str) -> None:
        (self.folder / f"done-{step}").write_text(digest)


def _digest(*patterns: str) -> str:
    """A digest of the names and contents of files of the checkout."""
    digest = hashlib.sha256()
    for pattern in patterns:
        for path in sorted(CHECKOUT.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(CHECKOUT)).encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not re.fullmatch(r"[0-9]{1,5}", given) or not 0 < int(given) < 65536:
        raise CannotStart(f"PORT must be a number from 1 to 65535, not {given!r}.")
    return int(given)


def _raise_stop(_number: int, _frame: FrameType | None) -> None:
    raise Stop


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; the kernel gives it back however the holder ends."""
    with (folder / MARK).open("a") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                f"A demo already runs on {folder}. Stop it, or choose another folder: DEMO_DIR=…"
            ) from None
        yield

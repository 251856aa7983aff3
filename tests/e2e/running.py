"""A running demo from outside: its address, its accounts, a browser and a program that walk in."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from platform_site.devservices.postgres import DATABASE, USER

CHECKOUT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
DESKTOP, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Demo:
    """A running demo: its address, and its folder."""

    def __init__(self, url: str, place: Path) -> None:
        self.url, self.place = url, place

    @property
    def accounts(self) -> dict[str, dict[str, str]]:
        rows = json.loads((self.place / "accounts.json").read_text(encoding="utf-8"))
        return {row["username"]: row for row in rows}

    @property
    def database_url(self) -> str:
        """Where the demo keeps its rows, for what no page of it does."""
        password = (self.place / "postgres-password").read_text(encoding="utf-8").strip()
        port = (self.place / "postgres" / "postmaster.pid").read_text().splitlines()[3]
        return f"postgres://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"

    def tokens(self, *usernames: str) -> dict[str, str]:
        """A token for each of these accounts, as an operator would issue it on the machine."""
        return json.loads(self.asked(ISSUE_TOKENS, USERNAMES=" ".join(usernames)))

    def asked(self, code: str, **environment: str) -> str:
        """The last line that ``code`` writes, run as an operator would run it on the machine."""
        made = subprocess.run(
            [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
            cwd=CHECKOUT,
            env={
                **os.environ,
                "DATABASE_URL": self.database_url,
                "DJANGO_SETTINGS_MODULE": "platform_site.settings.local",
                **environment,
            },
            check=True,
            capture_output=True,
            text=True,
        )
        return made.stdout.splitlines()[-1]


#: Many at once: ``manage.py issue_token`` would start Django for each.
ISSUE_TOKENS = """
import datetime, json, os
from platform_site.accounts.api_scopes import known
from platform_site.accounts.models import User
from platform_site.accounts.services import issue_token
until = datetime.date.today() + datetime.timedelta(days=30)
print(json.dumps({name: issue_token(User.objects.get(username=name), name="e2e", scopes=sorted(known()),
      expires_on=until, by=None)[1] for name in os.environ["USERNAMES"].split()}))
"""


@contextlib.contextmanager
def started_demo(**environment: str) -> Iterator[Demo]:
    """A demo of its own, on a free port, in a folder that goes with it."""
    # PostgreSQL leaves root and must be able to walk to its folder.
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="platform-e2e-") as name:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)
        # The demo brings its own servers, whatever those of the test run are.
        foreign = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
        kept = {key: value for key, value in os.environ.items() if key not in foreign}
        place, log = folder / "demo", folder / "demo.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "platform_site.devservices", "demo"],
                cwd=CHECKOUT,
                env={**kept, "DEMO_DIR": str(place), "PORT": str(port), **environment},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            try:
                demo = Demo(f"http://localhost:{port}", place)
                _wait_until_ready(demo, process, log)
                yield demo
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(60)


def _wait_until_ready(demo: Demo, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + 480
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError):  # not listening yet, or 503: no worker yet
            urllib.request.urlopen(f"{demo.url}/readyz", timeout=5)
            return
        time.sleep(0.3)
    raise TimeoutError(log.read_text())


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


def sign_in(context: BrowserContext, username: str, password: str) -> None:
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", password)
    page.click("button.button--identity")
    page.wait_for_url("**/w/")
    page.close()


class Machine:
    """A program with the token of one account."""

    def __init__(self, demo: Demo, username: str, token: str = "") -> None:
        self.demo, self.token = demo, token or demo.accounts[username]["token"]

    def call(
        self, method: str, path: str, body: dict | None = None, etag: str = ""
    ) -> HTTPResponse:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if etag:
            headers["If-Match"] = etag
        data = json.dumps(body or {}).encode() if method != "GET" else None
        request = urllib.request.Request(
            f"{self.demo.url}/api/v1{path}", data, headers, method=method
        )
        return urllib.request.urlopen(request)

    def get(self, path: str) -> dict:
        return json.load(self.call("GET", path))

    def rows(self, path: str, **wanted: str) -> list[dict]:
        """The rows of a list's first page that have these values."""
        joint = "&" if "?" in path else "?"
        return [
            row
            for row in self.get(f"{path}{joint}page_size=100")["results"]
            if all(row[key] == value for key, value in wanted.items())
        ]

    def change(self, path: str, body: dict) -> dict:
        return json.load(self.call("PATCH", path, body, self.call("GET", path).headers["ETag"]))

    def take(self, path: str, step: str, **body: str) -> dict:
        etag = self.call("GET", path).headers["ETag"]
        return json.load(self.call("POST", f"{path}{step}/", body, etag))

"""The browser's tests walk through a running demo: real web server, worker, beat, mail relay.

Each run starts a demo of its own. To try a test again quickly, keep one running and name it::

    make demo PORT=8700 DEMO_DIR=/var/tmp/mine EMAIL_URL=smtp://127.0.0.1:2525
    E2E_PORT=8700 E2E_DEMO_DIR=/var/tmp/mine E2E_MAIL_PORT=2525 pytest tests/e2e -k story
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import GOOD_ANSWERS

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


class Mailbox:
    """A mail relay that keeps what the demo's worker hands it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.messages: list[EmailMessage] = []
        self._news = threading.Condition()
        self._relay = Controller(self, hostname="127.0.0.1", port=port)

    async def handle_DATA(self, server, session, envelope) -> str:
        with self._news:
            message = message_from_bytes(envelope.content, policy=policy.default)
            self.messages.append(message)
            self._news.notify_all()
        return "250 taken"

    def wait_for(self, *, to: str, saying: str) -> EmailMessage:
        """The first message to this address with these words; fails when none comes."""

        def found() -> EmailMessage | None:
            return next(
                (m for m in self.messages if to in m["to"] and saying in m.get_content()), None
            )

        with self._news:
            message = self._news.wait_for(found, timeout=90)
        assert message, f"no mail to {to} says {saying!r}"
        return message

    def __enter__(self) -> Mailbox:
        self._relay.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._relay.stop()


class Demo:
    """A running demo: its address, and its folder."""

    def __init__(self, url: str, place: Path) -> None:
        self.url, self.place = url, place

    @property
    def accounts(self) -> dict[str, dict[str, str]]:
        rows = json.loads((self.place / "accounts.json").read_text(encoding="utf-8"))
        return {row["username"]: row for row in rows}


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
    until = time.monotonic() + 240
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError):  # not listening yet, or 503: no worker yet
            urllib.request.urlopen(f"{demo.url}/readyz", timeout=5)
            return
        time.sleep(0.3)
    pytest.fail(log.read_text())


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    with Mailbox(int(os.environ.get("E2E_MAIL_PORT", 0)) or free_port()) as mailbox:
        yield mailbox


@pytest.fixture(scope="session")
def demo(mailbox) -> Iterator[Demo]:
    if "E2E_PORT" in os.environ:
        url = f"http://localhost:{os.environ['E2E_PORT']}"
        yield Demo(url, Path(os.environ["E2E_DEMO_DIR"]))
        return
    with started_demo(EMAIL_URL=f"smtp://127.0.0.1:{mailbox.port}") as demo:
        yield demo


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


#: What a page may not say to the console: a script that failed, a broken security policy.
COMPLAINTS: list[str] = []


@pytest.fixture(autouse=True)
def no_complaints() -> Iterator[None]:
    COMPLAINTS.clear()
    yield
    assert COMPLAINTS == []


def sign_in(context: BrowserContext, username: str, password: str) -> None:
    page = context.new_page()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", username)
    page.fill("input[name=password]", password)
    page.click("button.button--identity")
    page.wait_for_url("**/w/")
    page.close()


@pytest.fixture
def context_for(browser: Browser, demo: Demo) -> Iterator[Callable[..., BrowserContext]]:
    """A browser window of its own in which this account is signed in."""
    opened: list[BrowserContext] = []

    def make(username: str = "", **options) -> BrowserContext:
        options = {"viewport": DESKTOP, "locale": "zh-CN", **options}
        context = browser.new_context(base_url=demo.url, **options)
        context.set_default_timeout(20_000)
        opened.append(context)
        if username:
            sign_in(context, username, demo.accounts[username]["password"])
        return context

    yield make
    for context in opened:
        context.close()


def watch(page: Page) -> None:
    def hear(message) -> None:
        refused = "Failed to load resource" in message.text  # a 404 or 422 that a test asks for
        if message.type == "error" and not refused:
            COMPLAINTS.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: COMPLAINTS.append(str(error)))


@pytest.fixture
def page_for(context_for) -> Callable[..., Page]:
    """A page of a person who is signed in; complaints of the browser fail the test."""

    def make(username: str = "", **options) -> Page:
        page = context_for(username, **options).new_page()
        watch(page)
        return page

    return make


# --- What a test begins with, made through the REST API -----------------------------------------


class Machine:
    """A program with the token of one account."""

    def __init__(self, demo: Demo, username: str) -> None:
        self.demo, self.token = demo, demo.accounts[username]["token"]

    def call(self, method: str, path: str, body: dict | None = None, etag: str = ""):
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


@pytest.fixture
def machine(demo) -> Callable[[str], Machine]:
    return lambda username: Machine(demo, username)


@pytest.fixture
def owed(machine) -> str:
    """The id of a new obligation of Guangdong: a pilot plan, not signed for."""
    notice = {
        "id": str(uuid.uuid4()),
        "title": f"关于报送补充试点方案的通知（{uuid.uuid4().hex[:6]}）",
        "text": "请按时报送。",
        "asks": "pilot_plan",
        "form": "pilot_plan",
        "business_line": "social_organisations",
        "due_on": (dt.date.today() + dt.timedelta(days=28)).isoformat(),
        "recipients": ["440000"],
    }
    machine("officer").call("POST", "/notices/", notice)
    path = f"/notices/{notice['id']}/"
    machine("leader").take(path, "approve")
    machine("officer").take(path, "issue")
    [row] = machine("440000.liaison").rows(f"/obligations/?request={notice['id']}")
    return row["id"]


@pytest.fixture
def empty_report(machine, owed) -> str:
    """The id of a new report of Guangdong without answers."""
    province = machine("440000.liaison")
    province.take(
        f"/obligations/{owed}/", "sign-for", leader_name="梁粤领（演示）", department="社会联络部"
    )
    return json.load(province.call("POST", "/reports/", {"obligation": owed, "answers": {}}))["id"]


@pytest.fixture
def ready_report(machine, empty_report) -> str:
    """The id of a report of Guangdong that waits for nothing but submitting."""
    province = machine("440000.liaison")
    province.change(f"/reports/{empty_report}/", {"answers": GOOD_ANSWERS})
    province.take(
        f"/reports/{empty_report}/",
        "sign-off",
        name="梁粤领（演示）",
        on=dt.date.today().isoformat(),
    )
    return empty_report

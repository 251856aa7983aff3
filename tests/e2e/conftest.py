"""The browser's tests walk through a running demo: real web server, worker, beat, mail folder."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

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
    """A demo of its own, on a free port, in a folder that goes with the tests."""

    url: str
    place: Path

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.place = folder / "demo"
        self.url = f"http://localhost:{self.port}"
        # The demo brings its own servers, whatever those of the test run are.
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        kept.pop("DJANGO_SETTINGS_MODULE", None)
        self.log = (folder / "demo.log").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "platform_site.devservices", "demo"],
            cwd=CHECKOUT,
            env={**kept, "DEMO_DIR": str(self.place), "PORT": str(self.port)},
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )

    def wait(self) -> None:
        until = time.monotonic() + 240
        while time.monotonic() < until:
            assert self.process.poll() is None, (self.folder / "demo.log").read_text()
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.url}/readyz", timeout=5)
                return
            time.sleep(0.3)
        pytest.fail((self.folder / "demo.log").read_text())

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.log.close()

    @property
    def accounts(self) -> dict[str, dict[str, str]]:
        rows = json.loads((self.place / "accounts.json").read_text(encoding="utf-8"))
        return {row["username"]: row for row in rows}

    def mails(self) -> list[str]:
        """The demo's mail as text, decoded."""
        from email import message_from_bytes, policy

        texts = []
        for path in sorted((self.place / "mail").glob("*.log")):
            for part in re.split(r"^-{70,}$", path.read_text(encoding="utf-8"), flags=re.M):
                if part.strip():
                    message = message_from_bytes(part.strip().encode(), policy=policy.default)
                    texts.append(
                        f"To: {message['to']}\n{message['subject']}\n{message.get_content()}"
                    )
        return texts


class RunningDemo(Demo):
    """One that somebody started: E2E_PORT and E2E_DEMO_DIR name it, to try a test again quickly."""

    def __init__(self) -> None:
        self.url = f"http://localhost:{os.environ['E2E_PORT']}"
        self.place = Path(os.environ["E2E_DEMO_DIR"])


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    if "E2E_PORT" in os.environ:
        yield RunningDemo()
        return
    # PostgreSQL leaves root and must be able to walk to its folder.
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="platform-e2e-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        running = Demo(folder)
        try:
            running.wait()
            yield running
        finally:
            running.stop()


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
            page = context.new_page()
            page.goto("/accounts/login/")
            page.fill("input[name=login]", username)
            page.fill("input[name=password]", demo.accounts[username]["password"])
            page.click("button.button--identity")
            page.wait_for_url("**/w/")
            page.close()
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

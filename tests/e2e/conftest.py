"""The browser's tests walk through a running demo: real web server, worker, beat, mail relay.

Each run starts a demo of its own. To try a test again quickly, keep one running and name it::

    make demo PORT=8700 DEMO_DIR=/var/tmp/mine EMAIL_URL=smtp://127.0.0.1:2525
    E2E_PORT=8700 E2E_DEMO_DIR=/var/tmp/mine E2E_MAIL_PORT=2525 pytest tests/e2e -k story
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from playwright.sync_api import Browser, BrowserContext, Page

from tests.platform_site.documents.measuring import Pdf

from . import beginnings
from .running import DESKTOP, Demo, Machine, chromium, free_port, sign_in, started_demo


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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two workers at most: one asks the API for ten minutes, the other walks the pages meanwhile.

    The walks share one demo and keep their order; a worker more would start a demo more.
    """
    for item in items:
        group = "contract" if item.path.name == "test_contract.py" else "pages"
        item.add_marker(pytest.mark.xdist_group(group))


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
    with chromium() as browser:
        yield browser


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


@pytest.fixture
def machine(demo) -> Callable[[str], Machine]:
    return lambda username: Machine(demo, username)


@pytest.fixture
def owed(demo) -> str:
    """The id of a new obligation of Guangdong: a pilot plan, not signed for."""
    return beginnings.owed(demo)


@pytest.fixture
def empty_report(demo, owed) -> str:
    """The id of a new report of Guangdong without answers."""
    return beginnings.empty_report(demo, owed)


@pytest.fixture
def ready_report(demo, empty_report) -> str:
    """The id of a report of Guangdong that waits for nothing but submitting."""
    return beginnings.made_ready(demo, empty_report)


# --- LibreOffice -----------------------------------------------------------------------------------

SOFFICE = "/usr/bin/soffice"


@pytest.fixture(scope="session")
def printed(tmp_path_factory):
    """Open a DOCX without a screen and print it to PDF."""
    profile = tmp_path_factory.mktemp("profile")

    def make(content: bytes, name: str) -> Pdf:
        folder: Path = tmp_path_factory.mktemp(name)
        source = folder / f"{name}.docx"
        source.write_bytes(content)
        subprocess.run(
            [
                SOFFICE,
                f"-env:UserInstallation=file://{profile}",
                "--headless",
                "--convert-to",
                "pdf",
                "--outdir",
                str(folder),
                str(source),
            ],
            check=True,
            capture_output=True,
            timeout=180,
        )
        return Pdf((folder / f"{name}.pdf").read_bytes())

    return make

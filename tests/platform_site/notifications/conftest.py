"""People, a template of an event, and a mail relay that is a real SMTP server in this process."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.template import engines

from platform_site.accounts.models import User
from platform_site.notifications import bell

EVENT = "tests/returned"
TEMPLATE = """{% load i18n %}{% translate "Error: " %}{{ matter }}
{{ matter }} <b> was sent back.
"""


@pytest.fixture(autouse=True)
def open_bell() -> Iterator[None]:
    """No test inherits another's memory of a missing broker."""
    bell.listen_again()
    yield
    bell.listen_again()


@pytest.fixture(autouse=True)
def event_template(tmp_path: Path) -> Iterator[None]:
    """``emails/tests/returned.txt``, found beside the project's templates."""
    folder = tmp_path / "templates" / "emails" / "tests"
    folder.mkdir(parents=True)
    (folder / "returned.txt").write_text(TEMPLATE, encoding="utf-8")
    engine = engines["django"].engine
    engine.dirs.insert(0, tmp_path / "templates")
    for loader in engine.template_loaders:
        loader.reset()
    yield
    engine.dirs.pop(0)
    for loader in engine.template_loaders:
        loader.reset()


def person(username: str, **fields: Any) -> User:
    fields.setdefault("email", f"{username}@union.example")
    fields.setdefault("name", username.capitalize())
    return User.objects.create_user(username, **fields)


@pytest.fixture
def wang(db: None) -> User:
    return person("wang", name="王芳", language="zh-hans")


@pytest.fixture
def smith(db: None) -> User:
    return person("smith", name="J. Smith", language="en")


@dataclass
class Sink:
    """Keeps what it is given; ``answer`` refuses recipients, ``data_answer`` refuses texts."""

    mails: list[Any] = field(default_factory=list)
    answer: str = "250 OK"
    data_answer: str = "250 OK"
    pause: float = 0.0
    port: int = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, server, session, envelope):
        await asyncio.sleep(self.pause)
        if self.data_answer.startswith("250"):
            self.mails.append(envelope)
        return self.data_answer

    def message_ids(self) -> list[str]:
        lines = [line for mail in self.mails for line in mail.content.decode().splitlines()]
        return [line[12:] for line in lines if line.startswith("Message-ID: ")]


@pytest.fixture
def sink(settings: Any) -> Iterator[Sink]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    handler = Sink(port=port)
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.RELAY = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": handler.port,
    }
    yield handler
    controller.stop()


@pytest.fixture
def no_broker(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker's address at which nobody listens."""
    from celery import current_app

    monkeypatch.setattr(current_app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(current_app.conf, "broker_write_url", "redis://127.0.0.1:1/0")

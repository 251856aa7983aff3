"""The two ways out, mail and chat robots, and what the mail relay's own log can tell.

A worker asks whether a message is still its own as the last act before SMTP DATA: after the relay has
taken sender and recipient, before a word of the text has left. What was cancelled or taken over up to
that moment does not go. The window that is left lies between the relay's "250 accepted" and the commit
of the mark; see ``delivery``.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import apprise
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

#: Seconds each exchange with the relay may take; a whole message stays well below the lease.
RELAY_TIMEOUT = 10


class WithdrawnError(Exception):
    """The message is no longer this worker's to send."""


class CheckedBackend(EmailBackend):
    """Django's SMTP backend that asks :attr:`may_go` before it hands over the text."""

    may_go: Callable[[], bool] = staticmethod(lambda: True)

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        backend = self

        class Checked(super().connection_class):  # type: ignore[misc]
            def data(self, msg: Any) -> Any:
                if not backend.may_go():
                    raise WithdrawnError
                return super().data(msg)

        return Checked

    def begin_again(self) -> None:
        """Give up the transaction with the relay, keep the connection."""
        if self.connection is not None:
            self.connection.rset()


def open_relay() -> BaseEmailBackend:
    """The connection that EMAIL_URL describes: the one way out for mail."""
    relay = dict(settings.RELAY)
    backend = relay.get("EMAIL_BACKEND", "")
    if not backend or backend.endswith(".LedgerBackend"):
        raise ImproperlyConfigured("EMAIL_URL must name a relay, not the ledger itself")
    if backend == "django.core.mail.backends.smtp.EmailBackend":
        backend = f"{__name__}.CheckedBackend"
    names = {
        "EMAIL_HOST": "host",
        "EMAIL_PORT": "port",
        "EMAIL_HOST_USER": "username",
        "EMAIL_HOST_PASSWORD": "password",
        "EMAIL_USE_TLS": "use_tls",
        "EMAIL_USE_SSL": "use_ssl",
        "EMAIL_FILE_PATH": "file_path",
    }
    given = {names[key]: value for key, value in relay.items() if key in names and value}
    connection: BaseEmailBackend = get_connection(backend, timeout=RELAY_TIMEOUT, **given)
    connection.open()
    return connection


def accepted(message_ids: Collection[str]) -> set[str] | None:
    """Which of these the relay has taken, by its log; None where no log can be asked.

    The log (RELAY_LOG_FILE) has the Message-ID of each accepted message on a line of its own; it must
    be written before the relay answers 250.
    """
    if not settings.RELAY_LOG_FILE:
        return None
    wanted = set(message_ids)
    try:
        with Path(settings.RELAY_LOG_FILE).open(encoding="utf-8", errors="replace") as log:
            return {line.strip() for line in log} & wanted
    except FileNotFoundError:
        return None


def speak(address: str, title: str, body: str) -> bool:
    """Hand a message to a group robot; False when it was not taken."""
    robot = apprise.Apprise()
    if not robot.add(address):
        return False
    return bool(robot.notify(title=title, body=body, body_format=apprise.NotifyFormat.TEXT))

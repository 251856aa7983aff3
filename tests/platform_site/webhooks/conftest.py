"""A receiver: a real web server in this process, as a client of the platform would run one."""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db.models.functions import Now
from standardwebhooks import Webhook as Verifier

from platform_site.notifications import bell, delivery
from platform_site.notifications.models import Delivery
from platform_site.webhooks import services
from platform_site.webhooks.models import Webhook, WebhookDelivery

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")]
ALL = [
    "notice.issued",
    "notice.round_opened",
    "obligation.deadline_passed",
    "report.accepted",
    "report.returned",
    "report.submitted",
]


@pytest.fixture(autouse=True)
def open_bell() -> Iterator[None]:
    bell.listen_again()
    yield
    bell.listen_again()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    #: Fifty workers knock at once; five would wait and the others be told to come again in a minute.
    request_queue_size = 128


class Receiver:
    """Keeps what it is posted. ``status`` is what it answers; ``before`` is done before it answers."""

    def __init__(self, host: str = "127.0.0.1", port: int = 0) -> None:
        receiver = self
        self.heard: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.before: Callable[[], None] = lambda: None

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
                receiver.before()
                self.send_response(receiver.status)
                for name, value in {"Content-Length": "0", **receiver.headers}.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *arguments: Any) -> None:
                """Quiet."""

        self.server = _Server((host, port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        host, port = self.server.server_address[:2]
        return f"http://{host}:{port}/hooks?from=platform"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def read(self, secret: str, n: int = -1) -> dict[str, Any]:
        """What a client reads, with its signature verified by the package that clients use."""
        headers, body = self.heard[n]
        told: dict[str, Any] = Verifier(secret).verify(body, headers)
        return told

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _body in self.heard]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOK_ALLOWED_NETWORKS = LOOPBACK
    receiver = Receiver()
    yield receiver
    receiver.stop()


@pytest.fixture
def listen(receiver: Receiver) -> Callable[..., tuple[Webhook, str]]:
    """``listen(person)`` makes a webhook of theirs that leads to the receiver, and answers its secret."""

    def make(by: Any, **fields: Any) -> tuple[Webhook, str]:
        given = {"name": "数据平台", "url": receiver.url, "kinds": ALL}
        return services.create_webhook(by=by, **{**given, **fields})

    return make


def work() -> delivery.Outcome:
    """What a worker does when the bells ring."""
    services.spread()
    return delivery.deliver(slow=True)


def make_due() -> None:
    Delivery.objects.filter(state="waiting", due_at__isnull=False).update(due_at=Now())
    Webhook.objects.update(rests_until=None)


def the_one() -> WebhookDelivery:
    return WebhookDelivery.objects.with_context().get()

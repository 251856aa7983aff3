"""The one way out over HTTP: a POST to an address that somebody typed.

The name is resolved here, once; each address it stands for is judged; the connection goes to an address
that was judged and to no other, so that a name which answers differently the second time leads nowhere.
SNI, Host and the certificate's name are those of the URL. No proxy, no redirect, no retry.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: What ``socket`` connects to: the family and the numeric place.
Place = tuple[socket.AddressFamily, tuple[Any, ...]]

URL_LENGTH = 500
#: Seconds that connecting, sending and the answer may take together.
TIMEOUT = 10.0
#: Seconds that the name servers may take.
NAME_TIMEOUT = 3.0
#: Bytes of the answer that are read, and dropped.
ANSWER_BYTES = 4096

_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?"
)

#: IANA's special-purpose registries (RFC 6890) and what else leads nowhere public. Written out, since
#: Python's own tables differ between the versions that the platform runs on.
_REFUSED = [
    ipaddress.ip_network(block)
    for block in (
        # IPv4: this network, private (RFC 1918), CGNAT (RFC 6598), loopback, link-local (the clouds'
        # metadata), protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved.
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        # IPv6 inside the global unicast block: protocol assignments with Teredo and ORCHID,
        # documentation (RFC 3849, RFC 9637), 6to4.
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
]
#: Global unicast (RFC 4291): whatever of IPv6 lies outside is loopback, mapped, NAT64, unique local,
#: link-local, site-local, multicast or not given out.
_GLOBAL_IPV6 = ipaddress.IPv6Network("2000::/3")


class NotReachedError(Exception):
    """No answer came. ``problem`` is a code of ``models.Problem``; ``message`` is for people."""

    def __init__(self, problem: str, message: str | Promise) -> None:
        super().__init__(problem)
        self.problem = problem
        self.message = message


@dataclass(frozen=True)
class Target:
    """A URL taken apart; ``host`` is ASCII, without brackets."""

    scheme: str
    host: str
    port: int
    path: str


def parse(url: str) -> Target:
    """Take the URL apart, or say what is wrong with it."""
    malformed = NotReachedError("address", _("This is no address of a web service."))
    if len(url) > URL_LENGTH or re.search(r"[\s\\\x00-\x1f\x7f]", url):
        raise malformed
    try:
        parts = urlsplit(url)
        port, typed = parts.port, parts.hostname or ""
        with_user = parts.username is not None or parts.password is not None
    except ValueError:
        raise malformed from None
    if parts.scheme not in ("https", "http"):
        raise NotReachedError("address", _("The address must begin with https://."))
    if with_user:
        raise NotReachedError("address", _("The address must hold no user name or password."))
    if parts.fragment or "#" in url:
        raise NotReachedError("address", _("The address must have no part after “#”."))
    if port == 0:
        raise malformed
    return Target(
        scheme=parts.scheme,
        host=_ascii_host(typed, "[" in parts.netloc, malformed),
        port=port or (443 if parts.scheme == "https" else 80),
        path=quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
        + (f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""),
    )


def _ascii_host(typed: str, in_brackets: bool, malformed: NotReachedError) -> str:
    if in_brackets:
        try:
            # A zone (fe80::1%eth0) is a place on this machine alone.
            return str(ipaddress.IPv6Address(typed if "%" not in typed else ""))
        except ValueError:
            raise malformed from None
    try:
        host = typed.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise malformed from None
    if not _HOST.fullmatch(host):
        raise malformed
    return host


def is_allowed(address: Address) -> bool:
    """Is it in a network that the operator opened (WEBHOOK_ALLOWED_NETWORKS)?"""
    return any(
        inner in network
        for inner in _faces(address)
        for network in settings.WEBHOOK_ALLOWED_NETWORKS
        if inner.version == network.version
    )


def is_public(address: Address) -> bool:
    if address.version == 6 and address not in _GLOBAL_IPV6:
        return False
    return address.is_global and not any(
        address in network for network in _REFUSED if network.version == address.version
    )


def _faces(address: Address) -> Iterator[Address]:
    """The address, and the IPv4 address that a mapped one stands for."""
    yield address
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        yield address.ipv4_mapped


def resolve(target: Target) -> list[Place]:
    """The places the name stands for: all of them may be connected to, else none is."""
    found = _look_up(target.host, target.port)
    places: list[Place] = []
    for family, _type, _protocol, _name, place in found:
        if family not in (socket.AF_INET, socket.AF_INET6):
            continue
        address = ipaddress.ip_address(str(place[0]).partition("%")[0])
        allowed = is_allowed(address)
        if not allowed and not is_public(address):
            raise NotReachedError(
                "address", _("This address leads into an internal network, which is not allowed.")
            )
        if target.scheme == "http" and not allowed:
            raise NotReachedError("address", _("The address must begin with https://."))
        places.append((family, place))
    if not places:
        raise NotReachedError("name", _("No server is found under this name."))
    return places


def _look_up(host: str, port: int) -> list[Any]:
    """``getaddrinfo`` has no limit of time of its own."""
    answer: list[Any] = []

    def ask() -> None:
        # What is wrong with a name is said by the empty answer.
        with contextlib.suppress(OSError, UnicodeError):
            answer.extend(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))

    asking = threading.Thread(target=ask, name="webhook-name", daemon=True)
    asking.start()
    asking.join(NAME_TIMEOUT)
    return list(answer)


def check(url: str) -> None:
    """May a webhook be told at this address, as names stand now? Raises :class:`NotReachedError`."""
    resolve(parse(url))


def host_of(url: str) -> str:
    """The host alone: for lists and the trail, since paths may hold keys."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


@lru_cache(maxsize=4)
def _tls(authorities: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authorities:
        context.load_verify_locations(authorities)
    return context


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, may_go: Callable[[], bool]
) -> int | None:
    """Send it and answer the status; None when ``may_go``, asked as the last act, said no.

    Raises :class:`NotReachedError` where no status came within TIMEOUT.
    """
    target = parse(url)
    places = resolve(target)
    deadline = time.monotonic() + TIMEOUT
    try:
        with contextlib.closing(_connect(places, deadline)) as plain:
            return _exchange(plain, target, body, headers, deadline, may_go)
    except ssl.SSLCertVerificationError:
        raise NotReachedError("certificate", _("The server's certificate is not valid.")) from None
    except (OSError, http.client.HTTPException, ValueError):
        if time.monotonic() >= deadline:
            raise NotReachedError("timeout", _("The server did not answer in time.")) from None
        raise NotReachedError("connection", _("The server could not be reached.")) from None


def _connect(places: list[Place], deadline: float) -> socket.socket:
    fault: OSError = TimeoutError()
    for family, place in places:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            # Half of what is left for each but the last: one dead address must not eat it all.
            plain.settimeout(left if place is places[-1][1] else left / 2)
            plain.connect(place)
        except OSError as error:
            plain.close()
            fault = error
        else:
            return plain
    raise fault


def _exchange(
    plain: socket.socket,
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    deadline: float,
    may_go: Callable[[], bool],
) -> int | None:
    connection: http.client.HTTPConnection
    wire = plain
    # One limit over everything: a server that drips a byte a second would renew a socket's own limit.
    with _cut_off_at(deadline, lambda: wire):
        wire.settimeout(max(deadline - time.monotonic(), 0.01))
        if target.scheme == "https":
            context = _tls(settings.WEBHOOK_CA_FILE)
            wire = context.wrap_socket(plain, server_hostname=target.host.rstrip("."))
            connection = http.client.HTTPSConnection(target.host, target.port, context=context)
        else:
            connection = http.client.HTTPConnection(target.host, target.port)
        # The socket is ours and stands; without it http.client must not look up the name again.
        connection.sock, connection.auto_open = wire, 0
        with contextlib.closing(connection):
            if not may_go():
                return None
            connection.request("POST", target.path, body, dict(headers))
            answer = connection.getresponse()
            if time.monotonic() >= deadline:  # cut off among its headers
                raise TimeoutError
            with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
                answer.read(ANSWER_BYTES)
            return answer.status


@contextlib.contextmanager
def _cut_off_at(deadline: float, wire: Callable[[], socket.socket]) -> Iterator[None]:
    def cut() -> None:
        # Of the class, not of SSLSocket: that would go on reading without TLS.
        with contextlib.suppress(OSError):
            socket.socket.shutdown(wire(), socket.SHUT_RDWR)

    timer = threading.Timer(max(deadline - time.monotonic(), 0), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()

"""Where nothing goes: internal addresses, however they are written and whatever a name says twice."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from platform_site.webhooks import outgoing, services
from platform_site.webhooks.models import Webhook, WebhookDelivery
from platform_site.webhooks.outgoing import NotReachedError

from .conftest import LOOPBACK, Receiver, make_due, work

#: Written as a host in a URL; all of them mean a place inside.
INSIDE = [
    "127.0.0.1",
    "127.255.255.254",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "0.0.0.0",
    "0",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "017700000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "１２７.0.0.1",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "3232235521",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:8.8.8.8]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::8.8.8.8]",
    "[64:ff9b:1::1]",
    "[100::1]",
    "[2001::1]",
    "[2001:20::1]",
    "[2001:db8::1]",
    "[2002:7f00:1::]",
    "[3fff::1]",
    "[5f00::1]",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "[fec0::1]",
    "[ff02::1]",
    "[4000::1]",
]
#: What is no address of a web service at all.
MALFORMED = [
    "",
    "hooks",
    "//example.org/",
    "ftp://example.org/",
    "file:///etc/passwd",
    "gopher://example.org/",
    "javascript:alert(1)",
    "https://",
    "https:///path",
    "https://user@example.org/",
    "https://user:word@example.org/",
    "https://example.org@127.0.0.1/",
    "https://example.org#@127.0.0.1/",
    "https://example.org/#part",
    "https://example.org\\@127.0.0.1/",
    "https://example.org/a b",
    "https://example.org/\r\nX-Injected: 1",
    "https://example.org:0/",
    "https://example.org:65536/",
    "https://example.org:x/",
    "https://[::1/",
    "https://[v1.x]/",
    "https://exa_mple..org/",
    "https://-.example.org/",
    "https://ex%61mple.org/",
    "https://" + "a" * 64 + ".org/",
    "https://example.org/" + "a" * 500,
]


@pytest.mark.parametrize("host", INSIDE)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_nothing_leads_inside(host, scheme):
    with pytest.raises(NotReachedError):
        outgoing.check(f"{scheme}://{host}/hooks")


@pytest.mark.parametrize("host", INSIDE)
def test_and_nothing_is_sent_there(host):
    """Refused before a socket is opened: it would be refused or time out with another problem."""
    with pytest.raises(NotReachedError) as refused:
        outgoing.post(f"https://{host}:9/", b"{}", {}, may_go=lambda: pytest.fail("asked"))
    assert refused.value.problem in ("address", "name")


@pytest.mark.parametrize("url", MALFORMED)
def test_what_is_no_address(url):
    with pytest.raises(NotReachedError) as refused:
        outgoing.check(url)
    assert refused.value.problem == "address"


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "1.1.1.1", "[2606:4700::1111]", "[2400:3200::1]", "99.255.0.1"]
)
def test_public_addresses_by_https_alone(host):
    outgoing.check(f"https://{host}/hooks")
    outgoing.check(f"https://{host}:8443/hooks?key=a%20b")
    with pytest.raises(NotReachedError):
        outgoing.check(f"http://{host}/hooks")


def test_an_opened_network_and_no_other(settings):
    settings.WEBHOOK_ALLOWED_NETWORKS = [
        ipaddress.ip_network("10.20.0.0/16"),
        ipaddress.ip_network("fd00:1::/32"),
    ]
    for host in ("10.20.3.4", "[::ffff:10.20.3.4]", "[fd00:1::9]"):
        outgoing.check(f"https://{host}/")
        outgoing.check(f"http://{host}/")
    for host in ("10.21.0.1", "127.0.0.1", "[fd00:2::9]"):
        with pytest.raises(NotReachedError):
            outgoing.check(f"https://{host}/")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch):
    """A name server that answers each question with the next of its answers, and counts them."""

    class Names:
        answers: list[list[str]] = []
        asked = 0

        def __call__(self, host, port, *arguments, **options):
            if host != "hooks.example.org":
                return real(host, port, *arguments, **options)
            found = self.answers[min(self.asked, len(self.answers) - 1)]
            self.asked += 1
            return [
                entry for address in found for entry in real(address, port, type=socket.SOCK_STREAM)
            ]

    real, server = socket.getaddrinfo, Names()
    monkeypatch.setattr(socket, "getaddrinfo", server)
    return server


class TestNames:
    def test_a_name_that_leads_inside(self, names):
        names.answers = [["192.168.1.1"]]
        with pytest.raises(NotReachedError) as refused:
            outgoing.check("https://hooks.example.org/")
        assert refused.value.problem == "address"

    def test_one_address_inside_among_public_ones(self, names):
        names.answers = [["8.8.8.8", "10.0.0.1"]]
        with pytest.raises(NotReachedError):
            outgoing.check("https://hooks.example.org/")

    def test_a_name_that_nobody_has(self):
        with pytest.raises(NotReachedError) as refused:
            outgoing.check("https://nobody.invalid/")
        assert refused.value.problem == "name"

    @pytest.mark.django_db
    def test_a_name_that_was_public_when_the_webhook_was_made(
        self, names, receiver, settings, guangdong_officer
    ):
        settings.WEBHOOK_ALLOWED_NETWORKS = []
        names.answers = [["8.8.8.8"], ["127.0.0.1"]]
        port = receiver.server.server_port
        webhook, _secret = services.create_webhook(
            by=guangdong_officer,
            name="换名",
            url=f"https://hooks.example.org:{port}/",
            kinds=["report.submitted"],
        )
        services.ping_webhook(webhook, by=guangdong_officer, version=webhook.version)
        work()
        assert receiver.heard == []
        assert WebhookDelivery.objects.get().problem == "address"
        make_due()
        work()
        assert names.asked == 3, "once when it was made, once for each try"

    def test_the_checked_address_is_the_one_that_is_connected_to(self, names, receiver, settings):
        """A second look-up would lead elsewhere: there is none."""
        other = Receiver("127.0.0.2", receiver.server.server_port)
        names.answers = [["127.0.0.2"], ["127.0.0.1"]]
        try:
            url = f"http://hooks.example.org:{other.server.server_port}/a%20b?c=d"
            assert outgoing.post(url, b"{}", {}, may_go=lambda: True) == 200
        finally:
            other.stop()
        assert names.asked == 1
        assert receiver.heard == []
        [(headers, _body)] = other.heard
        assert headers["host"] == f"hooks.example.org:{other.server.server_port}"

    def test_a_dead_address_before_a_live_one(self, names, receiver):
        names.answers = [["127.0.0.3", "127.0.0.1"]]
        url = f"http://hooks.example.org:{receiver.server.server_port}/"
        assert outgoing.post(url, b"{}", {}, may_go=lambda: True) == 200


class TestTheServer:
    def test_a_redirect_inside_is_an_answer_and_no_way(self, receiver, settings):
        inner = Receiver("127.0.0.9")
        receiver.status, receiver.headers = 307, {"Location": inner.url}
        try:
            assert outgoing.post(receiver.url, b"{}", {}, may_go=lambda: True) == 307
        finally:
            inner.stop()
        assert inner.heard == []

    def test_the_claim_is_the_last_thing_asked(self, receiver):
        assert outgoing.post(receiver.url, b"{}", {}, may_go=lambda: False) is None
        assert receiver.heard == []

    @pytest.mark.parametrize("drip", [b"", b"HTTP/1.1 200 OK\r\nX-A: b\r\n"])
    def test_one_that_never_ends_its_answer_is_cut_off(self, settings, monkeypatch, drip):
        """Also one that sends a byte now and then, which would renew a socket's own limit."""
        settings.WEBHOOK_ALLOWED_NETWORKS = LOOPBACK
        monkeypatch.setattr(outgoing, "TIMEOUT", 0.6)
        stop = threading.Event()
        with socket.create_server(("127.0.0.1", 0)) as server:

            def answer() -> None:
                taken, _address = server.accept()
                with taken:
                    taken.sendall(drip)
                    while drip and not stop.wait(0.05):
                        try:
                            taken.sendall(b"X")
                        except OSError:
                            return
                    stop.wait(10)

            threading.Thread(target=answer, daemon=True).start()
            url = f"http://127.0.0.1:{server.getsockname()[1]}/"
            with pytest.raises(NotReachedError) as late:
                outgoing.post(url, b"{}", {}, may_go=lambda: True)
            stop.set()
        assert late.value.problem == "timeout"

    def test_an_endless_answer_is_not_read(self, settings, monkeypatch):
        settings.WEBHOOK_ALLOWED_NETWORKS = LOOPBACK
        monkeypatch.setattr(outgoing, "TIMEOUT", 5.0)
        with socket.create_server(("127.0.0.1", 0)) as server:
            sent = 0

            def answer() -> None:
                nonlocal sent
                taken, _address = server.accept()
                with taken:
                    taken.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                    try:
                        while sent < 1 << 30:
                            sent += taken.send(b"x" * 65536)
                    except OSError:
                        return

            talking = threading.Thread(target=answer, daemon=True)
            talking.start()
            url = f"http://127.0.0.1:{server.getsockname()[1]}/"
            assert outgoing.post(url, b"{}", {}, may_go=lambda: True) == 200
            talking.join(5)
        assert sent < 1 << 30

    @pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"", b"HTTP/1.1 999999 x\r\n\r\n"])
    def test_what_is_no_http(self, settings, answer):
        settings.WEBHOOK_ALLOWED_NETWORKS = LOOPBACK
        with socket.create_server(("127.0.0.1", 0)) as server:

            def speak() -> None:
                taken, _address = server.accept()
                with taken:
                    taken.recv(65536)
                    taken.sendall(answer)

            threading.Thread(target=speak, daemon=True).start()
            url = f"http://127.0.0.1:{server.getsockname()[1]}/"
            with pytest.raises(NotReachedError) as fault:
                outgoing.post(url, b"{}", {}, may_go=lambda: True)
        assert fault.value.problem == "connection"


class TestCertificates:
    @pytest.fixture
    def authority(self, tmp_path) -> tuple[str, str]:
        """A certificate for hooks.example.org that signs itself, and its key, as PEM files."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example.org")])
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example.org")]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
            .sign(key, hashes.SHA256())
        )
        files = tmp_path / "certificate.pem", tmp_path / "key.pem"
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return str(files[0]), str(files[1])

    @pytest.fixture
    def tls(self, authority, receiver) -> Iterator[tuple[Receiver, list[str | None]]]:
        secure, asked = Receiver(), []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*authority)
        context.sni_callback = lambda _socket, name, _context: asked.append(name)
        secure.server.socket = context.wrap_socket(secure.server.socket, server_side=True)
        yield secure, asked
        secure.stop()

    def url(self, tls, host="hooks.example.org") -> str:
        return f"https://{host}:{tls[0].server.server_port}/"

    def test_the_name_of_the_url_is_asked_for_and_verified(self, tls, names, authority, settings):
        settings.WEBHOOK_CA_FILE = authority[0]
        names.answers = [["127.0.0.1"]]
        assert outgoing.post(self.url(tls), b"{}", {}, may_go=lambda: True) == 200
        assert tls[1] == ["hooks.example.org"]
        assert tls[0].heard[0][0]["host"].startswith("hooks.example.org:")

    def test_an_unknown_authority(self, tls, names):
        names.answers = [["127.0.0.1"]]
        with pytest.raises(NotReachedError) as refused:
            outgoing.post(self.url(tls), b"{}", {}, may_go=lambda: True)
        assert refused.value.problem == "certificate"
        assert tls[0].heard == []

    def test_another_name(self, tls, authority, settings):
        settings.WEBHOOK_CA_FILE = authority[0]
        with pytest.raises(NotReachedError) as refused:
            outgoing.post(self.url(tls, "127.0.0.1"), b"{}", {}, may_go=lambda: True)
        assert refused.value.problem == "certificate"


def test_the_host_alone_is_shown():
    assert Webhook(url="https://example.org:8443/secret-key").host == "example.org"
    assert Webhook(url="https://[::1/").host == ""

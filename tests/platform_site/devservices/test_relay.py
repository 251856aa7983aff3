"""The relay behaves as the server does, and, when cut, as a server that is gone."""

import socket
import socketserver
import threading
from contextlib import suppress

import pytest

from platform_site.devservices.relay import Relay


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        with suppress(ConnectionError):
            while line := self.rfile.readline():
                self.wfile.write(line)


@pytest.fixture
def relay():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Relay(*server.server_address) as relay:
            yield relay
        server.shutdown()


def say(connection, text):
    connection.sendall(text + b"\n")
    return connection.makefile("rb").readline()


def connect(relay):
    return socket.create_connection((relay.host, relay.port), timeout=5)


def test_bytes_pass_both_ways(relay):
    with connect(relay) as one, connect(relay) as other:
        assert say(one, b"one") == b"one\n"
        assert say(other, "中国".encode()) == "中国\n".encode()
        long = b"x" * 1_000_000
        threading.Thread(target=one.sendall, args=(long + b"\n",)).start()
        assert one.makefile("rb").readline() == long + b"\n"


def test_a_cut_ends_connections_and_refuses_new_ones(relay):
    with connect(relay) as connection:
        say(connection, b"before")
        relay.cut()
        with pytest.raises(ConnectionError):
            connection.recv(10)
    with pytest.raises(ConnectionRefusedError):
        connect(relay)


def test_restored_on_the_same_port(relay):
    port = relay.port
    for _ in range(5):
        relay.cut()
        relay.restore()
        assert relay.port == port
        with connect(relay) as connection:
            assert say(connection, b"again") == b"again\n"


def test_cut_and_restore_may_be_repeated(relay):
    relay.cut()
    relay.cut()
    relay.restore()
    relay.restore()
    with connect(relay) as connection:
        assert say(connection, b"well") == b"well\n"

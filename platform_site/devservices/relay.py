"""A small TCP relay that a test puts in front of a server, to take the server away.

The server itself stays up, so the same test runs on our own server and on a given one.
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Relay:
    """Passes bytes between ``127.0.0.1:port`` and a server until :meth:`cut`.

    A cut relay resets every connection and refuses new ones, as a stopped server does;
    :meth:`restore` listens on the same port again.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self.host = "127.0.0.1"
        self.port = 0
        self.restore()

    def restore(self) -> None:
        """Listen (again); the first time on any free port."""
        with self._lock:
            if self._listener is not None:
                return
            listener = socket.create_server((self.host, self.port))
            self._listener, self.port = listener, listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Reset every connection and refuse new ones."""
        with self._lock:
            listener, self._listener = self._listener, None
            connections, self._open = self._open, set()
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept()
            listener.close()
        for connection in connections:
            self._reset(connection)

    close = cut

    def __enter__(self) -> Relay:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target, timeout=5)
                server.settimeout(None)
            except OSError:
                client.close()
                continue
            with self._lock:
                if self._listener is not listener:  # cut meanwhile
                    self._reset(client)
                    self._reset(server)
                    return
                self._open |= {client, server}
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with self._lock:
            mine = {source, sink} & self._open
            self._open -= mine
        for end in mine:  # none when the pair was cut, or when the other direction ended first
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            with suppress(OSError):
                end.close()

    @staticmethod
    def _reset(connection: socket.socket) -> None:
        with suppress(OSError):
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RD)  # wakes the thread that waits in recv()
        with suppress(OSError):
            connection.close()

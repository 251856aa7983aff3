"""Start and stop processes so that none outlives the command that started it.

Three things together see to that: every process gets a session of its own, so Ctrl-C in the
terminal reaches only the runner, which then stops the others in its order; the kernel's
parent-death signal stops them when the runner itself is killed; and what is left of a session after
its leader ended is killed. Linux only, as is the platform.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class CannotStart(Exception):
    """A server or process could not be started; the message says how to mend it."""


@dataclass(frozen=True)
class Account:
    """The account of the system that a server runs as when its starter is root."""

    name: str
    uid: int
    gid: int

    def popen_arguments(self) -> dict[str, Any]:
        """The arguments of Popen that drop root before the program starts."""
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "cwd": "/"}


def unprivileged_account() -> Account | None:
    """Whom a server must run as: nobody else (None), or, for root, ``postgres`` or ``nobody``."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise CannotStart(
        "PostgreSQL refuses to run as root, and this system has neither a user postgres nor nobody."
        " Add one: adduser --system postgres"
    )


def _die_with(parent: int, death_signal: int) -> Callable[[], None]:
    """What a new process does before it becomes its program: ask to be told of our death."""

    def ask() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:  # we died between fork and prctl: no signal would come
            os._exit(1)

    return ask


@dataclass
class Process:
    """A running process, the signal that ends it in good order, and where its output goes."""

    name: str
    popen: subprocess.Popen[bytes]
    stop_signal: signal.Signals = signal.SIGTERM
    log: Path | None = None
    patience: float = 20.0
    _stopped: bool = field(default=False, init=False)

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def ended(self) -> bool:
        return self.popen.poll() is not None

    def stop(self) -> None:
        """End the process in good order, or, after ``patience`` seconds, by force. Repeatable."""
        if self._stopped:
            return
        self._stopped = True
        if not self.ended:
            self.popen.send_signal(self.stop_signal)
            with suppress(subprocess.TimeoutExpired):
                self.popen.wait(self.patience)
        self.kill()

    def kill(self) -> None:
        """End the process and whatever it started, now."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait()

    def last_lines(self, count: int = 20) -> str:
        """The end of its log, for an error message."""
        return last_lines(self.log, count)


def last_lines(log: Path | None, count: int = 20) -> str:
    """The last ``count`` lines of a log file, empty when there is none."""
    if log is None or not log.is_file():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])


def spawn(
    name: str,
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: Path | None = None,
    stop_signal: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
    cwd: Path | None = None,
    stdin: bytes | None = None,
    patience: float = 20.0,
) -> Process:
    """Start ``argv`` in a session of its own; it gets ``stop_signal`` should this process die.

    Must be called from the main thread: the parent-death signal is that of the starting thread.
    """
    arguments: dict[str, Any] = {"cwd": cwd}
    if account is not None:
        arguments.update(account.popen_arguments())
    with open(log or os.devnull, "ab") as output:
        popen = subprocess.Popen(
            [str(part) for part in argv],
            env=dict(env),
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with(os.getpid(), stop_signal),
            **arguments,
        )
    if stdin is not None and popen.stdin is not None:
        with suppress(BrokenPipeError):
            popen.stdin.write(stdin)
            popen.stdin.close()
    return Process(name, popen, stop_signal=stop_signal, log=log, patience=patience)


def free_port() -> int:
    """A port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen on ``port`` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def bare_environment() -> dict[str, str]:
    """An environment for a server: nothing of ours (PGHOST, PYTHONPATH …) may reach it."""
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}

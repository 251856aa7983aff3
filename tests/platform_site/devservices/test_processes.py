"""No process outlives its starter; a port is judged rightly."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from platform_site.devservices.processes import free_port, port_is_free, spawn

CHECKOUT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {"PATH": os.environ["PATH"]}


def alive(pid: int) -> bool:
    """Whether the process runs: one that ended and was not yet collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def wait_for(condition, seconds=10.0):
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)
    return condition()


def test_stop_ends_a_process_and_what_it_started(tmp_path):
    log = tmp_path / "log"
    script = "sleep 100 & echo $!; exec sleep 100"
    process = spawn("pair", ["sh", "-c", script], env=ENVIRONMENT, log=log)
    assert wait_for(lambda: log.read_text().strip())
    child = int(log.read_text())
    process.stop()
    assert process.ended
    assert wait_for(lambda: not alive(child))


def test_a_process_that_ignores_its_signal_is_ended_by_force(tmp_path):
    log = tmp_path / "log"
    script = "trap '' TERM; echo ready; while :; do sleep 0.1; done"
    process = spawn("stubborn", ["sh", "-c", script], env=ENVIRONMENT, log=log, patience=0.3)
    assert wait_for(lambda: "ready" in log.read_text())
    process.stop()
    assert process.popen.returncode == -signal.SIGKILL


def test_a_killed_starter_takes_its_processes_along():
    script = (
        "import os, time\n"
        "from platform_site.devservices.processes import spawn\n"
        "print(spawn('x', ['sleep', '100'], env=dict(os.environ)).pid, flush=True)\n"
        "time.sleep(100)\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, cwd=CHECKOUT
    )
    child = int(starter.stdout.readline())
    assert alive(child)
    starter.kill()
    starter.wait()
    starter.stdout.close()
    assert wait_for(lambda: not alive(child))


def test_ctrl_c_in_the_terminal_reaches_only_the_starter():
    process = spawn("own session", ["sleep", "100"], env=ENVIRONMENT)
    assert os.getsid(process.pid) == process.pid != os.getsid(0)
    process.stop()


def test_ports():
    port = free_port()
    assert port_is_free(port)
    with socket.create_server(("127.0.0.1", port)):
        assert not port_is_free(port)

"""Child processes in which files of strangers are opened, where a bomb can hurt nobody."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

#: Seconds by the clock; each script limits its own memory and processor time besides.
SECONDS = 20


def run(script: str, *arguments: str) -> tuple[bool, bytes] | None:
    """Whether the script beside this module ended well, and what it wrote; None when it took too long.

    The child knows the file's path and nothing else: no settings, no database, no environment.
    """
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603
            [sys.executable, "-I", str(Path(__file__).with_name(script)), *arguments],
            env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return done.returncode == 0, done.stdout

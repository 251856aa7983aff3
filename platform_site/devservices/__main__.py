"""``python -m platform_site.devservices``: the commands behind the Makefile."""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys

from .processes import CannotStart


def main() -> int:
    """Run one command; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m platform_site.devservices")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("demo", help="run the whole platform with demo data until Ctrl-C")
    commands.add_parser("reset", help="drop the demo's data")
    commands.add_parser("messages", help="compile the catalogues that changed")
    commands.add_parser("extract", help="bring the catalogues up to the texts in the code")
    with_servers = commands.add_parser("with", help="run a command on throw-away servers")
    with_servers.add_argument("argv", nargs=argparse.REMAINDER, metavar="COMMAND …")
    chosen = parser.parse_args()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # each line at once, and ✔ under any locale
            stream.reconfigure(line_buffering=True, encoding="utf-8")
    try:
        return COMMANDS[chosen.command](chosen)
    except CannotStart as problem:
        print(problem, file=sys.stderr)
        return 1


def _demo(_chosen: argparse.Namespace) -> int:
    from .demo import run

    return run()


def _reset(_chosen: argparse.Namespace) -> int:
    from .demo import reset

    print(reset())
    return 0


def _messages(_chosen: argparse.Namespace) -> int:
    from .catalogues import compile_catalogues

    print("\n".join(compile_catalogues()) or "All catalogues are compiled.")
    return 0


def _extract(_chosen: argparse.Namespace) -> int:
    from .catalogues import extract

    print("\n".join(extract()))
    return 0


def _with(chosen: argparse.Namespace) -> int:
    from .servers import temporary_servers

    argv = chosen.argv[1:] if chosen.argv[:1] == ["--"] else chosen.argv
    with temporary_servers() as servers:
        return subprocess.run(argv, env={**os.environ, **servers.environment()}).returncode


COMMANDS = {
    "demo": _demo,
    "reset": _reset,
    "messages": _messages,
    "extract": _extract,
    "with": _with,
}

if __name__ == "__main__":
    sys.exit(main())

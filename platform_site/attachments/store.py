"""The bytes: one file per content, under the name of its SHA-256, never changed in place.

Written to a temporary file on the same file system, hashed on the way, flushed to the disk and
renamed: a reader sees the whole file or none. The row is written after the file, so a crash leaves
at most a file without a row, which ``sweep_orphans`` takes away after a day.
"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_lazy as _

from platform_site.problems import Refused, TooLarge

CHUNK = 256 * 1024
#: What a multipart body holds besides the file: field names, boundaries, the other fields.
ENVELOPE_BYTES = 1024 * 1024


class StoreFull(Refused):
    """The disk of the files is full: nothing was kept (507, RFC 4918)."""

    status = 507


@dataclass(frozen=True)
class Incoming:
    """An upload on its way: complete on the disk, not yet kept."""

    path: Path
    sha256: str
    size: int


def root() -> Path:
    return Path(settings.MEDIA_ROOT)


def path_of(sha256: str) -> Path:
    return root() / sha256[:2] / sha256


def max_bytes() -> int:
    return int(settings.ATTACHMENT_MAX_BYTES)


def size_in_words(size: int) -> str:
    """50 MB, 1.4 MB, 12 KB: as the pages write sizes."""
    if size >= 1024 * 1024:
        return f"{size / 1024 / 1024:.1f}".removesuffix(".0") + " MB"
    return f"{max(1, round(size / 1024))} KB"


def too_large(size: int) -> TooLarge:
    return TooLarge(
        "file_too_large",
        _("The file is larger than %(limit)s. Scan it at a lower resolution or split it.")
        % {"limit": size_in_words(max_bytes())},
        size=size,
        limit=max_bytes(),
    )


def full() -> StoreFull:
    return StoreFull(
        "store_full",
        _(
            "The server has no room left for files, so this one was not saved. "
            "Your text is kept; please tell the system administrator and try again later."
        ),
    )


def refuse_announced(content_length: str | None) -> None:
    """Refuse a body by its announced size, before a byte of it is read."""
    announced = content_length or "0"
    if announced.isdecimal() and int(announced) > max_bytes() + ENVELOPE_BYTES:
        raise too_large(int(announced))


@contextmanager
def receive(chunks: Iterable[bytes]) -> Iterator[Incoming]:
    """Stream an upload to a temporary file; it is gone when the block ends unless kept."""
    with disk_full_in_words():
        folder = root() / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder)
    path = Path(name)
    try:
        digest, size = hashlib.sha256(), 0
        with os.fdopen(handle, "wb") as target, disk_full_in_words():
            for chunk in chunks:
                size += len(chunk)
                if size > max_bytes():
                    raise too_large(size)
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        yield Incoming(path, digest.hexdigest(), size)
    finally:
        path.unlink(missing_ok=True)


def keep(incoming: Incoming) -> None:
    """Put it under its final name. Call inside the transaction that writes the row.

    The lock, held to the end of the transaction, keeps the removal of the same content (by a
    deletion or by the sweep) from passing between the rename here and the row's commit.
    """
    lock(incoming.sha256)
    target = path_of(incoming.sha256)
    with disk_full_in_words():
        target.parent.mkdir(parents=True, exist_ok=True)
        incoming.path.chmod(0o640)
        incoming.path.replace(target)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def open_blob(sha256: str) -> BinaryIO:
    return path_of(sha256).open("rb")


def lock(sha256: str) -> None:
    """One at a time over one content, until the transaction ends."""
    number = int.from_bytes(bytes.fromhex(sha256)[:8], "big", signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])


def kept() -> Iterator[Path]:
    """Every kept file."""
    for folder in sorted(root().glob("[0-9a-f][0-9a-f]")):
        yield from sorted(folder.iterdir())


def leftovers() -> Iterator[Path]:
    """What interrupted uploads left behind."""
    folder = root() / "incoming"
    if folder.is_dir():
        yield from sorted(folder.iterdir())


@contextmanager
def disk_full_in_words() -> Iterator[None]:
    """A disk without room is something a person can be told; any other fault of it is not."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise full() from error
        raise

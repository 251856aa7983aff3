"""The bytes: one file per content, under the name of its SHA-256, never changed in place.

Written to a temporary file on the same file system, hashed on the way, flushed to the disk and
renamed: a reader sees the whole file or none. The row is written after the file, so a crash leaves
at most a file without a row, which ``sweep_orphans`` takes away after a day.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.http import UnreadablePostError
from django.utils.translation import gettext_lazy as _

from platform_site.problems import Invalid, Refused, StepNotOpen, TooLarge, Unreadable

from .ranges import Piece

CHUNK = 256 * 1024
#: What a multipart body holds besides the file: field names, boundaries, the other fields.
ENVELOPE_BYTES = 1024 * 1024
#: How the file of an announced upload ends, below ``incoming``.
PART = ".part"
#: The advisory lock under which room is given out.
_ROOM = 0x0A77AC4


class StoreFull(Refused):
    """The disk of the files is full: nothing was kept (507, RFC 4918)."""

    status = 507


class Busy(StepNotOpen):
    """Another request is just writing this upload."""


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


# --- Files that come in parts ---------------------------------------------------------------------
def part_of(pk: UUID) -> Path:
    return root() / "incoming" / f"{pk}{PART}"


@dataclass
class Part:
    """What is there of an announced file, held by one request at a time."""

    path: Path
    handle: int

    @property
    def received(self) -> int:
        return os.fstat(self.handle).st_size

    def add(self, stream: BinaryIO, piece: Piece) -> None:
        """Write what is new of a piece; what is there already is read and left aside.

        A line that breaks keeps what came until then. A piece that is not what its digest says is
        not kept.
        """
        here, at, digest = self.received, piece.start, hashlib.sha256()
        if at > here:
            message = _("A piece is missing before this one: go on from the byte that is named.")
            raise StepNotOpen("upload_gap", message, received=here)
        os.lseek(self.handle, here, os.SEEK_SET)
        try:
            with disk_full_in_words():
                while at < piece.stop and (data := stream.read(min(CHUNK, piece.stop - at))):
                    digest.update(data)
                    self._write(data[max(0, here - at) :])
                    at += len(data)
        except UnreadablePostError:
            pass  # the line broke
        finally:
            os.fsync(self.handle)
        if at < piece.stop:
            message = _("The upload broke off. Go on from the byte that is named.")
            raise Unreadable("broke_off", message, received=self.received)
        if piece.sha256 and digest.hexdigest() != piece.sha256:
            os.ftruncate(self.handle, here)
            message = _("The piece is not what its Content-Digest says. Send it again.")
            raise Invalid("digest_mismatch", message, received=here)

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self.handle, data) :]

    def whole(self) -> Incoming:
        with self.path.open("rb") as source:
            return Incoming(
                self.path, hashlib.file_digest(source, "sha256").hexdigest(), self.received
            )


@contextmanager
def hold(pk: UUID) -> Iterator[Part]:
    """The file of an announced upload under a lock that ends with the process; refused when taken."""
    path = part_of(pk)
    with disk_full_in_words():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy() from None
        if not _is_at(path, handle):  # finished or given up between the two lines above
            raise _busy()
        try:
            yield Part(path, handle)
        finally:
            # An empty file says nothing that its absence would not.
            if os.fstat(handle).st_size == 0 and _is_at(path, handle):
                path.unlink()
    finally:
        os.close(handle)


def _is_at(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def _busy() -> Busy:
    return Busy("upload_busy", _("Another request is just sending this file. Ask again soon."))


def lock_room() -> None:
    """One at a time over the room that is left, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ROOM])


def require_room(size: int, announced: Mapping[UUID, int]) -> None:
    """Refuse a file for which there is no room beside what was announced and has not come yet."""
    folder = root()
    with disk_full_in_words():
        folder.mkdir(parents=True, exist_ok=True)
    to_come = sum(max(0, each - received(pk)) for pk, each in announced.items())
    if shutil.disk_usage(folder).free - to_come < size:
        raise full()


def received(pk: UUID) -> int:
    """How much is there of an announced file."""
    try:
        return part_of(pk).stat().st_size
    except FileNotFoundError:
        return 0


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

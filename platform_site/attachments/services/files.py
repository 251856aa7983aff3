"""Keeping, attaching, taking off and freezing files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from django.contrib.contenttypes.models import ContentType
from django.core.files.base import File
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platform_site.audit.services import record
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Stale, StepNotOpen

from .. import filetypes, owners, queries, store
from ..models import Attachment, Upload

if TYPE_CHECKING:
    from platform_site.accounts.models import User

#: Names that the sweep asks for in one query.
BATCH = 500


def upload(
    file: File[bytes],
    *,
    by: User,
    name: str,
    owner: models.Model | None = None,
    sha256: str = "",
    at: datetime | None = None,
) -> Attachment:
    """Keep a file that is what its name says, on ``owner`` or, for now, on nothing.

    With ``sha256`` only if that is its checksum. The bytes come to the disk before the transaction opens (a slow disk must hold no lock) and
    under their final name inside it, before the row: a row without its file cannot exist.
    """
    if owner is not None:
        require_change(by, owner)
    return keep_made(file, by=by, name=name, owner=owner, sha256=sha256, at=at)


def keep_made(
    file: File[bytes],
    *,
    by: User,
    name: str,
    owner: models.Model | None,
    sha256: str = "",
    at: datetime | None = None,
) -> Attachment:
    """Keep a file without asking who may change the record: for what the platform itself made of it.

    The caller answers for the right to make it; the checks of type and size hold all the same.
    """
    filename = filetypes.clean_name(name)
    if (file.size or 0) > store.max_bytes():
        raise store.too_large(file.size)
    with store.receive(file.chunks(store.CHUNK)) as incoming:
        check_digest(incoming.sha256, sha256)
        media_type = filetypes.check(incoming.path, filename, incoming.size)
        return enter(incoming, by=by, filename=filename, media_type=media_type, owner=owner, at=at)


@transaction.atomic
def enter(
    incoming: store.Incoming,
    *,
    by: User,
    filename: str,
    media_type: str,
    owner: models.Model | None,
    pk: UUID | None = None,
    at: datetime | None = None,
) -> Attachment:
    """The bytes under their final name, the row, the trail. All that can be refused was asked before."""
    store.keep(incoming)
    attachment = Attachment.objects.create(
        id=pk or uuid4(),
        owner_type=ContentType.objects.get_for_model(owner) if owner else None,
        owner_id=owner.pk if owner else None,
        uploaded_by=by,
        filename=filename,
        media_type=media_type,
        size=incoming.size,
        sha256=incoming.sha256,
        created_at=at or timezone.now(),
    )
    if owner is not None:
        _tell_trail("attachments.attach_file", attachment, owner, by=by, at=at)
    return attachment


def check_digest(sha256: str, announced: str) -> None:
    """Refuse bytes that are not those that were announced; "" announces nothing."""
    if announced and sha256 != announced:
        message = _("What arrived is not the file that was announced: the checksums differ.")
        fields = [FieldProblem("/sha256", "digest_mismatch", message)]
        raise Invalid("digest_mismatch", message, fields=fields, sha256=sha256)


@transaction.atomic
def drop_made(attachment: Attachment) -> None:
    """Delete a file that the platform made, when its time is over."""
    sha256 = attachment.sha256
    attachment.delete()
    transaction.on_commit(partial(drop_unused, sha256), robust=True)


@transaction.atomic
def attach(
    attachment: Attachment, owner: models.Model, *, by: User, at: datetime | None = None
) -> Attachment:
    """Hang one's own loose file on a record; once hung it stays with that record."""
    row = Attachment.objects.select_for_update(of=("self",)).get(pk=attachment.pk)
    require_change(by, owner)
    if row.owner_id == owner.pk and row.owner_type == ContentType.objects.get_for_model(owner):
        return row
    if row.owner_id is not None:
        raise StepNotOpen(
            "already_attached", _("This file belongs to another record. Upload it here once more.")
        )
    if row.uploaded_by_id != by.pk:
        raise NotAllowed("not_allowed", _("Only the person who uploaded the file can attach it."))
    row.owner_type = ContentType.objects.get_for_model(owner)
    row.owner_id = owner.pk
    row.version += 1
    row.save(update_fields=["owner_type", "owner_id", "version"])
    _tell_trail("attachments.attach_file", row, owner, by=by, at=at)
    return row


@transaction.atomic
def remove(
    attachment: Attachment, *, by: User, version: int | None = None, at: datetime | None = None
) -> None:
    """Take a file off its record, and its bytes off the disk when nothing else needs them.

    A file named in a submitted version is only set aside: it leaves the list and stays for good.
    """
    row = Attachment.objects.select_for_update(of=("self",)).get(pk=attachment.pk)
    if version is not None and version != row.version:
        raise Stale("stale", _("The file was changed meanwhile. Load the page again."))
    if row.removed_at is not None:
        return
    if not queries.may_remove(by, row):
        raise NotAllowed("not_allowed", _("You may not remove this file."))
    owner = row.owner if row.owner_id is not None else None
    if isinstance(owner, models.Model):
        owners.check_is_free(owner, row)
        _tell_trail("attachments.remove_file", row, owner, by=by, at=at)
    if row.frozen:
        row.removed_at = at or timezone.now()
        row.version += 1
        row.save(update_fields=["removed_at", "version"])
        return
    sha256 = row.sha256
    row.delete()
    transaction.on_commit(partial(drop_unused, sha256), robust=True)


@transaction.atomic
def freeze(attachments: Iterable[Attachment]) -> int:
    """Keep these for good: they are named in a submitted version."""
    return Attachment.objects.filter(
        pk__in=[one.pk for one in attachments], frozen=False, owner_id__isnull=False
    ).update(frozen=True, version=F("version") + 1)


@transaction.atomic
def drop_unused(sha256: str) -> bool:
    """Delete the bytes if no row names them; under the lock that an upload of the same holds."""
    store.lock(sha256)
    if Attachment.objects.filter(sha256=sha256).exists():
        return False
    store.path_of(sha256).unlink(missing_ok=True)
    with suppress(OSError):  # not empty: other content begins alike
        store.path_of(sha256).parent.rmdir()
    return True


def sweep_orphans(*, older_than: float, dry_run: bool = False) -> list[str]:
    """Delete files without a row that are older than so many seconds; returns their names."""
    edge = timezone.now().timestamp() - older_than
    gone: list[str] = []
    for path in store.leftovers():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < edge and not _is_announced(path):
                gone.append(path.name)
                if not dry_run:
                    path.unlink()
    old = _older(edge)
    while names := list(islice(old, BATCH)):
        used = set(
            Attachment.objects.filter(sha256__in=names).values_list("sha256", flat=True).distinct()
        )
        # Looked at one by one again, under the lock: an upload of the same may have come meanwhile.
        gone += [name for name in names if name not in used and (dry_run or drop_unused(name))]
    return gone


def _older(edge: float) -> Iterator[str]:
    for path in store.kept():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < edge:
                yield path.name


def _is_announced(path: Path) -> bool:
    """Part of a file that may still go on: that one ends with its upload (``expire_uploads``)."""
    return path.suffix == store.PART and Upload.objects.filter(pk=path.stem).exists()


def require_change(by: Any, owner: models.Model) -> None:
    if not owners.may_change(by, owner):
        raise NotAllowed("not_allowed", _("You may not change the files of this record."))


def _tell_trail(
    action: str,
    attachment: Attachment,
    owner: models.Model,
    *,
    by: User,
    at: datetime | None,
) -> None:
    """The story of the record tells of its files by checksum, not by name (names hold names)."""
    record(
        action,
        owner,
        by=by,
        at=at,
        facts={"attachment": str(attachment.pk), "sha256": attachment.sha256},
    )

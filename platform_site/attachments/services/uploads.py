"""Files that come in parts: announced first, sent in pieces, gone on with after a broken line.

What is there is the length of one file on the disk, and whoever writes it holds that file's lock, which
the kernel drops with the process. So a worker that is killed loses nothing that came, and holds up nobody.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from platform_site.problems import Refused, StepNotOpen

from .. import filetypes, store
from ..models import Attachment, Upload
from ..ranges import Piece
from .files import check_digest, enter, require_change

if TYPE_CHECKING:
    from platform_site.accounts.models import User

#: An announced file that is not whole by then is dropped.
KEPT_FOR = timedelta(hours=24)
#: Unfinished files that one person may have at a time.
AT_ONCE = 20


def announce(
    *, by: User, name: str, size: int, sha256: str, owner: models.Model | None = None
) -> Upload:
    """Make room for a file that comes in parts; announced again, it is met as far as it has come.

    Whatever can be refused before a byte is sent is refused here. The room it needs is set aside
    until it is whole, given up, or a day old.
    """
    filename = filetypes.clean_name(name)
    filetypes.kind_of(filename, size)
    if size > store.max_bytes():
        raise store.too_large(size)
    if owner is not None:
        require_change(by, owner)
    facts = {
        "uploaded_by": by,
        "filename": filename,
        "size": size,
        "sha256": sha256,
        "owner_type": ContentType.objects.get_for_model(owner) if owner else None,
        "owner_id": owner.pk if owner else None,
    }
    now = timezone.now()
    with transaction.atomic():
        store.lock_room()
        waiting = Upload.objects.filter(expires_at__gt=now)
        if begun := waiting.filter(**facts).first():
            return begun
        if waiting.filter(uploaded_by=by).count() >= AT_ONCE:
            raise StepNotOpen(
                "too_many_unfinished",
                _("You have %(limit)d unfinished uploads. Finish or remove one first.")
                % {"limit": AT_ONCE},
            )
        store.require_room(size, {row.pk: row.size for row in Upload.objects.all()})
        return Upload.objects.create(**facts, announced_at=now, expires_at=now + KEPT_FOR)


def receive(
    upload: Upload, stream: BinaryIO, piece: Piece | None, *, by: User
) -> Attachment | Upload:
    """Take in a piece, or none; the file, if that made it whole, else the upload as far as it came.

    A file that is whole and wrong (its checksum, its type, its record closed meanwhile) is refused
    with the reason, and nothing of it is kept.
    """
    with store.hold(upload.pk) as part:
        # Under the lock: another request may have finished it, or given it up.
        if not Upload.objects.filter(pk=upload.pk).exists():
            finished = Attachment.objects.filter(pk=upload.pk).first()
            if finished is None:
                raise Http404
            return finished
        if piece is not None:
            part.add(stream, piece)
        if part.received < upload.size:
            return upload
        try:
            return _finish(upload, part, by=by)
        except (Refused, Http404) as refusal:
            if not isinstance(refusal, store.StoreFull):
                _drop(upload)
            raise


def _finish(upload: Upload, part: store.Part, *, by: User) -> Attachment:
    incoming = part.whole()
    check_digest(incoming.sha256, upload.sha256)
    owner = upload.owner if upload.owner_id is not None else None
    if isinstance(owner, models.Model):
        require_change(by, owner)
    elif upload.owner_id is not None:
        raise Http404
    media_type = filetypes.check(incoming.path, upload.filename, incoming.size)
    with transaction.atomic():
        attachment = enter(
            incoming,
            by=by,
            filename=upload.filename,
            media_type=media_type,
            owner=owner,
            pk=upload.pk,
        )
        upload.delete()
    return attachment


def abandon(upload: Upload) -> None:
    """Give an unfinished file up, and its room; refused while a piece of it is being written."""
    with store.hold(upload.pk):
        _drop(upload)


def expire_uploads() -> int:
    """Drop the unfinished files whose time is over; returns how many."""
    dropped = 0
    for upload in Upload.objects.filter(expires_at__lte=timezone.now()):
        try:
            abandon(upload)
        except store.Busy:
            continue  # its last piece is just coming
        dropped += 1
    return dropped


@transaction.atomic
def _drop(upload: Upload) -> None:
    Upload.objects.filter(pk=upload.pk).delete()
    transaction.on_commit(partial(store.part_of(upload.pk).unlink, missing_ok=True), robust=True)

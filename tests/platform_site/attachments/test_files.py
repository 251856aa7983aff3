"""Keeping, attaching, taking off, freezing: rows and bytes always agree."""

from __future__ import annotations

import errno
import hashlib
import os
import time

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.http import Http404

from platform_site.attachments import filetypes, owners, queries, services, store
from platform_site.attachments.models import Attachment
from platform_site.audit.models import Entry
from platform_site.notifications.models import PortalNotice
from platform_site.problems import NotAllowed, Refused, Stale, StepNotOpen, TooLarge

from .conftest import content, pdf

pytestmark = pytest.mark.django_db


def files(folder) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def upload(user, data=None, name="方案.pdf", owner=None):
    return services.upload(content(data or pdf()), by=user, name=name, owner=owner)


def test_bytes_lie_under_their_checksum(wang, store_folder):
    data = pdf("one")
    row = upload(wang, data)
    digest = hashlib.sha256(data).hexdigest()
    assert (row.sha256, row.size, row.media_type) == (digest, len(data), "application/pdf")
    assert (store_folder / digest[:2] / digest).read_bytes() == data
    assert files(store_folder) == [digest], "nothing else is left"


def test_a_refused_file_leaves_nothing(wang, store_folder):
    with pytest.raises(Refused):
        upload(wang, b"not a pdf")
    assert files(store_folder) == []
    assert not Attachment.objects.exists()


def test_larger_than_the_limit_whatever_the_size_claims(wang, settings, store_folder):
    settings.ATTACHMENT_MAX_BYTES = 1000
    file = content(b"x" * 1001)
    with pytest.raises(TooLarge):
        services.upload(file, by=wang, name="a.txt")
    file.size = 10
    with pytest.raises(TooLarge):
        services.upload(file, by=wang, name="a.txt")
    assert files(store_folder) == []


def test_a_full_disk_is_said_and_leaves_nothing(wang, monkeypatch, store_folder):
    def no_room(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(store.StoreFull) as refused:
        upload(wang)
    assert refused.value.status == 507
    assert files(store_folder) == []
    assert not Attachment.objects.exists()


def test_same_content_twice_is_kept_until_the_last_row_goes(
    wang, store_folder, django_capture_on_commit_callbacks
):
    data = pdf()
    first, second = upload(wang, data), upload(wang, data, name="副本.pdf")
    assert first.sha256 == second.sha256
    with django_capture_on_commit_callbacks(execute=True):
        services.remove(first, by=wang)
    assert files(store_folder) == [second.sha256]
    with django_capture_on_commit_callbacks(execute=True):
        services.remove(second, by=wang)
    assert files(store_folder) == []


def test_loose_files_are_their_uploaders_alone(wang, zhao):
    row = upload(wang)
    assert queries.get_visible(wang, row.pk) == row
    with pytest.raises(Http404):
        queries.get_visible(zhao, row.pk)
    with pytest.raises(NotAllowed):
        services.remove(row, by=zhao)
    wang.is_active = False
    with pytest.raises(Http404):
        queries.get_visible(wang, row.pk)


def test_attached_files_are_seen_with_their_record(wang, zhao, folder):
    row = upload(wang)
    services.attach(row, folder, by=wang)
    assert queries.of_owner(folder, wang) == [row]
    assert queries.get_visible(wang, row.pk) == row
    with pytest.raises(Http404):
        queries.get_visible(zhao, row.pk)
    entry = Entry.objects.get(action="attachments.attach_file")
    assert entry.facts == {"attachment": str(row.pk), "sha256": row.sha256}
    PortalNotice.objects.filter(pk=folder.pk).update(user=zhao)
    with pytest.raises(Http404):
        queries.get_visible(wang, row.pk)
    assert queries.get_visible(zhao, row.pk) == row


def test_a_record_may_hide_a_file_of_it(wang, folder):
    owners.register(
        PortalNotice, may_change=lambda *_: True, visible=lambda user, obj, file: file.frozen
    )
    row = upload(wang, owner=folder)
    assert queries.of_owner(folder, wang) == []
    with pytest.raises(Http404):
        queries.get_visible(wang, row.pk)
    services.freeze([row])
    assert queries.get_visible(wang, row.pk) == row


def test_attaching_is_for_ones_own_file_to_a_record_one_may_change(wang, zhao, folder):
    row = upload(zhao)
    with pytest.raises(NotAllowed):
        services.attach(row, folder, by=wang)
    mine = upload(wang, owner=folder)
    assert services.attach(mine, folder, by=wang).version == 1, "a replay changes nothing"
    other = PortalNotice.objects.create(key="other", user=wang, event="t", title="T", body="B")
    with pytest.raises(StepNotOpen):
        services.attach(mine, other, by=wang)
    folder.read_at = folder.created_at
    with pytest.raises(NotAllowed):
        services.attach(upload(wang), folder, by=wang)
    with pytest.raises(NotAllowed):
        upload(wang, owner=folder)


def test_frozen_files_are_set_aside_never_deleted(wang, folder, store_folder):
    row = upload(wang, owner=folder)
    assert services.freeze([row]) == 1
    with pytest.raises(Stale):
        services.remove(row, by=wang, version=1)
    services.remove(row, by=wang, version=2)
    assert queries.of_owner(folder, wang) == []
    kept = queries.get_visible(wang, row.pk)
    assert kept.removed_at is not None
    assert files(store_folder) == [row.sha256]
    for act in (
        lambda: Attachment.objects.all().delete(),
        lambda: Attachment.objects.update(frozen=False, removed_at=None),
        lambda: Attachment.objects.update(sha256="0" * 64),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_the_sweep_takes_old_files_without_a_row(wang, store_folder, capsys):
    row = upload(wang)
    orphan = store_folder / "ab" / ("ab" + "0" * 62)
    orphan.parent.mkdir()
    orphan.write_bytes(b"x")
    young = store_folder / "incoming" / "tmpyoung"
    young.write_bytes(b"x")
    day_ago = time.time() - 90_000
    os.utime(orphan, (day_ago, day_ago))
    os.utime(store.path_of(row.sha256), (day_ago, day_ago))
    call_command("sweep_orphans", "--dry-run")
    assert orphan.exists()
    call_command("sweep_orphans")
    assert files(store_folder) == sorted([row.sha256, "tmpyoung"])
    assert "1 files without a row deleted" in capsys.readouterr().out


def test_endings_shown_are_those_accepted():
    assert filetypes.accept_attribute().split(",") == sorted(f".{e}" for e in filetypes.TYPES)

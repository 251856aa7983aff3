"""Files that come in parts: announced, sent, gone on with, whole or refused; and given out in parts."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import os
import signal
import subprocess
import sys
import uuid

import pytest
from django.utils import timezone

from platform_site.attachments import owners, services, store, tasks
from platform_site.attachments.models import Attachment, Upload
from platform_site.audit.models import Entry
from platform_site.notifications.models import PortalNotice
from tests.factories.accounts import token_for

from .conftest import content, pdf

pytestmark = pytest.mark.django_db

API = "/api/v1/attachments/"
TEXT = "社会组织工作情况。\n".encode() * 4000


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def as_digest(data):
    return f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"


class Sender:
    """A machine that sends one file over a bad line."""

    def __init__(self, client, user, data=TEXT, **facts):
        _token, cleartext = token_for(user, "attachments:read", "attachments:write")
        self.client, self.data = client, data
        self.who = {"HTTP_AUTHORIZATION": f"Bearer {cleartext}"}
        self.facts = {"filename": "情况.txt", "size": len(data), "sha256": sha256(data), **facts}

    def announce(self):
        body = json.dumps(self.facts)
        answer = self.client.post(API, body, content_type="application/json", **self.who)
        if answer.status_code == 202:
            self.at = answer.json()["content"]
        return answer

    def put(self, data=b"", header="", **more):
        if header:
            more["HTTP_CONTENT_RANGE"] = header
        return self.client.generic(
            "PUT", self.at, data, content_type="application/octet-stream", **more, **self.who
        )

    def part(self, start, stop, **more):
        size = self.facts["size"]
        return self.put(self.data[start:stop], f"bytes {start}-{stop - 1}/{size}", **more)

    def ask(self):
        return self.put(b"", f"bytes */{self.facts['size']}")


@pytest.fixture
def sender(client, wang):
    return Sender(client, wang)


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_comes_in_parts_and_is_one_file(client, wang, folder, store_folder):
    sender = Sender(client, wang, owner=owners.name_of(folder))
    begun = sender.announce()
    assert (begun.status_code, begun.json()["received"]) == (202, 0)
    assert begun["Location"] == begun.json()["content"]
    half = len(TEXT) // 2
    first = sender.part(0, half)
    assert (first.status_code, first["Upload-Offset"]) == (202, str(half))
    assert client.get(f"{API}{begun.json()['id']}/", **sender.who).status_code == 404
    done = sender.part(half, len(TEXT))
    assert done.status_code == 201, done.content
    assert done.json()["id"] == begun.json()["id"]
    assert done.json()["owner"] == owners.name_of(folder)
    assert files(store_folder) == [sha256(TEXT)]
    assert store.path_of(sha256(TEXT)).read_bytes() == TEXT
    assert not Upload.objects.exists()
    assert Entry.objects.get(action="attachments.attach_file").facts["sha256"] == sha256(TEXT)
    # The last part again, and the question again: it is there.
    assert sender.part(half, len(TEXT)).status_code == 200
    assert sender.ask().json() == done.json()
    assert Attachment.objects.count() == 1


def test_going_on_after_a_broken_line(sender):
    sender.announce()
    sender.part(0, 1000)
    again = sender.part(0, 1000)
    assert (again.status_code, again.json()["received"]) == (202, 1000)
    assert sender.part(500, 3000).json()["received"] == 3000, "what is there is left aside"
    gap = sender.part(4000, 5000)
    assert (gap.status_code, gap.json()["code"], gap.json()["received"]) == (
        409,
        "upload_gap",
        3000,
    )
    # Announced again, from another machine: it is met as far as it has come.
    assert sender.announce().json()["received"] == 3000
    assert Upload.objects.count() == 1
    assert sender.ask()["Upload-Offset"] == "3000"
    assert sender.put(TEXT).status_code == 201, "the whole again is as good"


def test_what_broke_off_counts_as_far_as_it_came(wang, monkeypatch):
    from django.http import UnreadablePostError

    from platform_site.attachments.ranges import Piece
    from platform_site.problems import Unreadable

    class Line:
        left = [TEXT[:700]]

        def read(self, _size):
            if self.left:
                return self.left.pop()
            raise UnreadablePostError("reset by peer")

    facts = {"name": "a.txt", "size": len(TEXT), "sha256": sha256(TEXT)}
    upload = services.announce(by=wang, **facts)
    with pytest.raises(Unreadable) as broken:
        services.receive(upload, Line(), Piece(0, len(TEXT)), by=wang)
    assert broken.value.extra == {"received": 700}
    assert store.received(upload.pk) == 700


@pytest.mark.parametrize(
    ("facts", "status", "pointer"),
    [
        ({"sha256": "0" * 64}, 422, "/sha256"),
        ({"filename": "情况.pdf"}, 415, None),
    ],
)
def test_whole_and_wrong_nothing_is_kept(client, wang, store_folder, facts, status, pointer):
    sender = Sender(client, wang, **facts)
    assert sender.announce().status_code == 202
    answer = sender.put(TEXT)
    assert answer.status_code == status
    if pointer:
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Attachment.objects.exists()
    assert not Upload.objects.exists()
    with_commit = sender.ask()
    assert with_commit.status_code == 404


def test_the_bytes_of_a_refused_upload_are_gone(
    client, wang, store_folder, django_capture_on_commit_callbacks
):
    sender = Sender(client, wang, sha256="0" * 64)
    sender.announce()
    with django_capture_on_commit_callbacks(execute=True):
        sender.put(TEXT)
    assert files(store_folder) == []


@pytest.mark.parametrize(
    ("facts", "status", "pointer"),
    [
        ({"filename": "a.exe"}, 415, "/filename"),
        ({"filename": "a"}, 415, "/filename"),
        ({"size": 0}, 422, "/size"),
        ({"size": 60 * 1024 * 1024}, 413, "/size"),
        ({"size": -1}, 422, "/size"),
        ({"sha256": "ab"}, 422, "/sha256"),
        ({"owner": "reports.report:x"}, 404, None),
        ({"more": 1}, 422, "/more"),
    ],
)
def test_what_can_be_refused_is_refused_before_a_byte_is_sent(client, wang, facts, status, pointer):
    answer = Sender(client, wang, **facts).announce()
    assert answer.status_code == status
    if pointer:
        assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("header", "data"),
    [
        ("bytes 0-9/11", b"0123456789"),
        ("bytes 0-9/{size}", b"012345678"),
        ("bytes 9-0/{size}", b"0"),
        ("bytes 0-{size}/{size}", b"0"),
        ("bytes */{size}", b"0"),
        ("bytes 0-9", b"0123456789"),
        ("octets 0-9/{size}", b"0123456789"),
        ("bytes 0-99999999999999999999/{size}", b"0"),
    ],
)
def test_a_range_that_says_something_else_is_400(sender, header, data):
    sender.announce()
    answer = sender.put(data, header.format(size=len(TEXT)))
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_range")
    assert sender.ask().json()["received"] == 0


def test_digests_of_a_part_and_of_the_whole(sender):
    sender.announce()
    half = len(TEXT) // 2
    wrong = sender.part(0, half, HTTP_CONTENT_DIGEST=as_digest(b"x"))
    assert (wrong.status_code, wrong.json()["code"]) == (422, "digest_mismatch")
    assert sender.ask().json()["received"] == 0
    assert sender.part(0, half, HTTP_CONTENT_DIGEST=as_digest(TEXT[:half])).status_code == 202
    other = sender.part(half, len(TEXT), HTTP_REPR_DIGEST=as_digest(b"x"))
    assert other.status_code == 422
    assert sender.part(half, len(TEXT), HTTP_CONTENT_DIGEST="sha-256=:eA==:").status_code == 400
    done = sender.part(half, len(TEXT), HTTP_REPR_DIGEST=f"md5=:eA==:, {as_digest(TEXT)}")
    assert done.status_code == 201


def test_two_at_once_over_one_upload(sender):
    pk = sender.announce().json()["id"]
    with store.hold(uuid.UUID(pk)):
        busy = sender.part(0, 1000)
        assert (busy.status_code, busy.json()["code"]) == (409, "upload_busy")
        services.expire_uploads()
    assert sender.part(0, 1000).status_code == 202


def test_others_see_nothing_of_it(client, wang, zhao):
    sender = Sender(client, wang)
    pk = sender.announce().json()["id"]
    outsider = Sender(client, zhao)
    outsider.at = sender.at
    assert outsider.part(0, 10).status_code == 404
    assert outsider.ask().status_code == 404
    gone = {"HTTP_IF_MATCH": '"v1"', **outsider.who}
    assert client.delete(f"{API}{pk}/", **gone).status_code == 404
    outsider.at = f"{API}{uuid.uuid4()}/content/"
    assert outsider.ask().status_code == 404


def test_the_bytes_of_a_file_never_change(client, wang, zhao, folder):
    row = services.upload(content(pdf()), by=wang, name="a.pdf", owner=folder)
    PortalNotice.objects.filter(pk=folder.pk).update(user=zhao)
    reader = Sender(client, zhao)
    reader.at = f"{API}{row.pk}/content/"
    assert reader.put(TEXT).status_code == 403


def test_the_record_decides_again_at_the_end(client, wang, folder):
    sender = Sender(client, wang, owner=owners.name_of(folder))
    sender.announce()
    sender.part(0, 1000)
    folder.read_at = timezone.now()
    folder.save()
    assert sender.put(TEXT).status_code == 403
    assert not Attachment.objects.exists()
    assert sender.announce().status_code == 403


def test_unfinished_ones_expire_are_given_up_and_counted(
    client, wang, monkeypatch, store_folder, django_capture_on_commit_callbacks
):
    sender = Sender(client, wang)
    pk = sender.announce().json()["id"]
    sender.part(0, 1000)
    os.utime(store.part_of(uuid.UUID(pk)), (1, 1))
    tasks.sweep_orphans()
    assert sender.ask().json()["received"] == 1000, "the sweep leaves what may go on"
    with django_capture_on_commit_callbacks(execute=True):
        Upload.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
        assert sender.ask().status_code == 404
        tasks.expire_uploads()
    assert (files(store_folder), Upload.objects.count()) == ([], 0)

    pk = sender.announce().json()["id"]
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.delete(f"{API}{pk}/", HTTP_IF_MATCH='"v1"', **sender.who)
    assert (answer.status_code, Upload.objects.count()) == (204, 0)

    monkeypatch.setattr("platform_site.attachments.services.uploads.AT_ONCE", 2)
    for number in range(2):
        assert Sender(client, wang, filename=f"{number}.txt").announce().status_code == 202
    crowded = Sender(client, wang, filename="3.txt").announce()
    assert (crowded.status_code, crowded.json()["code"]) == (409, "too_many_unfinished")


def test_what_is_announced_counts_against_the_room(client, wang, zhao, monkeypatch):
    import shutil

    free = shutil._ntuple_diskusage(0, 0, len(TEXT) + 10)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: free)
    assert Sender(client, wang).announce().status_code == 202
    full = Sender(client, zhao).announce()
    assert (full.status_code, full.json()["code"]) == (507, "store_full")


def test_a_multipart_file_may_say_its_checksum(client, wang, store_folder):
    from django.core.files.uploadedfile import SimpleUploadedFile

    who = Sender(client, wang).who
    for digest, status in ((sha256(b"x"), 422), ("x", 422), (sha256(TEXT), 201)):
        file = SimpleUploadedFile("情况.txt", TEXT)
        answer = client.post(API, {"file": file, "sha256": digest}, **who)
        assert answer.status_code == status
    assert files(store_folder) == [sha256(TEXT)]
    assert Attachment.objects.count() == 1


KILLED = """
import os, signal, sys, uuid
from platform_site.attachments import store
from platform_site.attachments.ranges import Piece
class Line:
    left = [b"x" * 700]
    def read(self, size):
        if self.left:
            return self.left.pop()
        os.kill(os.getpid(), signal.SIGKILL)
with store.hold(uuid.UUID(sys.argv[1])) as part:
    part.add(Line(), Piece(0, 1000))
"""


def test_a_killed_process_holds_up_nobody_and_leaves_what_came(sender, settings, store_folder):
    pk = uuid.UUID(sender.announce().json()["id"])
    env = {**os.environ, "MEDIA_ROOT": str(settings.MEDIA_ROOT)}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(pk)], env=env, check=False)
    assert killed.returncode == -signal.SIGKILL
    answer = sender.ask()
    assert (answer.status_code, answer.json().get("received")) == (202, 700), answer.content
    # Killed between the bytes and the row: nothing names them, and the sweep takes them.
    orphan = store.part_of(uuid.uuid4())
    orphan.write_bytes(b"x")
    os.utime(orphan, (1, 1))
    tasks.sweep_orphans()
    assert not orphan.exists()
    assert sender.ask().json()["received"] == 700


class TestDownloadInParts:
    @pytest.fixture
    def row(self, wang):
        return services.upload(content(TEXT), by=wang, name="情况.txt")

    @pytest.fixture(params=["page", "api"])
    def get(self, request, client, wang, row):
        if request.param == "page":
            client.force_login(wang, backend="platform_site.accounts.backends.SignInBackend")
            return lambda **headers: client.get(row.get_absolute_url(), **headers)
        who = Sender(client, wang).who
        return lambda **headers: client.get(f"{API}{row.pk}/content/", **headers, **who)

    @pytest.mark.parametrize(
        ("asked", "start", "stop"),
        [
            ("bytes=0-0", 0, 1),
            ("bytes=100-199", 100, 200),
            ("bytes=100-", 100, len(TEXT)),
            ("bytes=-10", len(TEXT) - 10, len(TEXT)),
            (f"bytes=10-{10**12}", 10, len(TEXT)),
        ],
    )
    def test_one_part(self, get, asked, start, stop):
        answer = get(HTTP_RANGE=asked)
        assert answer.status_code == 206
        assert b"".join(answer.streaming_content) == TEXT[start:stop]
        assert answer["Content-Range"] == f"bytes {start}-{stop - 1}/{len(TEXT)}"
        assert answer["Content-Length"] == str(stop - start)
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]

    @pytest.mark.parametrize("asked", ["", "bytes=0-1,5-6", "bytes=5-1", "lines=1-2", "bytes=x"])
    def test_what_cannot_be_read_is_left_aside(self, get, asked):
        answer = get(HTTP_RANGE=asked)
        assert (answer.status_code, answer["Accept-Ranges"]) == (200, "bytes")
        assert answer["Repr-Digest"] == as_digest(TEXT)
        assert b"".join(answer.streaming_content) == TEXT

    @pytest.mark.parametrize("asked", [f"bytes={len(TEXT)}-", "bytes=-0"])
    def test_behind_the_end(self, get, asked):
        answer = get(HTTP_RANGE=asked)
        assert (answer.status_code, answer["Content-Range"]) == (416, f"bytes */{len(TEXT)}")

    def test_only_if_it_is_still_the_same(self, get, row):
        same, other = f'"{row.sha256}"', '"another"'
        assert get(HTTP_RANGE="bytes=0-1", HTTP_IF_RANGE=same).status_code == 206
        assert get(HTTP_RANGE="bytes=0-1", HTTP_IF_RANGE=other).status_code == 200
        assert get(HTTP_RANGE="bytes=0-1", HTTP_IF_NONE_MATCH=same).status_code == 304


class TestPages:
    @pytest.fixture
    def as_wang(self, client, wang):
        client.force_login(wang, backend="platform_site.accounts.backends.SignInBackend")
        return client

    def announce(self, client, **facts):
        facts = {"filename": "情况.txt", "size": len(TEXT), "sha256": sha256(TEXT), **facts}
        return client.post("/w/attachments/announce/", facts)

    def put(self, client, address, start, stop):
        return client.generic(
            "PUT",
            address,
            TEXT[start:stop],
            content_type="application/octet-stream",
            HTTP_CONTENT_RANGE=f"bytes {start}-{stop - 1}/{len(TEXT)}",
        )

    def test_the_uploader_goes_on(self, as_wang, folder):
        begun = self.announce(as_wang, owner=owners.name_of(folder))
        assert begun.status_code == 202
        address = begun.json()["content_url"]
        assert self.put(as_wang, address, 0, 1000).json()["received"] == 1000
        gap = self.put(as_wang, address, 2000, 3000)
        assert (gap.status_code, gap.json()["received"]) == (409, 1000)
        done = self.put(as_wang, address, 1000, len(TEXT))
        assert (done.status_code, done.json()["filename"]) == (201, "情况.txt")
        assert Attachment.objects.get().owner_id == folder.pk
        assert self.put(as_wang, address, 1000, len(TEXT)).status_code == 200

    def test_refusals_and_giving_up(self, as_wang):
        assert len(self.announce(as_wang, filename="a.exe").json()["detail"]) > 5
        assert self.announce(as_wang, size="x").status_code == 400
        assert self.announce(as_wang, owner="x").status_code == 404
        begun = self.announce(as_wang).json()
        assert as_wang.post(begun["remove_url"]).status_code == 204
        assert self.put(as_wang, begun["content_url"], 0, 10).status_code == 404
        assert as_wang.get(begun["content_url"]).status_code == 405

    def test_only_with_the_token_of_the_form(self, wang):
        from django.test import Client

        strict = Client(enforce_csrf_checks=True)
        strict.force_login(wang, backend="platform_site.accounts.backends.SignInBackend")
        assert self.announce(strict).status_code == 403

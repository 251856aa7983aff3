"""A store of its own, honest files of every kind, and a record that carries them.

The record is a portal notice: the nearest model below this room that has an owner and a scope.
"""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.core.files.base import ContentFile
from PIL import Image

from platform_site.accounts.models import User
from platform_site.attachments import owners
from platform_site.notifications.models import PortalNotice


@pytest.fixture(autouse=True)
def store_folder(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def register(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the records of the test carry files; what the business apps registered comes back."""
    monkeypatch.setattr(owners, "_register", {})


def person(username: str) -> User:
    return User.objects.create_user(username, f"{username}@union.example", name=username.title())


@pytest.fixture
def wang(db: None) -> User:
    return person("wang")


@pytest.fixture
def zhao(db: None) -> User:
    """The outsider."""
    return person("zhao")


@pytest.fixture
def folder(wang: User) -> PortalNotice:
    """A record that Wang sees and may change, and nobody else sees."""
    owners.register(PortalNotice, may_change=lambda user, notice: notice.read_at is None)
    return PortalNotice.objects.create(key="folder", user=wang, event="t", title="T", body="B")


def pdf(text: str = "") -> bytes:
    with pikepdf.new() as document:
        document.add_blank_page()
        if text:
            document.docinfo["/Title"] = text
        target = io.BytesIO()
        document.save(target)
    return target.getvalue()


def picture(kind: str, size: tuple[int, int] = (8, 8)) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", size).save(target, kind)
    return target.getvalue()


def packed(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def docx(text: str = "试点方案") -> bytes:
    xml = f"<w:document><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"
    return packed({"[Content_Types].xml": b"<Types/>", "word/document.xml": xml.encode()})


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096)


def content(data: bytes, name: str = "f") -> ContentFile[bytes]:
    return ContentFile(data, name=name)

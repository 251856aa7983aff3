"""What is kept and what is refused: the honest kinds, and the files that lie, break or explode."""

from __future__ import annotations

import io
import struct
import time
import zipfile
import zlib

import pikepdf
import pytest
from django.utils import translation

from platform_site.attachments import filetypes
from platform_site.problems import Refused

from .conftest import OLE, docx, packed, pdf, picture

SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def xlsx(**more: bytes) -> bytes:
    return packed({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>", **more})


def locked_pdf() -> bytes:
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.save(target, encryption=pikepdf.Encryption(owner="o", user="u"))
    return target.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be that large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )


def overlapping() -> bytes:
    """Two members of one ZIP that share the same bytes."""
    honest = xlsx()
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        second = archive.infolist()[1].header_offset
    at = honest.rindex(struct.pack("<I", second) + b"xl/workbook.xml")
    return honest[:at] + struct.pack("<I", 0) + honest[at + 4 :]


def check(data: bytes, name: str, tmp_path) -> str:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return filetypes.check(path, filetypes.clean_name(name), len(data))


HONEST = {
    "plan.pdf": pdf,
    "PLAN.PDF": pdf,
    "scan.jpg": lambda: picture("JPEG"),
    "scan.jpeg": lambda: picture("JPEG"),
    "seal.png": lambda: picture("PNG"),
    "方案.docx": docx,
    "表.xlsx": xlsx,
    "课件.pptx": lambda: packed(
        {"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<p/>"}
    ),
    "文件.ofd": lambda: packed({"OFD.xml": b"<ofd:OFD/>", "Doc_0/Document.xml": b"<d/>"}),
    "old.doc": lambda: OLE,
    "old.xls": lambda: OLE,
    "old.ppt": lambda: OLE,
    "老.wps": lambda: OLE,
    "老.et": lambda: OLE,
    "a.txt": lambda: "试点单位名单\r\n".encode(),
    "b.txt": lambda: "试点单位名单".encode("gb18030"),
    "b.csv": lambda: "\ufeff名称,数\n工会,=1+1\n".encode(),
    "规定.txt": lambda: "应当保守国家秘密\n不得泄露".encode(),
}


@pytest.mark.parametrize("name", HONEST)
def test_honest_files_are_kept(name, tmp_path):
    assert (
        check(HONEST[name](), name, tmp_path)
        == filetypes.TYPES[name.lower().rpartition(".")[2]].media_type
    )


BAD = {
    "empty": ("a.pdf", b"", 422, "empty_file"),
    "text called pdf": ("a.pdf", b"hello", 415, "not_what_it_says"),
    "polyglot": ("a.pdf", b"%PDF-1.4\n<script>alert(1)</script>", 415, "damaged_file"),
    "page before pdf": ("a.pdf", b"<html><script>1</script>" + pdf(), 415, "not_what_it_says"),
    "cut pdf": ("a.pdf", pdf()[:200], 415, "damaged_file"),
    "pdf with a password": ("a.pdf", locked_pdf(), 415, "locked_file"),
    "png called jpg": ("a.jpg", picture("PNG"), 415, "not_what_it_says"),
    "svg called png": ("a.png", SVG, 415, "not_what_it_says"),
    "gif called png": ("a.png", picture("GIF"), 415, "not_what_it_says"),
    "cut png": ("a.png", picture("PNG")[:30], 415, "damaged_file"),
    "pixel bomb": ("a.png", png_of(60_000, 60_000), 415, "strange_file"),
    "pdf called docx": ("a.docx", pdf(), 415, "not_what_it_says"),
    "xlsx called docx": ("a.docx", xlsx(), 415, "not_what_it_says"),
    "zip called docx": ("a.docx", packed({"a.txt": b"x"}), 415, "not_what_it_says"),
    "cut docx": ("a.docx", docx()[:40], 415, "damaged_file"),
    "macros inside": ("a.xlsx", xlsx(**{"xl/vbaProject.bin": b"x"}), 415, "macros"),
    "macro ending": ("a.docm", docx(), 415, "macros"),
    "zip bomb": ("a.xlsx", xlsx(**{"xl/sheet1.xml": bytes(40 * 1024 * 1024)}), 415, "strange_file"),
    "overlapping members": ("a.xlsx", overlapping(), 415, "strange_file"),
    "too many members": (
        "a.xlsx",
        xlsx(**{f"xl/{n}": b"" for n in range(5_001)}),
        415,
        "strange_file",
    ),
    "text called doc": ("a.doc", b"x" * 4096, 415, "not_what_it_says"),
    "head of a doc alone": ("a.doc", OLE[:8], 415, "damaged_file"),
    "html called txt": ("a.txt", b"  <!DOCTYPE html><script>", 415, "not_what_it_says"),
    "binary called txt": ("a.txt", b"MZ\x00\x01\xff", 415, "not_what_it_says"),
    "utf-16 called csv": ("a.csv", "名称".encode("utf-16"), 415, "not_what_it_says"),
    "html": ("a.html", b"<p>", 415, "type_not_allowed"),
    "svg": ("a.svg", SVG, 415, "type_not_allowed"),
    "script": ("a.js", b"alert(1)", 415, "type_not_allowed"),
    "program": ("a.exe", b"MZ", 415, "type_not_allowed"),
    "archive": ("a.zip", packed({"a": b"b"}), 415, "type_not_allowed"),
    "two endings": ("a.pdf.exe", pdf(), 415, "type_not_allowed"),
    "no ending": ("README", b"x", 415, "no_ending"),
    "only an ending": (".pdf", pdf(), 415, "no_ending"),
    "NUL in the name": ("a\x00.pdf", pdf(), 400, "hostile_name"),
    "reversed name": ("a\u202efdp.exe.pdf", pdf(), 400, "hostile_name"),
    "half a pair": ("a\ud800.pdf", pdf(), 400, "hostile_name"),
    "mark in the name": ("【机密】方案.pdf", pdf(), 422, "secrecy_mark"),
    "mark in a text": ("a.txt", "\n秘密★1年\n关于".encode(), 422, "secrecy_mark"),
    "mark in gb18030": ("a.csv", "绝密\n关于".encode("gb18030"), 422, "secrecy_mark"),
    "mark in a docx": ("a.docx", docx("机 密★10年"), 422, "secrecy_mark"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_with_a_reason_in_time(case, tmp_path):
    name, data, status, code = BAD[case]
    started = time.monotonic()
    with translation.override("en"), pytest.raises(Refused) as refused:
        check(data, name, tmp_path)
    assert (refused.value.code, refused.value.status) == (code, status)
    assert len(str(refused.value.message)) > 10, "says what to do"
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\Users\\li\\方案.pdf", "方案.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("/tmp/a  b.pdf", "a b.pdf"),
        ("...a.pdf", "a.pdf"),
        ("e\u0301.pdf", "\u00e9.pdf"),
        ("商业秘密保护.pdf", "商业秘密保护.pdf"),
    ],
)
def test_names_lose_their_folders_and_keep_their_characters(given, kept):
    assert filetypes.clean_name(given) == kept


def test_a_long_name_keeps_its_ending():
    name = filetypes.clean_name("字" * 300 + ".pdf")
    assert len(name) == 200
    assert name.endswith("字.pdf")

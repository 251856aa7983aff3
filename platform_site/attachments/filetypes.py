"""What a file may be: its ending AND its structure must say the same thing.

A look at the first bytes is not enough: ``%PDF-1.4\\n<script>`` passes for a PDF everywhere, and
a ZIP of 1 MB can unpack to gigabytes. PDF and pictures are read by real parsers in a child process
with limits on memory and time; Office files are judged by their table of contents alone, which is
never unpacked.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from platform_site.problems import Invalid, Unreadable, WrongType
from platform_site.text.clean import find_hostile

from . import children

NAME_LENGTH = 200
#: An Office file unpacks to no more than this, in no more members, and by no larger a factor.
UNPACKED_BYTES = 300 * 1024 * 1024
MEMBERS = 5_000
RATIO = 200
#: A ratio says nothing about small files: a page of blanks shrinks a thousandfold.
RATIO_FROM_BYTES = 20 * 1024 * 1024
#: How much of a text is looked at for a secrecy mark.
MARK_CHARACTERS = 2_000

# 公开 and 内部 are all this platform may hold; these marks never belong on it. A mark at the head
# of a document is a line of its own, 秘密★1年; the words inside a sentence (保守国家秘密) are none.
_MARK_IN_NAME = re.compile(r"绝密|机密|(?<!商业)秘密")
_MARK_IN_TEXT = re.compile(
    r"^\s*(?:绝\s?密|机\s?密|秘\s?密)\s*(?:[★☆▲●*].*)?$|[绝机秘]\s?密\s*★", re.MULTILINE
)


@dataclass(frozen=True)
class FileType:
    label: str
    media_type: str
    check: Callable[[Path, FileType], None]
    #: For Office files: the member that only this kind has.
    member: str = ""


def clean_name(name: str) -> str:
    """The name alone: no folders, no control characters, at most 200 characters; refused if hostile.

    Browsers of old and scripts send whole paths; whoever receives the file gets only the last part.
    """
    if "\x00" in name or find_hostile(name):
        raise Unreadable(
            "hostile_name",
            _(
                "The file name holds a character that cannot be kept. Rename the file, then try again."
            ),
        )
    base = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    base = " ".join(base.split()).lstrip(".").strip()
    stem, dot, ending = base.rpartition(".")
    if not dot or not stem.strip() or not ending:
        raise WrongType(
            "no_ending",
            _("The file name has no ending such as .pdf, so its type cannot be known. Rename it."),
        )
    if len(base) > NAME_LENGTH:
        base = stem[: NAME_LENGTH - len(ending) - 1].rstrip() + "." + ending
    if _MARK_IN_NAME.search(base):
        raise _marked()
    return base


def check(path: Path, name: str, size: int) -> str:
    """The media type of a file that is what its name says; otherwise refused, with the reason."""
    kind = kind_of(name, size)
    kind.check(path, kind)
    return kind.media_type


def kind_of(name: str, size: int) -> FileType:
    """What its ending says it is; refused where that is no accepted type, or there are no bytes."""
    if size == 0:
        raise Invalid(
            "empty_file", _("The file is empty. Check it on your computer and try again.")
        )
    ending = name.rpartition(".")[2].lower()
    if ending in _WITH_MACROS:
        raise WrongType(
            "macros",
            _("Files with macros are not accepted. Save it as .%(ending)s and try again.")
            % {"ending": _WITH_MACROS[ending]},
        )
    kind = TYPES.get(ending)
    if kind is None:
        raise WrongType(
            "type_not_allowed",
            _("Files of type .%(ending)s are not accepted. Accepted are: %(accepted)s.")
            % {"ending": ending[:20], "accepted": ", ".join(accepted())},
        )
    return kind


def accepted() -> list[str]:
    """The endings that are accepted, as shown beside the upload button."""
    return sorted(TYPES)


def accept_attribute() -> str:
    """For ``<input type=file accept=…>``: a convenience, never the check."""
    return ",".join(f".{ending}" for ending in accepted())


# --- Each kind ------------------------------------------------------------------------------
def _check_pdf(path: Path, kind: FileType) -> None:
    head = _head(path, 1024)
    if b"%PDF-" not in head:
        raise _not_what_it_says(kind)
    # Readers skip what stands before the header, and a browser would read it as a page.
    if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        raise _not_what_it_says(kind)
    _parse_in_child(path, kind, "pdf")


def _check_picture(path: Path, kind: FileType) -> None:
    head = _head(path, 16)
    magic = b"\xff\xd8\xff" if kind.media_type == "image/jpeg" else b"\x89PNG\r\n\x1a\n"
    if not head.startswith(magic):
        raise _not_what_it_says(kind)
    _parse_in_child(path, kind, "jpeg" if kind.media_type == "image/jpeg" else "png")


def _check_packed(path: Path, kind: FileType) -> None:
    """OOXML and OFD, by the directory of the ZIP: read, summed up, never unpacked."""
    if not _head(path, 4).startswith(b"PK\x03\x04"):
        raise _not_what_it_says(kind)
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
            names = {member.filename for member in members}
            unpacked = sum(member.file_size for member in members)
            if (
                len(members) > MEMBERS
                or unpacked > UNPACKED_BYTES
                or (unpacked > RATIO_FROM_BYTES and unpacked > RATIO * max(1, path.stat().st_size))
                or any(member.flag_bits & 0x1 for member in members)
                or _overlap(members)
            ):
                raise strange()
            if kind.member not in names:
                raise _not_what_it_says(kind)
            if any(name.lower().endswith(("vbaproject.bin", ".exe", ".js")) for name in names):
                raise WrongType(
                    "macros",
                    _("The file holds macros or programs. Save it without them and try again."),
                )
            if kind.member == "word/document.xml":
                _refuse_marked(_beginning_of_docx(packed))
    except (zipfile.BadZipFile, ValueError, KeyError, OSError, NotImplementedError, EOFError):
        raise _damaged(kind) from None


def _check_ole(path: Path, kind: FileType) -> None:
    """The Office files of before 2007, and those of WPS: an OLE compound file."""
    if not _head(path, 8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise _not_what_it_says(kind)
    if path.stat().st_size < 1536:  # a header and two sectors: less holds no document
        raise _damaged(kind)


def _check_text(path: Path, kind: FileType) -> None:
    raw = path.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        raise _not_what_it_says(kind)
    if re.search("[\x00-\x08\x0e-\x1a\x1c-\x1f]", text):
        raise _not_what_it_says(kind)
    if re.match(r"\s*<(?:!doctype|html|script|svg|\?xml|head|body|iframe)\b", text, re.IGNORECASE):
        raise _not_what_it_says(kind)
    _refuse_marked(text[:MARK_CHARACTERS])


_PDF = FileType("PDF", "application/pdf", _check_pdf)
_OOXML = "application/vnd.openxmlformats-officedocument."
TYPES: dict[str, FileType] = {
    "pdf": _PDF,
    "doc": FileType("Word", "application/msword", _check_ole),
    "xls": FileType("Excel", "application/vnd.ms-excel", _check_ole),
    "ppt": FileType("PowerPoint", "application/vnd.ms-powerpoint", _check_ole),
    "wps": FileType("WPS", "application/vnd.ms-works", _check_ole),
    "et": FileType("WPS", "application/vnd.ms-excel", _check_ole),
    "docx": FileType(
        "Word", _OOXML + "wordprocessingml.document", _check_packed, "word/document.xml"
    ),
    "xlsx": FileType("Excel", _OOXML + "spreadsheetml.sheet", _check_packed, "xl/workbook.xml"),
    "pptx": FileType(
        "PowerPoint",
        _OOXML + "presentationml.presentation",
        _check_packed,
        "ppt/presentation.xml",
    ),
    "ofd": FileType("OFD", "application/ofd", _check_packed, "OFD.xml"),
    "txt": FileType("TXT", "text/plain", _check_text),
    "csv": FileType("CSV", "text/csv", _check_text),
    "jpg": FileType("JPG", "image/jpeg", _check_picture),
    "jpeg": FileType("JPG", "image/jpeg", _check_picture),
    "png": FileType("PNG", "image/png", _check_picture),
}
_WITH_MACROS = {
    "docm": "docx",
    "dotm": "docx",
    "xlsm": "xlsx",
    "xlsb": "xlsx",
    "xltm": "xlsx",
    "pptm": "pptx",
    "ppsm": "pptx",
}


# --- Helpers of the checks --------------------------------------------------------------------
def _head(path: Path, length: int) -> bytes:
    with path.open("rb") as source:
        return source.read(length)


def _overlap(members: list[zipfile.ZipInfo]) -> bool:
    """Members that share bytes: the trick of bombs that pass every ratio."""
    end = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        if member.header_offset < end:
            return True
        end = member.header_offset + 30 + member.compress_size
    return False


def _beginning_of_docx(packed: zipfile.ZipFile) -> str:
    with packed.open("word/document.xml") as source:
        xml = source.read(256 * 1024).decode("utf-8", "ignore")
    paragraphs = re.sub(r"</w:p>", "\n", xml)
    return re.sub(r"<[^>]*>", "", paragraphs)[:MARK_CHARACTERS]


def _refuse_marked(text: str) -> None:
    if _MARK_IN_TEXT.search(text):
        raise _marked()


def _parse_in_child(path: Path, kind: FileType, what: str) -> None:
    """Let a real parser read the file where a bomb can hurt nobody."""
    ended = children.run("parse_upload.py", what, str(path))
    if ended is None:
        raise strange()
    well, written = ended
    if not well:
        raise verdict_of(written.decode("ascii", "ignore").strip(), kind)


def verdict_of(word: str, kind: FileType) -> WrongType:
    """What is said for the word that a child wrote."""
    if word == "locked":
        return WrongType(
            "locked_file",
            _("The file is protected by a password. Save it without one and try again."),
        )
    return _damaged(kind) if word == "damaged" else strange()


def _not_what_it_says(kind: FileType) -> WrongType:
    return WrongType(
        "not_what_it_says",
        _("The file's content is not %(kind)s, whatever its name says. Please export it again.")
        % {"kind": kind.label},
    )


def _damaged(kind: FileType) -> WrongType:
    return WrongType(
        "damaged_file",
        _("The file is damaged and cannot be opened as %(kind)s. Please export it again.")
        % {"kind": kind.label},
    )


def strange() -> WrongType:
    return WrongType(
        "strange_file",
        _("The file is too large inside or oddly built. Save it anew, or split it, and try again."),
    )


def _marked() -> Invalid:
    return Invalid(
        "secrecy_mark",
        _(
            "The file carries a mark of state secrecy. This platform holds only public and "
            "internal matter: such a file must not be sent through it."
        ),
    )

"""Reading what was typed as the value of a question, and showing a value to a reader.

Values are stored as JSON in the shapes of :class:`.models.Answer`. ``None`` is "not answered", which is
never zero. Values of one piece are read by :mod:`.scalars`, tables by :mod:`.table_answers`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from . import table_answers
from .models import Answer, Question
from .scalars import label_of, plain, read_scalar, scalar_as_typed, show_scalar

__all__ = ["as_typed", "fingerprint", "plain", "read", "show", "typed_in"]

#: Any of the shapes of :class:`.models.Answer`.
Value: TypeAlias = Any
#: A file as an answer names it: id, filename, size, sha256.
NamedFile: TypeAlias = Mapping[str, Any]
MOST_FILES = 20
_BETWEEN = re.compile(r"[,;，；、\n]")


def read(question: Question, raw: Any, files: Mapping[str, NamedFile] | None = None) -> Value:
    """The value that ``raw`` (text of a form, or JSON) stands for; ValidationError when it cannot.

    ``files``: those that an answer may name, by id.
    """
    if raw is None or raw == "":
        return None
    match question.kind:
        case Question.Kind.CHOICES:
            return _read_choices(question, raw)
        case Question.Kind.TABLE:
            return table_answers.read_table(question, raw)
        case Question.Kind.FILE:
            return _read_files(raw, files or {})
    return read_scalar(question, raw)


def pieces(text: str) -> list[str]:
    """What stands between commas, semicolons and the like."""
    return [each.strip() for each in _BETWEEN.split(text) if each.strip()]


def _read_choices(question: Question, raw: Any) -> Value:
    """A list of codes, or text with something between them."""
    given = pieces(raw) if isinstance(raw, str) else raw
    known = [option["code"] for option in question.options]
    if not isinstance(given, list) or not all(each in known for each in given):
        raise ValidationError(_("Choose among the options."), code="not_an_option")
    return [code for code in known if code in given] or None


def _read_files(raw: Any, files: Mapping[str, NamedFile]) -> Value:
    """A list of ids, or of files as they were read, or either as JSON text."""
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except (ValueError, RecursionError):
            raw = None
    if not isinstance(raw, list):
        raise ValidationError(_("Give a list of files."), code="not_files")
    ids = [each.get("id") if isinstance(each, dict) else each for each in raw]
    if len(ids) > MOST_FILES:
        raise ValidationError(
            _("At most %(most)s files are possible here."),
            code="too_many_files",
            params={"most": MOST_FILES},
        )
    if not all(isinstance(each, str) and each in files for each in ids):
        raise ValidationError(
            _("A file named here is not attached to this report. Upload it first."),
            code="unknown_file",
        )
    return [dict(files[each]) for each in dict.fromkeys(map(str, ids))] or None


def show(question: Mapping[str, Any], value: Value) -> str:
    """A stored value in the reader's language; ``question`` as :func:`queries.content` gives it."""
    if value is None:
        return ""
    match question["kind"]:
        case Question.Kind.CHOICES:
            return _("; ").join(label_of(question["options"], code) for code in value)
        case Question.Kind.TABLE:
            return table_answers.table_in_words(question, value)
        case Question.Kind.FILE:
            # With the beginning of the checksum: another file of the same name is another answer.
            return "\n".join(f"{each['filename']} ({each['sha256'][:8]})" for each in value)
    return show_scalar(question, value)


def as_typed(question: Question, value: Any) -> str:
    """A stored value as a field holds it: what a form shows first and autosave compares with."""
    if value is None:
        return ""
    match question.kind:
        case Question.Kind.CHOICES:
            return ",".join(value)
        case Question.Kind.TABLE:
            return table_answers.table_as_typed(question, value)
        case Question.Kind.FILE:
            return files_text(value)
    return scalar_as_typed(question, value)


def files_text(files: Iterable[NamedFile]) -> str:
    """The files of an answer as its field holds them."""
    kept = [{name: each[name] for name in ("id", "filename", "size", "sha256")} for each in files]
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else ""


def control_value(question: Question, answer: Answer) -> str | list[str]:
    """What the page's script puts into the field: the codes that are ticked, else text."""
    if question.kind == Question.Kind.CHOICES:
        return list(answer.value or [])
    return typed_in(question, answer)


def typed_in(question: Question, answer: Answer | None) -> str:
    """What the field shows: the value, or what was typed where it could not be read as one."""
    if answer is None:
        return ""
    return answer.typed or as_typed(question, answer.value)


def in_words(question: Question, typed: str) -> str:
    """What a field holds, in the reader's words; numbers, days and what cannot be read as they were typed."""
    match question.kind:
        case Question.Kind.YES_NO:
            return {"yes": _("Yes"), "no": _("No")}.get(typed, typed)
        case Question.Kind.CHOICE:
            return dict(question.choices()).get(typed, typed)
        case Question.Kind.CHOICES:
            labels = dict(question.choices())
            return _("; ").join(labels.get(each, each) for each in pieces(typed))
        case Question.Kind.TABLE:
            return table_answers.typed_in_words(question, typed) if typed else ""
        case Question.Kind.FILE:
            return "\n".join(each["filename"] for each in files_in(typed))
    return typed


def files_in(typed: str) -> list[dict[str, Any]]:
    """The files that a field names; those without a name are left out."""
    try:
        found = json.loads(typed) if typed else []
    except (ValueError, RecursionError):
        found = []
    if not isinstance(found, list):
        return []
    return [
        each
        for each in found
        if isinstance(each, dict) and {"id", "filename", "size"} <= each.keys()
    ]


def numbers_in(question: Question, value: Value) -> dict[str, Decimal]:
    """The numbers that rules reckon with: of a number by its code, of a table ``table.column`` its totals."""
    if value is None:
        return {}
    if question.is_number:
        return {question.code: Decimal(str(value))}
    if question.kind == Question.Kind.TABLE:
        sums = table_answers.totals(question.table_columns(), value)
        return {f"{question.code}.{code}": number for code, number in sums.items()}
    return {}


def fingerprint(text: str) -> str:
    """Tells whether a field was touched, whatever the browser does to line ends."""
    plain_text = text.replace("\r\n", "\n").strip("\n")
    return hashlib.sha256(plain_text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

"""Values of one piece: a text, number, choice, day, yes or no, as a question or the cell of a table has
them. Read from what was typed, and shown to a reader.

``None`` is "not answered", which is never zero. The shapes are those of :class:`.models.Answer`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from platform_site.casework.workdays import EARLIEST, LATEST
from platform_site.text.clean import clean_line, clean_prose

from .models import Column, Question

#: What is read as a scalar: a question, or the column of a table.
Asked: TypeAlias = Question | Column
Scalar: TypeAlias = str | bool | None

# Full-width digits and signs come from Chinese input methods.
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋", "0123456789.,-+")
_NUMBER = re.compile(r"[+-]?\d{1,16}(\.\d+)?")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_YES = {"yes": True, "true": True, "1": True, "on": True, "no": False, "false": False, "0": False}


def read_scalar(question: Asked, raw: Any) -> Scalar:
    """The value that ``raw`` (text of a form, or JSON) stands for; ValidationError when it cannot."""
    if raw is None or raw == "":
        return None
    reader = {
        Question.Kind.TEXT: _read_line if isinstance(question, Column) else _read_text,
        Question.Kind.NUMBER: _read_number,
        Question.Kind.MONEY: _read_number,
        Question.Kind.CHOICE: _read_choice,
        Question.Kind.DATE: _read_date,
        Question.Kind.YES_NO: _read_yes_no,
    }[Question.Kind(question.kind)]
    return reader(question, raw)


def _text(raw: Any, max_length: int) -> str:
    if not isinstance(raw, str):
        raise ValidationError(_("Give a text."), code="not_a_text")
    return clean_line(raw, max_length=max_length)


def _read_text(question: Asked, raw: Any) -> Scalar:
    if not isinstance(raw, str):
        raise ValidationError(_("Give a text."), code="not_a_text")
    return clean_prose(raw, max_length=question.max_length).strip() or None


def _read_line(column: Asked, raw: Any) -> Scalar:
    return _text(raw, column.max_length) or None


def _read_number(question: Asked, raw: Any) -> Scalar:
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | Decimal):
        raise ValidationError(
            _("Give a number, digits only, for example 12000."), code="not_a_number"
        )
    typed = _text(str(raw), 200).translate(_FULL_WIDTH).replace(",", "").replace(" ", "")
    if not typed:
        return None
    if not _NUMBER.fullmatch(typed):
        raise ValidationError(
            _("Give a number, digits only, for example 12000."), code="not_a_number"
        )
    try:
        number = Decimal(typed)
    except InvalidOperation as error:  # pragma: no cover - the pattern lets only numbers through
        raise ValidationError(_("Give a number."), code="not_a_number") from error
    if number != round(number, question.decimals):
        raise ValidationError(
            _("Give at most %(count)s decimal places.")
            if question.decimals
            else _("Give a whole number."),
            code="too_many_decimals",
            params={"count": question.decimals},
        )
    if question.minimum is not None and number < question.minimum:
        raise ValidationError(
            _("The number cannot be less than %(limit)s."),
            code="too_small",
            params={"limit": plain(question.minimum)},
        )
    if question.maximum is not None and number > question.maximum:
        raise ValidationError(
            _("The number cannot be more than %(limit)s."),
            code="too_large",
            params={"limit": plain(question.maximum)},
        )
    return plain(number)


def _read_choice(question: Asked, raw: Any) -> Scalar:
    if raw not in [option["code"] for option in question.options]:
        raise ValidationError(_("Choose one of the options."), code="not_an_option")
    return raw


def _read_date(question: Asked, raw: Any) -> Scalar:
    typed = _text(raw, 40).strip().translate(_FULL_WIDTH)
    if not typed:
        return None
    found = _DATE.fullmatch(typed)
    try:
        day = dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        day = None
    if day is None:
        raise ValidationError(_("Give a date such as 2026-09-14."), code="not_a_date")
    if not EARLIEST <= day <= LATEST:
        raise ValidationError(
            _("Give a date between %(first)s and %(last)s."),
            code="date_out_of_range",
            params={"first": EARLIEST.isoformat(), "last": LATEST.isoformat()},
        )
    return day.isoformat()


def _read_yes_no(question: Asked, raw: Any) -> Scalar:
    if isinstance(raw, bool):
        return raw
    value = _YES.get(raw.strip().lower()) if isinstance(raw, str) else None
    if value is None:
        raise ValidationError(_("Answer yes or no."), code="not_yes_or_no")
    return value


def plain(number: Decimal) -> str:
    """A decimal without exponent or trailing zeros."""
    text = format(number, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def grouped(number: str, decimals: int | None = None) -> str:
    """A stored number for a reader: thousands apart, ``decimals`` places at least where given."""
    whole, _dot, places = number.partition(".")
    places = places.ljust(decimals or 0, "0")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}" + (f".{places}" if places else "")


def show_scalar(question: Mapping[str, Any], value: Scalar) -> str:
    """A stored value in the reader's language; ``question`` as :func:`queries.content` gives it."""
    if value is None:
        return ""
    kind = question["kind"]
    if kind == Question.Kind.YES_NO:
        return _("Yes") if value else _("No")
    if kind == Question.Kind.CHOICE:
        return label_of(question["options"], str(value))
    if kind == Question.Kind.DATE:
        return date_format(dt.date.fromisoformat(str(value)), "DATE_FORMAT")
    if kind == Question.Kind.NUMBER:
        return grouped(str(value))
    if kind == Question.Kind.MONEY:
        return grouped(str(value), question.get("decimals"))
    return str(value)


def label_of(options: list[dict[str, str]], code: str) -> str:
    """The wording of an option; its code where there is none any more."""
    chinese = (get_language() or "zh-hans").startswith("zh")
    for option in options:
        if option["code"] == code:
            return option["zh"] if chinese else option.get("en") or option["zh"]
    return code


def scalar_as_typed(question: Asked, value: Any) -> str:
    """A stored value as a field holds it."""
    if value is None:
        return ""
    if question.kind == Question.Kind.YES_NO:
        return "yes" if value else "no"
    return str(value)

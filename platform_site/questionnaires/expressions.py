"""Sums of numbers and questions, such as ``2 * cities + counties - 5``: read, reckoned, put in words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from platform_site.text.clean import clean_line

_CODE = r"[A-Za-z_][A-Za-z0-9_]{0,59}"
#: What a sum can name: questions, by codes without a hyphen, which would be a minus; and the totals of a
#: table, as ``table.column``.
NAME = rf"{_CODE}(?:\.{_CODE})?"
_NUMBER = r"\d{1,12}(?:\.\d{1,4})?"
_TERM = re.compile(
    rf"(?P<sign>[+-])(?:(?P<factor>{_NUMBER})\*(?P<of>{NAME})"
    rf"|(?P<name>{NAME})(?:\*(?P<times>{_NUMBER}))?|(?P<number>{_NUMBER}))(?=[+-]|\Z)"
)
# What Chinese input methods write instead.
_USUAL = str.maketrans("０１２３４５６７８９．＋－−×＊", "0123456789.+--**")
_SIDE_BY_SIDE = re.compile(r"[\w.]\s+[\w.]")
MOST_TERMS = 40


@dataclass(frozen=True)
class Sum:
    """``terms``: factor by code of the question, in the order written; and a number."""

    terms: Mapping[str, Decimal]
    constant: Decimal

    def of(self, values: Mapping[str, Decimal]) -> Decimal:
        """Its value; a question without a value counts as nothing."""
        found = (factor * values[code] for code, factor in self.terms.items() if code in values)
        return sum(found, self.constant)

    def minus(self, other: Sum) -> Sum:
        terms = dict(self.terms)
        for code, factor in other.terms.items():
            terms[code] = terms.get(code, Decimal(0)) - factor
        return Sum(
            {code: factor for code, factor in terms.items() if factor},
            self.constant - other.constant,
        )


def parse(text: str) -> Sum:
    """ValidationError, in words, where it is no such sum."""
    typed = clean_line(text, max_length=500).translate(_USUAL)
    # Two words side by side are no longer name.
    written = "?" if _SIDE_BY_SIDE.search(typed) else "".join(typed.split())
    if not written:
        raise ValidationError(_("Write a number, or a sum of questions."), code="required")
    terms: dict[str, Decimal] = {}
    constant = Decimal(0)
    place = count = 0
    signed = written if written[0] in "+-" else f"+{written}"
    while place < len(signed):
        found = _TERM.match(signed, place)
        count += 1
        if found is None or count > MOST_TERMS:
            raise ValidationError(
                _("Write it as codes of questions and numbers with + and -, such as a + b - 5."),
                code="unreadable",
            )
        place = found.end()
        sign = Decimal(-1 if found["sign"] == "-" else 1)
        code = found["of"] or found["name"]
        if code is None:
            constant += sign * Decimal(found["number"])
        else:
            factor = Decimal(found["factor"] or found["times"] or 1)
            terms[code] = terms.get(code, Decimal(0)) + sign * factor
    return Sum(terms, constant)


def tidy(text: str) -> str:
    """The sum as it is kept: one space around every sign."""
    return " ".join(_pieces(text))


def in_words(text: str, labels: Mapping[str, str]) -> str:
    """The sum with the wording of its questions instead of their codes."""
    return " ".join(
        f"“{labels[piece]}”" if piece in labels else piece.replace("*", "×")
        for piece in _pieces(text)
    )


def _pieces(text: str) -> Iterator[str]:
    written = "".join(text.translate(_USUAL).split())
    return (found.group() for found in re.finditer(rf"{NAME}|{_NUMBER}|.", written))

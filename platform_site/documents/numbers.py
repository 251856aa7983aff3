"""发文字号, ``机关代字〔年〕序号号`` (GB/T 9704-2012, 7.2.5): reading, writing and order. Plain values only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

WORD_LENGTH = 20
LARGEST_NO = 999_999

# What people type for the hexagonal brackets (U+3014, U+3015), and full-width digits.
_FOLDED = str.maketrans(
    dict.fromkeys("[(（【﹝［", "〔")
    | dict.fromkeys("])）】﹞］", "〕")
    | {chr(0xFF10 + digit): str(digit) for digit in range(10)}
)
_TYPED = re.compile(r"(?P<word>[一-鿿]+)〔(?P<year>\d{4})〕第?(?P<no>\d{1,6})号?")
_WORD = re.compile(r"[一-鿿]+")


class NotANumber(ValueError):
    """What was typed cannot be read as a document number."""


@dataclass(frozen=True)
class Number:
    """总工办发〔2026〕12号: year in four digits, the serial without leading zero and without 第."""

    word: str
    year: int
    no: int

    def __str__(self) -> str:
        return f"{self.word}〔{self.year}〕{self.no}号"

    @property
    def sort_key(self) -> tuple[int, str, int]:
        """By year, then by word, then by the serial as a number: 9 stands before 12."""
        return self.year, self.word, self.no

    @classmethod
    def of(cls, word: str | None, year: int | None, no: int | None) -> Self | None:
        """From its three columns, which are empty together."""
        return None if word is None or year is None or no is None else cls(word, year, no)

    @classmethod
    def read(cls, typed: str) -> Self | None:
        """``总工办发[2026]12`` and all usual brackets; None for nothing, :class:`NotANumber` else."""
        folded = fold(typed)
        if not folded:
            return None
        found = _TYPED.fullmatch(folded)
        if found is None or not int(found["no"]):
            raise NotANumber(typed)
        return cls(found["word"], int(found["year"]), int(found["no"]))


def number_text(word: str | None, year: int | None, no: int | None) -> str:
    """The number of these columns as it is written, or nothing."""
    return str(Number.of(word, year, no) or "")


def fold(typed: str) -> str:
    """Without blanks, any usual bracket as 〔〕, full-width digits as plain ones."""
    return "".join(typed.split()).translate(_FOLDED)


def is_word(text: str) -> bool:
    """May ``text`` stand before the bracket: Chinese characters alone, not too many?"""
    return bool(_WORD.fullmatch(text)) and len(text) <= WORD_LENGTH

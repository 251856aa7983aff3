"""Where lines may break: titles without cutting a word, and words that no line could hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

WORDS = Path(__file__).parent / "data" / "words.txt"
#: 2号 (22 pt) across the 156 mm of the type area.
TITLE_CHARACTERS = 20
LONGEST = 16

# A line never begins with one of these, nor ends with one of those.
_NOT_FIRST = set("，。、；：？！）》〉”’】〕…·—的和与及等")
_NOT_LAST = set("（《〈“‘【〔")
#: Longer runs without a place to break are given some.
RUN = 24
_RUN = re.compile(rf"[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]{{{RUN},}}")
ZERO_WIDTH_SPACE = "\u200b"


# What XML 1.0 cannot hold, and marks that would turn the order of the text around unseen.
_UNPRINTABLE = re.compile(
    "[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]|[\\u202a-\\u202e\\u2066-\\u2069]"
)


def printable(text: str) -> str:
    return _UNPRINTABLE.sub("", text)


def breakable(text: str) -> str:
    """``text`` with invisible places to break in runs (addresses, long codes) that fit no line."""
    return _RUN.sub(
        lambda found: ZERO_WIDTH_SPACE.join(
            found[0][start : start + 8] for start in range(0, len(found[0]), 8)
        ),
        text,
    )


@lru_cache(maxsize=1)
def _shipped_words() -> frozenset[str]:
    return frozenset(WORDS.read_text(encoding="utf-8").split())


def split_words(text: str, names: Iterable[str] = ()) -> list[str]:
    """Longest match against the shipped words and ``names``; what neither knows stays by twos."""
    known = _shipped_words() | {name for name in names if len(name) > 1}
    longest = max(LONGEST, *(len(name) for name in known))
    words: list[str] = []
    place, unknown = 0, ""

    def give_unknown() -> None:
        nonlocal unknown
        words.extend(unknown[start : start + 2] for start in range(0, len(unknown), 2))
        unknown = ""

    while place < len(text):
        latin = re.match(r"[A-Za-z0-9.%]+", text[place:])
        found = latin[0] if latin else ""
        for length in range(min(longest, len(text) - place), 0 if found else 1, -1):
            if len(found) >= length:
                break
            if text[place : place + length] in known:
                found = text[place : place + length]
                break
        if found:
            give_unknown()
            words.append(found)
            place += len(found)
        else:
            unknown += text[place]
            place += 1
    give_unknown()
    return words


def _width(text: str) -> float:
    return sum(0.5 if character.isascii() else 1.0 for character in text)


def break_title(
    title: str, names: Iterable[str] = (), longest: int = TITLE_CHARACTERS
) -> list[str]:
    """The lines of a title: whole words, in the shape of a trapezoid or a diamond (7.3.1).

    As few lines as fit; among these the break with the most even lines wins, and one that gives an
    hourglass (a short line between longer ones) or leaves a single word alone loses.
    """
    title = title.strip()
    if _width(title) <= longest:
        return [title]
    units: list[str] = []
    for word in split_words(title, names):
        joins = units and (word[0] in _NOT_FIRST or units[-1][-1] in _NOT_LAST)
        if joins and _width(units[-1] + word) <= longest:
            units[-1] += word
        else:
            units.extend(_pieces(word, longest))
    widths = [_width(unit) for unit in units]
    least = max(2, -int(-sum(widths) // longest))
    for lines in range(least, len(units) + 1):
        best = _best(widths, lines, longest)
        if best is not None:
            return [
                "".join(units[start:stop])
                for start, stop in zip((0, *best), (*best, len(units)), strict=True)
            ]
    return units


def _pieces(word: str, longest: int) -> list[str]:
    """A single word that no line holds, cut."""
    if _width(word) <= longest:
        return [word]
    return [word[start : start + longest] for start in range(0, len(word), longest)]


def _best(widths: list[float], lines: int, longest: int) -> tuple[int, ...] | None:
    """The places to break into ``lines`` lines, by the shape's cost; None when they do not fit.

    ``table[n]`` holds, for each place reached with n lines, the cheapest ways there, one for each
    slope of the last step, since the shape is judged by whether it turns.
    """
    even = sum(widths) / lines
    sums = [0.0]
    for width in widths:
        sums.append(sums[-1] + width)
    # state: (place, width of the last line, has it shrunk yet) -> (cost, breaks)
    states: dict[tuple[int, float, bool], tuple[float, tuple[int, ...]]] = {
        (0, 0.0, False): (0.0, ())
    }
    for line in range(lines):
        reached: dict[tuple[int, float, bool], tuple[float, tuple[int, ...]]] = {}
        for (place, before, shrunk), (cost, breaks) in states.items():
            for stop in range(place + 1, len(widths) + 1):
                width = sums[stop] - sums[place]
                if width > longest:
                    break
                if (stop == len(widths)) != (line == lines - 1):
                    continue
                step = (width - even) ** 2
                if line and shrunk and width > before:
                    step += 60  # an hourglass
                if line and abs(width - before) < 0.1:
                    step += 2  # lines of one length are a box, neither trapezoid nor diamond
                key = (stop, width, shrunk or bool(line and width < before))
                told = (cost + step, breaks if line == 0 else (*breaks, place))
                if key not in reached or told < reached[key]:
                    reached[key] = told
        states = reached
    return min(states.values())[1] if states else None

"""What changed between two texts, in pieces that a page can show side by side."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

Segment = tuple[str, str]

#: Above this length paragraphs are compared whole: character by character would take seconds.
_FINE_LIMIT = 2000
_PIECE = re.compile(r"[A-Za-z0-9.]+|\s+|.", re.DOTALL)


def segments(old: str, new: str) -> tuple[list[Segment], list[Segment]]:
    """``(old side, new side)``: pieces of kind "same", "del" (old side) or "ins" (new side)."""
    if old == new:
        same = [("same", old)] if old else []
        return same, list(same)
    left: list[Segment] = []
    right: list[Segment] = []
    old_lines, new_lines = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for kind, a, b, c, d in SequenceMatcher(None, old_lines, new_lines, False).get_opcodes():
        before, after = "".join(old_lines[a:b]), "".join(new_lines[c:d])
        if kind == "equal":
            _add(left, "same", before)
            _add(right, "same", after)
        elif kind == "replace" and max(len(before), len(after)) <= _FINE_LIMIT:
            _compare_finely(before, after, left, right)
        else:
            _add(left, "del", before)
            _add(right, "ins", after)
    return left, right


def _compare_finely(before: str, after: str, left: list[Segment], right: list[Segment]) -> None:
    """Character by character in Chinese, word by word and number by number in Latin script."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    for kind, a, b, c, d in SequenceMatcher(None, old, new, False).get_opcodes():
        _add(left, "same" if kind == "equal" else "del", "".join(old[a:b]))
        _add(right, "same" if kind == "equal" else "ins", "".join(new[c:d]))


def _add(side: list[Segment], kind: str, text: str) -> None:
    if not text:
        return
    if side and side[-1][0] == kind:
        side[-1] = (kind, side[-1][1] + text)
    else:
        side.append((kind, text))

"""What differs between Chinese and English text beyond the words themselves."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language


def in_chinese() -> bool:
    """Whether the language in force is Chinese, which is also what holds where none is."""
    return (get_language() or "zh-hans").startswith("zh")


def listed(names: Iterable[object]) -> str:
    """Several things in a row, with the comma of the language in force."""
    return ("、" if in_chinese() else ", ").join(str(name) for name in names)

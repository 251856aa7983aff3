"""What a form is filled in for. The rooms above enter theirs; a form is offered where it fits."""

from __future__ import annotations

from django.utils.functional import Promise

_labels: dict[str, str | Promise] = {}


def register(code: str, label: str | Promise) -> None:
    _labels[code] = label


def label(code: str) -> str:
    return str(_labels.get(code, code))


def choices() -> list[tuple[str, str]]:
    return [(code, str(text)) for code, text in _labels.items()]


def is_known(code: str) -> bool:
    return code in _labels

"""What the codes of acts are called. Apps register theirs where they declare their steps::

actions.register("reports.return", _("Returned the report"))
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_labels: dict[str, str | Promise] = {}


def register(action: str, label: str | Promise) -> None:
    _labels[action] = label


def label(action: str) -> str:
    """The act in the reader's language; the bare code where nobody registered a name."""
    return str(_labels.get(action, action))


def choices() -> list[tuple[str, str]]:
    """(code, label) of every registered act, by code: for the filter of the auditor's page."""
    return [(code, str(text)) for code, text in sorted(_labels.items())]


register("list.taken_out", _("Took a whole list out through the API"))
register("request.refused", _("Was refused a page or object"))

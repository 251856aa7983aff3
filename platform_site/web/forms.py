"""What a service refused, shown beside the fields of a form with what was typed kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platform_site.problems import Refused


class ChosenFileField(forms.FileField):
    """One file that is read at once; ``accept``: the endings that the browser offers."""

    def __init__(self, *, accept: str, **kwargs: Any) -> None:
        super().__init__(
            widget=forms.FileInput(attrs={"accept": accept}),
            error_messages={
                "required": _("Choose a file first."),
                "empty": _("The file is empty. Check it on your computer and try again."),
            },
            **kwargs,
        )


def problems_to_form(
    form: forms.BaseForm, refused: Refused, names: Mapping[str, str] | None = None
) -> None:
    """Put each :class:`FieldProblem` beside its field; what names none (or a hidden one) stands above it.

    The first part of a pointer (``/due_on``, ``/recipients/3``) is the field; ``names`` maps those
    that are called otherwise in the form.
    """
    for problem in refused.fields:
        pointed = problem.pointer.strip("/").partition("/")[0]
        name = (names or {}).get(pointed, pointed)
        shown = name in form.fields and not form.fields[name].widget.is_hidden
        form.add_error(name if shown else None, str(problem.message))
    if not refused.fields:
        form.add_error(None, str(refused.message))

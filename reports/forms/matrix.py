"""What the national view is narrowed to, and the day it is looked at."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platform_site.casework.queries import today
from platform_site.problems import Invalid
from platform_site.web.widgets import DayInput

from ..models import Asks, BusinessLine
from ..queries import EARLIEST, Group, Standing, Wanted, check_day
from ..workflow import NoticeState

#: The first year of the notices of history.
FIRST_YEAR = 2016
#: The last year that can be asked for: further ahead nobody sets a due date.
LAST_YEAR = 2099
#: States of a notice that was issued.
STATES = [
    (state.value, state.label)
    for state in (NoticeState.ISSUED, NoticeState.CLOSED, NoticeState.WITHDRAWN)
]


class AsOfForm(forms.Form):
    """The end of which day is looked at; empty for now."""

    as_of = forms.DateField(
        label=_("As of the end of"),
        required=False,
        widget=DayInput(attrs={"min": EARLIEST.isoformat()}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["as_of"].widget.attrs["max"] = today().isoformat()

    def clean_as_of(self) -> dt.date | None:
        day = self.cleaned_data["as_of"]
        if day is None:
            return None
        try:
            return check_day(day)
        except Invalid as refused:
            raise forms.ValidationError(str(refused.message), code="out_of_range") from None


class MatrixForm(AsOfForm):
    """``followed`` is off for readers of one federation, who have no groups to choose from."""

    business_line = forms.ChoiceField(
        label=_("Business line"),
        choices=[("", _("All lines")), *BusinessLine.choices],
        required=False,
    )
    asks = forms.ChoiceField(
        label=_("What is asked for"), choices=[("", _("Anything")), *Asks.choices], required=False
    )
    year = forms.TypedChoiceField(
        label=_("Year of the due date"), coerce=int, empty_value=None, required=False
    )
    quarter = forms.TypedChoiceField(
        label=_("Quarter"),
        choices=[
            ("", _("Whole year")),
            (1, _("First quarter")),
            (2, _("Second quarter")),
            (3, _("Third quarter")),
            (4, _("Fourth quarter")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
    )
    state = forms.ChoiceField(
        label=_("State of the notice"), choices=[("", _("All states")), *STATES], required=False
    )
    standing = forms.ChoiceField(
        label=_("Standing"),
        choices=[("", _("Any standing")), *Standing.choices, ("late", _("late"))],
        required=False,
    )
    group = forms.ChoiceField(
        label=_("Federations"),
        choices=[("", _("All federations")), *Group.choices],
        required=False,
    )

    field_order = ["business_line", "asks", "year", "quarter", "state", "standing", "group"]

    def __init__(self, *args: Any, followed: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        years = range(today().year + 1, FIRST_YEAR - 1, -1)
        self.fields["year"].choices = [  # type: ignore[attr-defined]
            ("", _("All years")),
            *[(year, str(year)) for year in years],
        ]
        if not followed:
            del self.fields["group"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("quarter") and not data.get("year") and "year" not in self.errors:
            missing = _("Choose the year of the quarter as well.")
            self.add_error("year", forms.ValidationError(missing, code="year_missing"))
        return data

    def wanted(self) -> Wanted:
        return Wanted(**self.cleaned_data)

"""Forms of the rounds of a notice: how often it asks and by which dates, one more round, another date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platform_site.casework.queries import today
from platform_site.casework.workdays import EARLIEST, LATEST
from platform_site.obligations.periods import REGULAR, Frequency, Period, parse, period_of
from platform_site.obligations.schedules import MOST_DAYS, DateRule, DueUnit, Plan
from platform_site.text.fields import ProseFormField
from platform_site.web.widgets import DayInput

#: Periods that are offered: so many before the present one, and so many in all.
_OFFERED = {
    Frequency.MONTHLY: (3, 40),
    Frequency.QUARTERLY: (2, 18),
    Frequency.HALF_YEARLY: (1, 10),
    Frequency.YEARLY: (1, 7),
}
#: The fields of a form that the service names otherwise: below ``/schedule/``.
FIELDS = (
    "frequency", "first_period", "last_period", "opens_after", "due_after", "due_unit",
    "on_time_after", "locks_after",
)  # fmt: skip


def period_choices(*kept: str) -> list[Any]:
    """The periods to choose from, group by group; what is kept already is always among them."""
    groups: list[Any] = []
    for frequency in REGULAR:
        before, many = _OFFERED[Frequency(frequency)]
        first = period_of(frequency, today())
        for _place in range(before):
            first = first.previous()
        offered = list(islice(_from(first), many))
        for code in kept:
            if code and parse(code).frequency == frequency and parse(code) not in offered:
                offered.append(parse(code))
        offered.sort(key=lambda period: period.start)
        groups.append((Frequency(frequency).label, [(each.code, each.label) for each in offered]))
    return groups


def _from(period: Period) -> Iterator[Period]:
    while True:
        yield period
        period = period.next()


class DayField(forms.DateField):
    """A day the platform reckons with."""

    def __init__(self, **kwargs: Any) -> None:
        messages = {
            "required": _("Give the date."),
            "invalid": _("Give a date such as 2026-11-22."),
        }
        super().__init__(widget=DayInput, error_messages=messages, **kwargs)

    def clean(self, value: Any) -> dt.date | None:
        day = super().clean(value)
        if day is not None and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError(
                _("Look at the year again: a date between %(first)s and %(last)s is possible."),
                params={"first": EARLIEST.isoformat(), "last": LATEST.isoformat()},
                code="date_out_of_range",
            )
        return day


def _days(label: Any, least: int, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=MOST_DAYS,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "number"}
        ),
        error_messages={
            "invalid": _("Give a whole number of days."),
            "min_value": _("Give at least %(limit_value)s days."),
            "max_value": _("Give at most %(limit_value)s days."),
        },
        required=False,
        **kwargs,
    )


class ScheduleFields(forms.Form):
    """How often a notice asks: part of the form of a notice, and alone that of its preview."""

    frequency = forms.ChoiceField(
        label=_("How often it asks"),
        choices=Frequency.choices,
        initial=Frequency.ONCE,
        required=False,
        widget=forms.RadioSelect,
    )
    first_period = forms.ChoiceField(label=_("First period"), required=False)
    last_period = forms.ChoiceField(
        label=_("Last period"),
        required=False,
        help_text=_("Left open: a round for every period until the notice is closed."),
    )
    opens_after = _days(
        _("Opens"), 1, initial=1, help_text=_("working days after the end of the period")
    )
    due_after = _days(_("Due"), 1, initial=10, help_text=_("days after the end of the period"))
    due_unit = forms.ChoiceField(
        label=_("The term is counted in"),
        choices=DueUnit.choices,
        initial=DueUnit.WORKING,
        required=False,
        help_text=_("Calendar days that end on a rest day end on the next working day."),
    )
    on_time_after = _days(
        _("Counts as on time for"), 0, initial=0, help_text=_("working days after the due date")
    )
    locks_after = _days(
        _("Closes"),
        0,
        help_text=_(
            "working days after that; left empty: it stays open until the notice is closed"
        ),
    )

    def offer_periods(self, *kept: str) -> None:
        choices = period_choices(*kept)
        self.fields["first_period"].choices = [("", _("Choose")), *choices]
        self.fields["last_period"].choices = [("", _("Until the notice is closed")), *choices]

    def plan(self) -> Plan | None:
        """What was chosen; None where it asks once. Left-out days are those of the rule's default."""
        given = self.cleaned_data
        frequency = given.get("frequency") or Frequency.ONCE
        if frequency == Frequency.ONCE:
            return None
        usual = DateRule()
        days = {
            name: usual_days if given.get(name) is None else given[name]
            for name, usual_days in (
                ("opens_after", usual.opens_after),
                ("due_after", usual.due_after),
                ("on_time_after", usual.on_time_after),
            )
        }
        rule = DateRule(
            **days, due_unit=given.get("due_unit") or usual.due_unit,
            locks_after=given.get("locks_after"),
        )  # fmt: skip
        if frequency == Frequency.IRREGULAR:
            return Plan(frequency, rule=rule)
        return Plan(
            frequency, given.get("first_period") or "", given.get("last_period") or "", rule
        )


def typed_of(plan: Plan | None) -> dict[str, Any]:
    """The plan as the form would hold it."""
    if plan is None:
        return {"frequency": Frequency.ONCE}
    return {
        "frequency": plan.frequency,
        "first_period": plan.first,
        "last_period": plan.last,
        "opens_after": plan.rule.opens_after,
        "due_after": plan.rule.due_after,
        "due_unit": plan.rule.due_unit,
        "on_time_after": plan.rule.on_time_after,
        "locks_after": plan.rule.locks_after,
    }


class PreviewForm(ScheduleFields):
    """The fields alone: what is typed is read for the preview of the dates."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer_periods()
        # Any period may have been kept before; the plan itself is judged, not the list.
        for name in ("first_period", "last_period"):
            self.fields[name] = forms.CharField(required=False, max_length=20)


class _RoundForm(forms.Form):
    version = forms.IntegerField(widget=forms.HiddenInput)
    due_on = DayField(label=_("Due date"))
    on_time_until = DayField(
        label=_("Counts as on time until"), required=False, help_text=_("Left empty: the due date.")
    )
    locks_on = DayField(
        label=_("Closing day"),
        required=False,
        help_text=_("After it nothing can be submitted. Left empty: until the notice is closed."),
    )


class OpenRoundForm(_RoundForm):
    """再开一轮: the day that names the round, and its dates."""

    period = DayField(
        label=_("Day of the round"),
        help_text=_("It names the round, such as the day up to which figures are asked for."),
    )
    field_order = ("version", "period")

    def clean_period(self) -> str:
        return self.cleaned_data["period"].isoformat()


class MoveRoundForm(_RoundForm):
    """Another due date for one round ahead, and why."""

    reason = ProseFormField(
        label=_("Reason"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Give the reason.")},
        help_text=_("It is kept in the history and shown beside the date."),
    )
    field_order = ("version", "due_on", "on_time_until", "locks_on", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["locks_on"].help_text = _("Left empty: as planned.")

"""What tables of figures are asked by, and how targets are typed or pasted."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from platform_site.casework.queries import today
from platform_site.federations.models import Federation
from platform_site.obligations import periods
from platform_site.obligations.periods import REGULAR, Frequency, Period
from platform_site.questionnaires.models import Indicator
from platform_site.questionnaires.targets import FIRST_YEAR, LAST_YEAR
from platform_site.text.fields import LineFormField, ProseFormField

from ..queries.figures import (
    Among,
    Axis,
    Choice,
    federations_among,
    groups_for,
    indicators_with_figures,
)

#: Periods and indicators of one table at the most: more than that nobody reads.
MOST_PERIODS, MOST_INDICATORS = 60, 100
#: The value of ``period`` that stands for all periods shown.
ALL = "all"
UNITS = [
    (Frequency.MONTHLY.value, gettext_lazy("month")),
    (Frequency.QUARTERLY.value, gettext_lazy("quarter")),
    (Frequency.HALF_YEARLY.value, gettext_lazy("half year")),
    (Frequency.YEARLY.value, gettext_lazy("year")),
]
#: The parameters of a table, in the order of its form.
PARAMETERS = (
    *("indicator", "group", "unit", "since", "until", "rows", "columns"),
    *("period", "federation"),
)


def years() -> list[tuple[int, str]]:
    """The newest first; figures can be for next year already."""
    return [(year, str(year)) for year in range(today().year + 1, FIRST_YEAR - 1, -1)]


class FiguresForm(forms.Form):
    """What a table, a trend or a ranking shows. What is left out is chosen by the platform.

    ``strict`` (REST): a period or federation that is not among those shown is refused; a page takes
    the usual one instead, since it may be left over from another choice.
    """

    use_required_attribute = False

    indicator = forms.MultipleChoiceField(
        label=gettext_lazy("Indicators"), required=False, widget=forms.CheckboxSelectMultiple
    )
    group = forms.ChoiceField(label=gettext_lazy("Federations"), required=False)
    unit = forms.ChoiceField(label=gettext_lazy("By the"), required=False)
    since = forms.TypedChoiceField(label=gettext_lazy("From year"), coerce=int, required=False)
    until = forms.TypedChoiceField(label=gettext_lazy("To year"), coerce=int, required=False)
    rows = forms.ChoiceField(label=gettext_lazy("Lines"), choices=Axis.choices, required=False)
    columns = forms.ChoiceField(label=gettext_lazy("Columns"), choices=Axis.choices, required=False)
    period = LineFormField(label=gettext_lazy("Period"), max_length=20, required=False)
    federation = LineFormField(label=gettext_lazy("One federation"), max_length=16, required=False)

    def __init__(self, given: Mapping[str, Any], *, user: Any, strict: bool = False) -> None:
        self.user, self.strict = user, strict
        self.among: list[Federation] = []
        self.catalogue = list(Indicator.objects.visible_to(user).order_by("pk"))
        groups = groups_for(user)
        last = today().year
        data = QueryDict(mutable=True)
        for name in PARAMETERS:
            values = given.getlist(name) if isinstance(given, QueryDict) else given.get(name)
            values = values if isinstance(values, list) else [] if values is None else [values]
            if kept := [each for each in values if each != ""]:
                data.setlist(name, kept)
        usual = {
            "group": groups[0],
            "unit": Frequency.QUARTERLY,
            "since": str(last - 1),
            "until": str(max(last, _year(data.get("since")) or last)),
            "rows": Axis.FEDERATION,
        }
        for name, value in usual.items():
            if name not in data:
                data[name] = str(value)
        if not data.getlist("indicator"):
            group = data["group"] if data["group"] in groups else groups[0]
            self.among = federations_among(user, group)
            data.setlist("indicator", indicators_with_figures(user, self.among))
        if "columns" not in data:
            data["columns"] = self._other(data["rows"], many=len(data.getlist("indicator")) > 1)
        super().__init__(data)
        self._choices(groups)

    def _choices(self, groups: list[Among]) -> None:
        fields: Any = self.fields
        fields["indicator"].choices = [(each.code, str(each)) for each in self.catalogue]
        fields["group"].choices = [(each.value, each.label) for each in groups]
        fields["unit"].choices = UNITS
        fields["since"].choices = fields["until"].choices = years()

    def clean_period(self) -> Period | str | None:
        code = self.cleaned_data["period"]
        if not code or code == ALL:
            return code or None
        try:
            return periods.parse(code)
        except ValueError:
            if not self.strict:
                return None
            message = _("A period is written as 2026-09, 2026-Q3, 2026-H2 or 2026.")
            raise forms.ValidationError(message, code="invalid") from None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if len(data.get("indicator", ())) > MOST_INDICATORS:
            self._refuse("indicator", "too_many", _("Choose fewer indicators."))
        since, until = data.get("since"), data.get("until")
        if since and until and since > until:
            self._refuse("until", "out_of_order", _("The last year lies before the first."))
        elif since and until and (unit := data.get("unit")):
            first = periods.period_of(unit, dt.date(since, 1, 1))
            last = periods.period_of(unit, dt.date(until, 12, 31))
            # What lies ahead has no figures, unless that is all that was asked for.
            now = periods.period_of(unit, today())
            data["first"], data["last"] = first, min(last, now, key=lambda each: each.start)
            if data["last"].start < first.start:
                data["last"] = last
            if len(list(periods.from_to(first, data["last"]))) > MOST_PERIODS:
                message = _("These are more than %(most)s periods: choose fewer years.")
                self._refuse("since", "too_many", message % {"most": MOST_PERIODS})
        rows = data.get("rows")
        if rows and rows == data.get("columns"):
            message = _("Lines and columns cannot be the same.")
            self._refuse("columns", "same_axis", message)
        if not self.errors:
            self._hold(data)
        return data

    def _refuse(self, name: str, code: str, message: str) -> None:
        self.add_error(name, forms.ValidationError(message, code=code))

    @staticmethod
    def _other(rows: str | None, *, many: bool) -> str:
        if rows != Axis.FEDERATION:
            return Axis.PERIOD if rows == Axis.INDICATOR else Axis.FEDERATION
        return Axis.INDICATOR if many else Axis.PERIOD

    def _hold(self, data: dict[str, Any]) -> None:
        """The period and the federation that are chosen, among those shown."""
        shown = {each.code: each for each in periods.from_to(data["first"], data["last"])}
        period = data["period"]
        if isinstance(period, Period) and period.code not in shown:
            if self.strict:
                message = _("This period is not among those asked for.")
                self._refuse("period", "not_shown", message)
            data["period"] = None
        self.shown = list(shown.values())
        self.among = self.among or federations_among(self.user, data["group"])
        one = {each.code: each for each in self.among}.get(data["federation"])
        if data["federation"] and one is None and self.strict:
            message = _("This federation is not among those asked for.")
            self._refuse("federation", "not_shown", message)
        data["one"] = one

    def offer(self) -> None:
        """Offer the periods and federations that are shown as choices, once it is known which."""
        if not self.is_valid():
            return
        fields: Any = self.fields
        fields["period"].widget = forms.Select(
            choices=[
                ("", _("the newest with figures")),
                (ALL, _("all periods together")),
                *((each.code, each.label) for each in reversed(self.shown)),
            ]
        )
        fields["federation"].widget = forms.Select(
            choices=[("", _("all together")), *((each.code, each.name) for each in self.among)]
        )

    def choice(self) -> Choice | None:
        """What was chosen; None where there is no indicator to show."""
        data = self.cleaned_data
        by_code: dict[str, Indicator] = {each.code: each for each in self.catalogue}
        chosen = [by_code[code] for code in data["indicator"]]
        if not chosen:
            return None
        period = data["period"]
        return Choice(
            indicators=chosen,
            group=data["group"],
            among=self.among,
            unit=Frequency(data["unit"]),
            first=data["first"],
            last=data["last"],
            rows=Axis(data["rows"]),
            columns=Axis(data["columns"]),
            federation=data["one"],
            period=period if isinstance(period, Period) else None,
            over_all=period == ALL,
        )


def _year(text: Any) -> int | None:
    return int(text) if isinstance(text, str) and re.fullmatch(r"\d{4}", text) else None


class SourcesForm(forms.Form):
    """Which number is traced: an indicator, the federations (one, or a group), days from and to."""

    indicator = forms.ChoiceField(label=gettext_lazy("Indicator"))
    group = forms.ChoiceField(label=gettext_lazy("Federations"), required=False)
    federation = LineFormField(label=gettext_lazy("One federation"), max_length=16, required=False)
    since = LineFormField(label=gettext_lazy("From period"), max_length=20)
    until = LineFormField(label=gettext_lazy("To period"), max_length=20, required=False)

    def __init__(self, given: Mapping[str, Any], *, user: Any) -> None:
        super().__init__(given)
        self.user = user
        self.catalogue = {each.code: each for each in Indicator.objects.visible_to(user)}
        fields: Any = self.fields
        fields["indicator"].choices = [(code, code) for code in self.catalogue]
        fields["group"].choices = [("", ""), *((each.value, each) for each in groups_for(user))]

    def _period(self, name: str) -> Period | None:
        code = self.cleaned_data[name]
        if not code:
            return None
        try:
            found = periods.parse(code)
        except ValueError:
            found = None
        if found is None or found.frequency not in REGULAR:
            message = _("A period is written as 2026-09, 2026-Q3, 2026-H2 or 2026.")
            raise forms.ValidationError(message, code="invalid")
        return found

    def clean_since(self) -> Period | None:
        return self._period("since")

    def clean_until(self) -> Period | None:
        return self._period("until")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        since, until = data.get("since"), data.get("until")
        if since and until and since.frequency != until.frequency:
            message = _("Both periods are of one length.")
            self.add_error("until", forms.ValidationError(message, code="invalid"))
        elif since and until and until.start < since.start:
            message = _("The last period lies before the first.")
            self.add_error("until", forms.ValidationError(message, code="out_of_order"))
        if self.errors or since is None:
            return data
        data["shown"] = list(periods.from_to(since, until or since))
        if len(data["shown"]) > MOST_PERIODS:
            message = _("These are more than %(most)s periods: choose fewer years.")
            error = forms.ValidationError(message % {"most": MOST_PERIODS}, code="too_many")
            self.add_error("until", error)
        group = data.get("group") or groups_for(self.user)[0]
        data["among"] = federations_among(self.user, group)
        if code := data.get("federation"):
            data["among"] = [each for each in data["among"] if each.code == code]
        data["entry"] = self.catalogue[data["indicator"]]
        return data


class YearForm(forms.Form):
    """A year, and for targets an indicator."""

    year = forms.TypedChoiceField(label=gettext_lazy("Year"), coerce=int, required=False)
    indicator = forms.ChoiceField(label=gettext_lazy("Indicator"), required=False)

    def __init__(
        self, given: Mapping[str, Any], *, catalogue: list[Indicator] | None = None
    ) -> None:
        data = {"year": given.get("year") or str(today().year)}
        if catalogue is not None:
            data["indicator"] = given.get("indicator") or ""
        super().__init__(data)
        fields: Any = self.fields
        fields["year"].choices = years()
        if catalogue is None:
            del self.fields["indicator"]
        else:
            fields["indicator"].choices = [
                ("", _("All indicators")),
                *((each.code, str(each)) for each in catalogue),
            ]


#: A line of pasted targets: a federation, then a tab, comma or spaces, then a number.
_LINE = re.compile(r"\s*(?P<name>.+?)[\s,，;；:：]+(?P<number>[-+\d.,，]+|[-–—])\s*")
LONGEST_LINE = 200
_COUNTRY = {"全国", "country", "whole country", "acftu", "全国总工会", "中华全国总工会", "合计"}


class TargetsForm(forms.Form):
    """The year's targets of one indicator, a line each: typed, or pasted from a table."""

    use_required_attribute = False

    indicator = forms.ChoiceField(widget=forms.HiddenInput)
    year = forms.TypedChoiceField(coerce=int, widget=forms.HiddenInput)
    targets = ProseFormField(
        label=gettext_lazy("Targets"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One line for each: name or code, then the number, such as “广东 1200”; “全国” is the"
            " whole country. Two columns can be pasted from a table. A dash takes a target away."
        ),
        error_messages={"required": gettext_lazy("Give at least one target.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    def __init__(self, *args: Any, catalogue: list[Indicator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.catalogue = {each.code: each for each in catalogue}
        fields: Any = self.fields
        fields["indicator"].choices = [(each.code, str(each)) for each in catalogue]
        ahead = range(today().year + 5, FIRST_YEAR - 1, -1)
        fields["year"].choices = [(year, str(year)) for year in ahead if year <= LAST_YEAR]

    def clean_indicator(self) -> Indicator:
        return self.catalogue[self.cleaned_data["indicator"]]

    def clean_targets(self) -> dict[str, Decimal | None]:
        """By code; each line that cannot be read is named, and nothing is kept then."""
        names = _names()
        found: dict[str, Decimal | None] = {}
        errors = []
        for place, line in enumerate(self.cleaned_data["targets"].split("\n"), 1):
            if not line.strip():
                continue
            try:
                code, number = _read_line(line, names)
                if code in found:
                    raise ValueError(_("this federation stands in two lines"))
                found[code] = number
            except ValueError as error:
                told = {"line": place, "text": line.strip()[:40], "what": error}
                message = _("Line %(line)s, “%(text)s”: %(what)s.") % told
                errors.append(forms.ValidationError(message, code="unreadable"))
        if errors:
            raise forms.ValidationError(errors[:20])
        if not found:
            raise forms.ValidationError(self.fields["targets"].error_messages["required"])
        return found


def _names() -> dict[str, str]:
    """Every name that a federation of the first tier goes by, and its code."""
    found = {}
    for each in Federation.objects.first_tier():
        for name in (each.code, each.name_zh, each.name_en, each.short_zh, each.short_en):
            found[name.lower()] = each.code
    return found | dict.fromkeys(_COUNTRY, "ACFTU")


def _read_line(line: str, names: Mapping[str, str]) -> tuple[str, Decimal | None]:
    # No name is longer; a long line would be matched again and again.
    parts = _LINE.fullmatch(line.replace("\t", " ")) if len(line) <= LONGEST_LINE else None
    if parts is None:
        raise ValueError(_("write a name, a space and a number"))
    code = names.get(parts["name"].strip().lower())
    if code is None:
        raise ValueError(_("no federation of the first tier has this name"))
    text = parts["number"]
    if text in "-–—":
        return code, None
    try:
        number = Decimal(text.replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise ValueError(_("this is no number")) from None
    if not 0 < number < Decimal(10) ** 16 or number != round(number, 4):
        raise ValueError(_("a target is a number above zero, with four decimals at most"))
    return code, number

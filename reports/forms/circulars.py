"""Forms of circulars: the draft with its lists in order, what is said of one federation, the steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from platform_site.casework.forms import StepForm
from platform_site.documents.models import NumberSeries
from platform_site.federations.models import Federation
from platform_site.obligations.models import Round
from platform_site.text.fields import LineFormField, ProseFormField
from platform_site.web.widgets import DayInput

from ..models import CircularList
from ..models.circulars import REMARK_LENGTH, TEXT_LENGTH
from ..queries.circulars import MOST_ROUNDS, rounds_for
from ..services.circulars import USUAL_LISTS


def place_of(code: str) -> str:
    """The name of the field that says where a list stands."""
    return f"place_{code}"


def _text(label: Any, help_text: Any) -> ProseFormField:
    return ProseFormField(
        label=label,
        required=False,
        max_length=TEXT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=help_text,
    )


class CircularForm(forms.Form):
    """One form for drafting and changing. ``id`` makes a replay meet the same circular."""

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = LineFormField(
        label=_("Title"),
        max_length=150,
        error_messages={"required": _("Give the circular a title.")},
    )
    rounds = forms.MultipleChoiceField(
        label=_("About these notices"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose at least one notice."),
            "invalid_choice": _("One of these notices is not here any more; choose again."),
        },
    )
    as_of = forms.DateField(
        label=_("As of"),
        widget=DayInput,
        error_messages={
            "required": _("Give the date."),
            "invalid": _("Give a date such as 2026-11-22."),
        },
        help_text=_("The lists are those of the end of this day; of today, those of the approval."),
    )
    before = _text(
        _("Text before the lists"),
        _("Plain paragraphs, one a line; begin headings with “一、”."),
    )
    after = _text(_("Text after the lists"), _("What is asked of the federations next."))
    number_series = forms.ChoiceField(
        label=_("Document number"),
        required=False,
        help_text=_("The next free number is taken when the circular is issued, not before."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = {str(each) for each in self.initial.get("rounds", [])}
        offered = rounds_for(user)
        found = list(offered[:MOST_ROUNDS])
        missing = chosen - {str(each.pk) for each in found}
        found += list(offered.filter(pk__in=missing)) if missing else []
        self.rounds_by_id = {str(each.pk): each for each in found}
        self.fields["rounds"].choices = [  # type: ignore[attr-defined]
            (pk, label_of(each)) for pk, each in self.rounds_by_id.items()
        ]
        self.series = {
            each.word: each
            for each in NumberSeries.objects.active().filter(
                federation=Federation.objects.national()
            )
        }
        self.fields["number_series"].choices = [  # type: ignore[attr-defined]
            ("", _("no number")),
            *(
                (word, f"{word}（{each.label}）" if each.label else word)
                for word, each in self.series.items()
            ),
        ]
        places = [("", _("not listed")), *((str(n), str(n)) for n in range(1, 8))]
        order = list(self.initial.get("lists", USUAL_LISTS))
        for each in CircularList:
            self.fields[place_of(each)] = forms.ChoiceField(
                label=each.label,
                choices=places,
                required=False,
                initial=str(order.index(each) + 1) if each in order else "",
            )

    def places(self) -> Iterator[forms.BoundField]:
        return (self[place_of(each)] for each in CircularList)

    def clean_rounds(self) -> list[Round]:
        """The oldest first: so the sections follow each other."""
        ticked = set(self.cleaned_data["rounds"])
        return [each for pk, each in reversed(self.rounds_by_id.items()) if pk in ticked]

    def clean_number_series(self) -> NumberSeries | None:
        return self.series.get(self.cleaned_data["number_series"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        placed = [(given.get(place_of(each)), each.value) for each in CircularList]
        # Two on one place stand in the usual order.
        given["lists"] = [code for place, code in sorted(placed, key=_first) if place]
        if not given["lists"]:
            self.add_error(place_of(CircularList.ON_TIME), gettext("Choose at least one list."))
        return given

    def service_fields(self) -> dict[str, Any]:
        names = ("title", "rounds", "as_of", "before", "after", "lists", "number_series")
        return {name: self.cleaned_data[name] for name in names}


def _first(placed: tuple[Any, str]) -> str:
    return placed[0] or ""


def label_of(round: Round) -> str:
    """The notice, its period, and the day until which it had to be filed."""
    parts = [str(round)]
    if round.due_on:
        parts.append(gettext("due %(date)s") % {"date": date_format(round.due_on, "DATE_FORMAT")})
    return " · ".join(parts)


class LineForm(forms.Form):
    """What is said about one federation."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    remark = LineFormField(
        label=_("Remark on its reports"),
        required=False,
        max_length=REMARK_LENGTH,
        help_text=_("Facts about what was filed; no word about persons. It is printed."),
    )
    left_out = LineFormField(
        label=_("Why it is left out"),
        required=False,
        max_length=REMARK_LENGTH,
        help_text=_(
            "Filled in, the federation appears in no list. Whoever approves reads the reason; it is not"
            " printed."
        ),
    )


class ApproveForm(StepForm):
    """What was read is what is approved."""

    digest = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

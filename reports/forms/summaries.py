"""Forms of summing up: the summary, one paragraph, freezing an edition."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from platform_site.documents.models import NumberSeries
from platform_site.questionnaires.models import Question
from platform_site.text.fields import LineFormField, ProseFormField
from platform_site.text.words import listed

from ..models.summaries import PART_LENGTH, REASON_LENGTH, REMARK_LENGTH
from ..queries.exhibits import TITLE_LENGTH, ExhibitKind
from ..queries.summaries import name_of


class SummaryForm(forms.Form):
    """Title and remark, and what paragraphs are drawn from."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    title = LineFormField(label=_("Title"), max_length=150)
    remark = ProseFormField(
        label=_("Remark"),
        required=False,
        max_length=REMARK_LENGTH,
        help_text=_("In your own words; it stands under the figures of the whole country."),
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    questions = forms.MultipleChoiceField(
        label=_("Paragraphs are drawn from"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Other questions draw anew only those paragraphs that nobody has edited."),
    )

    def __init__(self, *args: Any, questions: Iterable[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["questions"].choices = [  # type: ignore[attr-defined]
            (each.code, str(each)) for each in questions
        ]


class PartForm(forms.Form):
    """The paragraph of one federation. ``next`` goes on to the following one."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    text = ProseFormField(
        label=_("Paragraph"), max_length=PART_LENGTH, widget=forms.Textarea(attrs={"rows": 14})
    )
    left_out = LineFormField(
        label=_("Why it is left out"),
        required=False,
        max_length=REASON_LENGTH,
        help_text=_(
            "Filled in, the report counts nowhere, and the summary names it with this reason."
        ),
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)


class ArrangeForm(forms.Form):
    """The order of the paragraphs, and the tables and charts between them: which stay, and one more."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    new_kind = forms.ChoiceField(
        label=_("Add"),
        required=False,
        choices=[("", _("nothing")), *ExhibitKind.choices],
    )
    new_title = LineFormField(label=_("Its title"), required=False, max_length=TITLE_LENGTH)
    new_indicators = forms.MultipleChoiceField(
        label=_("Which figures"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A table shows up to eight, a chart one."),
    )
    new_after = forms.ChoiceField(label=_("Its place"), required=False)

    def __init__(
        self, *args: Any, parts: Sequence[Any], shown: Sequence[Any], indicators: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.parts, self.shown = list(parts), list(shown)
        names = {each["federation"]: name_of(each) for each in self.parts}
        for place, each in enumerate(self.parts, 1):
            self.fields[f"place_{each['federation']}"] = forms.IntegerField(
                label=names[each["federation"]],
                required=False,
                min_value=1,
                max_value=999,
                initial=place,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )
        for place, each in enumerate(self.shown):
            self.fields[f"keep_{place}"] = forms.BooleanField(
                label=self._named(each, names, indicators), required=False, initial=True
            )
        self.fields["new_indicators"].choices = [  # type: ignore[attr-defined]
            (each.code, str(each)) for each in indicators
        ]
        self.fields["new_after"].choices = [  # type: ignore[attr-defined]
            ("", _("before all paragraphs")),
            *((code, gettext("behind %(name)s") % {"name": name}) for code, name in names.items()),
        ]

    def _named(self, exhibit: Any, names: dict[str, str], indicators: Any) -> str:
        labels = {each.code: str(each) for each in indicators}
        told = [
            str(ExhibitKind(exhibit["kind"]).label),
            exhibit["title"] or listed(labels.get(code, code) for code in exhibit["indicators"]),
            gettext("behind %(name)s") % {"name": names[exhibit["after"]]}
            if exhibit["after"] in names
            else gettext("before all paragraphs"),
        ]
        return " · ".join(told)

    def places(self) -> list[forms.BoundField]:
        return [self[f"place_{each['federation']}"] for each in self.parts]

    def kept(self) -> list[forms.BoundField]:
        return [self[f"keep_{place}"] for place in range(len(self.shown))]

    def service_fields(self) -> dict[str, Any]:
        """Those of one place stay as they stood; what has no place follows."""
        given = self.cleaned_data
        placed = [
            (given[f"place_{each['federation']}"], now, each["federation"])
            for now, each in enumerate(self.parts)
        ]
        order = [code for _place, _now_at, code in sorted(placed, key=_by_place)]
        exhibits = [each for place, each in enumerate(self.shown) if given[f"keep_{place}"]]
        if given["new_kind"]:
            exhibits.append(
                {
                    "kind": given["new_kind"],
                    "title": given["new_title"],
                    "indicators": given["new_indicators"],
                    "after": given["new_after"],
                }
            )
        return {"version": given["version"], "order": order, "exhibits": exhibits}


def _by_place(placed: tuple[int | None, int, str]) -> tuple[bool, int, int]:
    place, now, _code = placed
    return place is None, place or 0, now


class FreezeForm(forms.Form):
    """What is new in the edition that is frozen."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = LineFormField(
        label=_("What is new"),
        required=False,
        max_length=200,
        help_text=_("Optional; shown in the list of editions."),
    )
    series = forms.ModelChoiceField(
        label=_("Document number"),
        queryset=NumberSeries.objects.none(),
        required=False,
        empty_label=_("no number"),
        help_text=_("The next number of this series is taken when the edition is frozen."),
    )

    def __init__(self, *args: Any, series: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["series"].queryset = series  # type: ignore[attr-defined]

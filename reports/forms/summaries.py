"""Forms of summing up: the summary, one paragraph, freezing an edition."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from platform_site.documents.models import NumberSeries
from platform_site.questionnaires.models import Question
from platform_site.text.fields import LineFormField, ProseFormField

from ..models.summaries import PART_LENGTH, REMARK_LENGTH


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
    next = forms.CharField(required=False, widget=forms.HiddenInput)


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

"""Forms of the series of numbers and of the templates."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from platform_site.federations.models import Federation
from platform_site.text.fields import LineFormField
from platform_site.web.forms import ChosenFileField

from .checking import MOST_BYTES
from .models import LAYOUTS
from .numbers import LARGEST_NO, WORD_LENGTH

DOCX = ".docx,application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class _SeriesFields(forms.Form):
    issuer = LineFormField(
        label=_("Issuer"),
        max_length=60,
        help_text=_("As the document is signed and as its red head says, without “文件”."),
        error_messages={"required": _("Give the issuer.")},
    )
    label = LineFormField(label=_("Used for"), max_length=60, required=False)
    layout = forms.ChoiceField(label=_("Format"), choices=LAYOUTS)
    printed_by = LineFormField(
        label=_("Printed by"),
        max_length=60,
        required=False,
        help_text=_("Stands in the imprint at the foot of the last page. Left empty: no imprint."),
    )


class SeriesForm(_SeriesFields):
    """A new series: whose, which word."""

    field_order = ("federation", "word", "issuer", "label", "layout", "printed_by")
    federation = LineFormField(
        label=_("Federation"),
        max_length=16,
        help_text=_("Its code, such as 440000 or ACFTU."),
        error_messages={"required": _("Give the code of the federation.")},
    )
    word = LineFormField(
        label=_("Document word"),
        max_length=WORD_LENGTH,
        help_text=_("What stands before the year, such as 粤工发."),
        error_messages={"required": _("Give the document word.")},
    )

    def clean_federation(self) -> Federation:
        found = Federation.objects.current().filter(code=self.cleaned_data["federation"]).first()
        if found is None:
            raise ValidationError(_("There is no federation with this code."), code="unknown")
        return found


class SeriesChangeForm(_SeriesFields):
    """What a series is called, whether it is in use, and where it begins this year."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    first = forms.IntegerField(
        label=_("First serial this year"),
        min_value=1,
        max_value=LARGEST_NO,
        help_text=_("The one after the last number that was used on paper before."),
        error_messages={"required": _("Give a number from 1 on.")},
    )
    active = forms.BooleanField(label=_("In use: numbers can be taken"), required=False)


class TemplateForm(forms.Form):
    file = ChosenFileField(label=_("Word document (.docx)"), accept=DOCX)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(
                _("The file is larger than 2 MB. Take pictures out of it and try again."),
                code="template_too_large",
            )
        return file

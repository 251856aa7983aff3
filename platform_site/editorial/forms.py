"""Forms of the desk: what every kind of content has, the search of the list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_prose_editor.widgets import ProseEditorWidget

from platform_site.attachments.wordtexts import read_word
from platform_site.problems import Refused
from platform_site.text.fields import HtmlFormField, LineFormField, ProseFormField
from platform_site.web.forms import ChosenFileField

from . import kinds
from .models import BODY_LENGTH, SUMMARY_LENGTH, TITLE_LENGTH, Audience
from .workflow import PieceState

#: What the editor offers: what ``text/html.py`` keeps, and nothing else.
EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "Underline": True,
    "Subscript": True,
    "Superscript": True,
    "Heading": {"levels": [2, 3, 4]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HardBreak": True,
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto"]},
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "History": True,
    "HTML": True,
}


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of day and time; without one a text field that takes 2026-11-22 09:30."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M", attrs={"placeholder": "2026-11-22 09:30"})


def _moment(label: Any, **options: Any) -> forms.DateTimeField:
    invalid = _("Give day and time such as 2026-11-22 09:30.")
    return forms.DateTimeField(
        label=label,
        widget=MomentInput,
        required=False,
        error_messages={"invalid": invalid},
        **options,
    )


class PieceForm(forms.Form):
    """Title, summary, text and readers; the rooms above add the facts of their kind.

    A Word document can be read in as the text: its headings, tables and links, without its styles.
    """

    id = forms.UUIDField(widget=forms.HiddenInput, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = LineFormField(
        label=_("Title"),
        max_length=TITLE_LENGTH,
        error_messages={"required": _("Give it a title.")},
    )
    summary = ProseFormField(
        label=pgettext_lazy("content", "Summary"),
        max_length=SUMMARY_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Two or three sentences for lists and search."),
    )
    word = ChosenFileField(
        label=_("Read the text from a Word document"),
        accept=".docx",
        required=False,
        help_text=_(
            "Headings, tables and links are kept, styles are not. It replaces the text below."
        ),
    )
    body = HtmlFormField(
        label=pgettext_lazy("content", "Text"),
        max_length=BODY_LENGTH,
        required=False,
        widget=ProseEditorWidget(
            config={"extensions": EXTENSIONS}, preset="configurable", attrs={"rows": 16}
        ),
        help_text=_(
            "You can paste from Word or WPS: headings and tables stay, styles are dropped."
        ),
    )
    audience = forms.ChoiceField(
        label=pgettext_lazy("content", "Readers"), choices=Audience, widget=forms.RadioSelect
    )
    publish_at = _moment(
        _("Publish on"), help_text=_("Left empty: as soon as the final review has passed.")
    )
    expires_at = _moment(_("Shown until"), help_text=_("Left empty: for good."))

    TEXTS = ("title", "summary", "body", "audience", "publish_at", "expires_at")

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen = given.pop("word", None)
        if chosen is not None:
            try:
                given["body"] = self.fields["body"].clean(read_word(chosen))
            except Refused as refused:
                self.add_error("word", str(refused.message))
        return given

    @property
    def texts(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.TEXTS}


class PieceQueryForm(forms.Form):
    """The search above the list."""

    title = LineFormField(label=_("Title"), max_length=TITLE_LENGTH, required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [("", _("All kinds")), *kinds.choices()]  # type: ignore[attr-defined]
        self.fields["state"].choices = [("", _("All states")), *PieceState.choices]  # type: ignore[attr-defined]

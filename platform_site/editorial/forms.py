"""Forms of the desk: what every kind of content has, the search of the list."""

from __future__ import annotations

import json
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


#: What the editor says in English, and how the platform says it.
WORDS = {
    "Heading 2": _("Heading of the first level"),
    "Heading 3": _("Heading of the second level"),
    "Heading 4": _("Heading of the third level"),
    "Paragraph": _("Paragraph"),
    "paragraph": _("Paragraph"),
    "unordered list": _("Bulleted list"),
    "ordered list": _("Numbered list"),
    "List properties": _("Properties of the list"),
    "blockquote": _("Quotation"),
    "bold": _("Bold"),
    "italic": _("Italic"),
    "underline": _("Underlined"),
    "subscript": _("Subscript"),
    "superscript": _("Superscript"),
    "insert link": _("Insert a link"),
    "remove link": _("Remove the link"),
    "Insert table": _("Insert a table"),
    "Add column": _("Add a column"),
    "Delete column": _("Delete the column"),
    "Add row": _("Add a row"),
    "Delete row": _("Delete the row"),
    "Merge cells": _("Merge cells"),
    "Split cell": _("Split the cell"),
    "Toggle header cell": _("Make it a heading cell or not"),
    "undo": _("Undo"),
    "redo": _("Redo"),
    "edit HTML": _("Edit the HTML"),
    "Edit HTML": _("Edit the HTML"),
    "Update": _("Apply"),
    "Insert": _("Insert"),
    "Cancel": _("Cancel"),
    "URL": _("Address"),
    "Title": _("Title"),
    "Edit Link": _("Link"),
    "Rows": _("Rows"),
    "Columns": _("Columns"),
    "Include header row": _("With a row of headings"),
    "Table Properties": _("Properties of the table"),
    "Insert Table": _("Insert a table"),
    "Start at": _("Begin with"),
    "List type": _("Kind of list"),
    "Decimal numbers": _("1, 2, 3"),
    "Prettify": _("Tidy up"),
    "The HTML contents of the editor. Note that the allowed HTML is restricted by the editor schema.": _(
        "The text as HTML; what is not allowed in it is dropped."
    ),
}


class RichTextInput(ProseEditorWidget):
    """The library's editor, speaking the language of the page; set up by ``editorial/editor.js``."""

    def __init__(self) -> None:
        super().__init__(
            config={"extensions": EXTENSIONS}, preset="configurable", attrs={"rows": 16}
        )

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        words = {word: str(said) for word, said in WORDS.items()}
        context["widget"]["attrs"]["data-words"] = json.dumps(words, ensure_ascii=False)
        return context


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
        widget=RichTextInput,
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

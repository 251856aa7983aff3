"""Model and form fields for text. Every text column of the platform is one of these three."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core import validators
from django.db import models

from platform_site.problems import Unreadable

from .clean import HOSTILE_TEXT, clean_line, clean_prose, find_hostile
from .html import clean_html


class _CleanedFormField(forms.CharField):
    """Cleans by the rule of ``clean.py``; the widget carries no maxlength (it would cut a paste)."""

    _clean_text = staticmethod(clean_line)

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.text_max_length = max_length
        # strip=False: the rule trims, and Django's own null-character message is replaced by ours.
        super().__init__(strip=False, **kwargs)
        self.validators = [
            validator
            for validator in self.validators
            if not isinstance(validator, validators.ProhibitNullCharactersValidator)
        ]

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return self.empty_value
        return self._clean_text(str(value), max_length=self.text_max_length) or self.empty_value


class LineFormField(_CleanedFormField):
    widget = forms.TextInput
    _clean_text = staticmethod(clean_line)


class ProseFormField(_CleanedFormField):
    widget = forms.Textarea
    _clean_text = staticmethod(clean_prose)


class _CleanedColumn:
    """What both columns share: the rule at validation, and a last guard before the database."""

    _clean_text = staticmethod(clean_line)

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        value = self.to_python(value)  # type: ignore[attr-defined]
        if isinstance(value, str):
            value = self._clean_text(value, max_length=self.max_length)  # type: ignore[attr-defined]
        return super().clean(value, model_instance)  # type: ignore[misc]

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        # A value that came by no form: answered as unreadable input, not as a server error.
        if isinstance(value, str) and (found := find_hostile(value)):
            line = value.count("\n", 0, found.start()) + 1
            params = {"character": f"U+{ord(found.group()):04X}", "line": line}
            raise Unreadable("hostile_text", HOSTILE_TEXT % params)
        return super().get_db_prep_save(value, connection)  # type: ignore[misc]


class LineField(_CleanedColumn, models.CharField):
    """A single line of at most ``max_length`` characters."""

    _clean_text = staticmethod(clean_line)

    def formfield(self, **kwargs: Any) -> Any:
        if self.choices is not None:
            return super().formfield(**kwargs)
        return super().formfield(**{"form_class": LineFormField, **kwargs})


class ProseField(_CleanedColumn, models.TextField):
    """Text of several lines; ``max_length`` is compulsory and enforced by validation."""

    _clean_text = staticmethod(clean_prose)

    def __init__(self, verbose_name: Any = None, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(verbose_name, max_length=max_length, **kwargs)
        self.validators.append(validators.MaxLengthValidator(max_length))

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": ProseFormField, **kwargs})


class HtmlFormField(_CleanedFormField):
    """Rich text: what comes in is cleaned to the elements of ``html.py``."""

    widget = forms.Textarea
    _clean_text = staticmethod(clean_html)


class HtmlField(_CleanedColumn, models.TextField):
    """Rich text of the elements that ``html.py`` keeps; at most ``max_length`` characters with its tags."""

    _clean_text = staticmethod(clean_html)

    def __init__(self, verbose_name: Any = None, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(verbose_name, max_length=max_length, **kwargs)
        self.validators.append(validators.MaxLengthValidator(max_length))

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        # Whatever way it came: nothing else is ever stored.
        value = super().get_db_prep_save(value, connection)
        return clean_html(value, max_length=self.max_length) if isinstance(value, str) else value

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"form_class": HtmlFormField, **kwargs})

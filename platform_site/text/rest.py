"""The same rule for serializers (`api.serializers` maps the model fields to these)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers

from .clean import clean_line, clean_prose, refuse_too_long
from .html import clean_html


class _CleanedSerializerField(serializers.CharField):
    _clean_text = staticmethod(clean_line)

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.text_max_length = max_length
        # The message beside it is the rule's own, so no validator holds the limit; the schema reads
        # it from here.
        super().__init__(trim_whitespace=False, **kwargs)
        self.validators: list[Any] = []
        self.max_length = max_length

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # DRF decides "blank" on the raw text; here a line of spaces is blank too.
        if isinstance(data, str) and not data.strip():
            data = ""
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        sent = super().to_internal_value(data)
        try:
            value = self._clean_text(sent, max_length=self.text_max_length)
            # What programs send is measured as sent, as the schema says; people may paste a blank more.
            refuse_too_long(sent, self.text_max_length)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages, code=error.code) from None
        if not value and not self.allow_blank:
            self.fail("blank")
        return value


class LineSerializerField(_CleanedSerializerField):
    _clean_text = staticmethod(clean_line)


class ProseSerializerField(_CleanedSerializerField):
    _clean_text = staticmethod(clean_prose)


class HtmlSerializerField(_CleanedSerializerField):
    """HTML in, the elements that the platform keeps out."""

    _clean_text = staticmethod(clean_html)

"""The same rule for serializers (`api.serializers` maps the model fields to these)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers

from .clean import clean_line, clean_prose


class _CleanedSerializerField(serializers.CharField):
    _clean_text = staticmethod(clean_line)

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        self.text_max_length = max_length
        # The limit stays visible to the schema; the message beside it is the rule's own.
        super().__init__(trim_whitespace=False, **kwargs)
        self.validators: list[Any] = []
        self.max_length = max_length

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # DRF decides "blank" on the raw text; here a line of spaces is blank too.
        if isinstance(data, str) and not data.strip():
            data = ""
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        try:
            value = self._clean_text(value, max_length=self.text_max_length)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.messages, code=error.code) from None
        if not value and not self.allow_blank:
            self.fail("blank")
        return value


class LineSerializerField(_CleanedSerializerField):
    _clean_text = staticmethod(clean_line)


class ProseSerializerField(_CleanedSerializerField):
    _clean_text = staticmethod(clean_prose)

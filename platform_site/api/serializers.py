"""Bases of all serializers: shape and validation of input only; services do the rest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from platform_site.text.fields import HtmlField, LineField, ProseField
from platform_site.text.rest import (
    HtmlSerializerField,
    LineSerializerField,
    ProseSerializerField,
)

#: What a member of JSON must be for these fields; DRF would guess (a number for a text, 1 for true).
_JSON_TYPES: tuple[tuple[type[serializers.Field], type], ...] = (
    (serializers.BooleanField, bool),
    (serializers.IntegerField, int),
    (serializers.CharField, str),
    (serializers.UUIDField, str),
    (serializers.DateField, str),
    (serializers.DateTimeField, str),
)


def _wrong_type(field: serializers.Field, value: Any) -> Any:
    """What is wrong with a value before it is read, at the place where it is wrong; None where nothing is."""
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        wrong = {at: _wrong_type(field.child, each) for at, each in enumerate(value)}
        return {at: problem for at, problem in wrong.items() if problem} or None
    if isinstance(field, serializers.RelatedField) and value == "":
        # The framework takes "" for null, for the sake of HTML forms. "No federation" may mean "all that
        # you see": a client that sends an empty text is told, not given more than it meant.
        return [ErrorDetail(serializers.CharField.default_error_messages["blank"], code="blank")]
    if not _is_of_another_type(field, value):
        return None
    message = _("This is another type of JSON than the schema names.")
    return [ErrorDetail(message, code="wrong_type")]


def _is_of_another_type(field: serializers.Field, value: Any) -> bool:
    wanted = next((kind for base, kind in _JSON_TYPES if isinstance(field, base)), None)
    if wanted is None or value is None:
        return False
    if wanted is int and isinstance(value, float):  # 1.0 is an integer of JSON
        return not value.is_integer()
    return not isinstance(value, wanted) or (wanted is int and isinstance(value, bool))


class KnownFieldsOnly:
    """Refuses members that are no field, or a field one cannot set, or of another type than the
    schema names: a slip of the pen must not be lost in silence, and nothing is guessed.
    """

    def to_internal_value(self, data: Any) -> Any:
        refused = self._refused(data) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)  # type: ignore[misc]
        except serializers.ValidationError as error:
            if refused and isinstance(error.detail, dict):
                raise serializers.ValidationError({**error.detail, **refused}) from None
            raise
        if refused:
            raise serializers.ValidationError(refused)
        return value

    def _refused(self, data: Mapping[str, Any]) -> dict[str, Any]:
        refused: dict[str, Any] = {}
        fields = self.fields  # type: ignore[attr-defined]
        for name in data:
            field = fields.get(name)
            if field is None:
                message = _("There is no field of this name.")
                refused[str(name)] = [ErrorDetail(message, code="unknown_field")]
            elif field.read_only:
                message = _("This field cannot be set.")
                refused[str(name)] = [ErrorDetail(message, code="read_only")]
            # A form (multipart) knows text alone.
            elif not isinstance(data, MultiValueDict):
                problem = _wrong_type(field, data[name])
                if problem:
                    refused[str(name)] = problem
        return refused


class Serializer(KnownFieldsOnly, serializers.Serializer):
    pass


class ModelSerializer(KnownFieldsOnly, serializers.ModelSerializer):
    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        LineField: LineSerializerField,
        ProseField: ProseSerializerField,
        HtmlField: HtmlSerializerField,
    }

    def include_extra_kwargs(self, kwargs: Any, extra_kwargs: Any) -> Any:
        # DRF drops the limit of a field that is only read; our text fields are not made without.
        limit = kwargs.get("max_length")
        kwargs = super().include_extra_kwargs(kwargs, extra_kwargs)
        return kwargs if limit is None else {**kwargs, "max_length": limit}


class Nothing(Serializer):
    """The body of a step that takes none."""


class NoteSerializer(Serializer):
    """The body of a step that needs a reason."""

    note = ProseSerializerField(max_length=2000)


class OptionalNote(Serializer):
    """The body of a step that takes a note where somebody wants to leave one."""

    note = ProseSerializerField(max_length=2000, required=False, allow_blank=True)


class FieldProblemSerializer(serializers.Serializer):
    pointer = serializers.CharField(help_text="JSON pointer into the body, or /name of a parameter")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """A refusal (RFC 9457). Other members may stand beside these."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    request_id = serializers.CharField()
    code = serializers.CharField()
    errors = FieldProblemSerializer(many=True)

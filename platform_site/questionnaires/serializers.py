"""Shapes of forms, their questions and the indicators in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.text.rest import LineSerializerField

from . import queries
from .building import PERMISSION
from .kinds import COLUMN_KINDS, MOST_CHANGE, MOST_CHARACTERS, MOST_DECIMALS, MOST_ROWS
from .models import Form, FormVersion, Indicator, Question, Rule, sees_drafts
from .structure import SECTION_FIELDS
from .values import plain


class IndicatorSerializer(ModelSerializer):
    """A figure that is followed over time; ``adds_up`` says how federations' figures combine."""

    class Meta:
        model = Indicator
        fields = (
            *("code", "name_zh", "name_en", "unit_zh", "unit_en", "measure", "adds_up"),
            "version",
        )
        read_only_fields = fields


class IndicatorChange(Serializer):
    """Names, unit, and while no figure was accepted how it is measured and combined."""

    name_zh = LineSerializerField(max_length=80)
    name_en = LineSerializerField(max_length=120)
    unit_zh = LineSerializerField(
        max_length=20,
        help_text=_("Persons (人) and attendances (人次) are two units, never added together."),
    )
    unit_en = LineSerializerField(max_length=30)
    measure = rest.ChoiceField(choices=Indicator.Measure.choices)
    adds_up = rest.ChoiceField(choices=Indicator.AddsUp.choices)


class IndicatorCreate(IndicatorChange):
    """A new indicator; its code stays for good."""

    code = LineSerializerField(
        max_length=60, help_text=_("A small letter, then small letters, digits and _.")
    )


class BoundField(rest.DecimalField):
    """A bound as answers are written: no trailing zeros."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=20, decimal_places=4, allow_null=True, **kwargs)

    def to_representation(self, value: Any) -> str:  # type: ignore[override]
        return plain(value)


class OptionSerializer(Serializer):
    code = rest.CharField()
    zh = rest.CharField()
    en = rest.CharField(required=False)


class ColumnSerializer(Serializer):
    """A column of a table; its cells are read as answers of its kind. Rules name its total as
    ``table.column``, and ``indicator`` is the figure that the total becomes."""

    code = rest.CharField()
    kind = rest.ChoiceField(choices=COLUMN_KINDS)
    name_zh = rest.CharField()
    name_en = rest.CharField()
    required = rest.BooleanField(help_text=_("In every row that has anything in it."))
    unit_zh = rest.CharField()
    unit_en = rest.CharField()
    decimals = rest.IntegerField()
    minimum = BoundField()
    maximum = BoundField()
    options = OptionSerializer(many=True)
    indicator = rest.CharField(allow_null=True)


class QuestionSerializer(ModelSerializer):
    """One question. ``code`` names its answer; outside of ``minimum`` and ``maximum`` it is refused,
    outside of the ``doubt_…`` bounds it wants an explanation."""

    indicator = rest.CharField(source="indicator.code", default=None, allow_null=True)
    minimum = BoundField()
    maximum = BoundField()
    doubt_below = BoundField()
    doubt_above = BoundField()
    options = OptionSerializer(many=True, help_text=_("What a choice offers; answer its code."))
    columns = ColumnSerializer(many=True, source="table_columns")
    rows = OptionSerializer(
        many=True, help_text=_("The fixed rows of a table; empty where rows are free.")
    )

    class Meta:
        model = Question
        fields = (
            *("code", "kind", "required", "name_zh", "name_en", "help_zh", "help_en"),
            *("indicator", "unit_zh", "unit_en", "decimals", "minimum", "maximum"),
            *("doubt_below", "doubt_above", "max_length", "doubt_shorter", "options"),
            *("columns", "rows", "min_rows", "max_rows"),
            *("doubt_change", "shown_if_question", "shown_if_answer"),
        )
        read_only_fields = fields
        extra_kwargs = {
            "doubt_change": {
                "help_text": _(
                    "A change of more per cent against the last period wants an explanation."
                )
            },
            "shown_if_question": {
                "help_text": _("It is asked only where this earlier question has that answer.")
            },
            "shown_if_answer": {"help_text": _("An option's code, “yes” or “no”.")},
        }


class SectionSerializer(Serializer):
    code = rest.CharField()
    name_zh = rest.CharField()
    name_en = rest.CharField()
    help_zh = rest.CharField()
    help_en = rest.CharField()
    questions = QuestionSerializer(many=True)


class RuleSerializer(Serializer):
    """What numbers must do together. ``left`` and ``right`` are sums of codes and numbers, such as
    ``2 * a + b - 5``; a hard rule keeps a report from being submitted, a soft one wants an explanation."""

    left = rest.CharField()
    comparison = rest.ChoiceField(choices=Rule.Comparison.choices)
    right = rest.CharField()
    level = rest.ChoiceField(choices=Rule.Level.choices)
    message_zh = rest.CharField()
    message_en = rest.CharField()


def rules_of(version: FormVersion | None) -> list[dict[str, Any]]:
    found = queries.rules_of(version) if version else []
    return [dict(RuleSerializer(rule).data) for rule in found]


def sections_of(version: FormVersion | None) -> list[dict[str, Any]]:
    """The sections of a version with their questions, in order (one query)."""
    found: dict[str, dict[str, Any]] = {}
    for question in queries.questions_of(version) if version else ():
        section = question.section
        entry = found.setdefault(
            section.code,
            {
                name: getattr(section, name)
                for name in ("code", "name_zh", "name_en", "help_zh", "help_en")
            }
            | {"questions": []},
        )
        entry["questions"].append(QuestionSerializer(question).data)
    return list(found.values())


class FormSerializer(ModelSerializer):
    """A form by its code; ``current_version`` is the one that a new notice is drafted with."""

    current_version = rest.IntegerField(allow_null=True)

    class Meta:
        model = Form
        fields = ("code", "name_zh", "name_en", "purpose", "current_version", "version")
        read_only_fields = fields


class FormDetailSerializer(FormSerializer):
    """A form with the questions of its current version."""

    draft_version = rest.SerializerMethodField(
        help_text=_("The version that is being built; null where none is, or not for you to see.")
    )
    sections = rest.SerializerMethodField()
    rules = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta(FormSerializer.Meta):
        fields = (*FormSerializer.Meta.fields, "draft_version", "sections", "rules", "steps")
        read_only_fields = fields

    def to_representation(self, form: Form) -> dict[str, Any]:
        self._current = form.current()
        return super().to_representation(form)

    def get_draft_version(self, form: Form) -> int | None:
        seen = sees_drafts(self.context["request"].user)
        return getattr(form, "draft_version", None) if seen else None

    @extend_schema_field(SectionSerializer(many=True))
    def get_sections(self, form: Form) -> list[dict[str, Any]]:
        return sections_of(self._current)

    def get_steps(self, form: Form) -> list[str]:
        begun = getattr(form, "draft_version", None) is not None
        builds = self.context["request"].user.has_perm(PERMISSION)
        return ["begin-version"] if builds and not begun else []

    @extend_schema_field(RuleSerializer(many=True))
    def get_rules(self, form: Form) -> list[dict[str, Any]]:
        return rules_of(self._current)


class FormChange(Serializer):
    """What a form is called."""

    name_zh = LineSerializerField(max_length=80)
    name_en = LineSerializerField(max_length=120, required=False, allow_blank=True)


class FormCreate(FormChange):
    """A new form, with an empty draft of its first version."""

    code = LineSerializerField(
        max_length=60, help_text=_("A small letter, then small letters, digits and _.")
    )
    purpose = LineSerializerField(
        max_length=20, help_text=_("What notices ask for with it, such as “progress”.")
    )


class FormVersionSerializer(ModelSerializer):
    """A version of a form: a draft is built, what is published stays; frozen, it is in use by a round."""

    form = rest.CharField(source="form.code")

    class Meta:
        model = FormVersion
        fields = ("form", "number", "is_draft", "frozen_at", "version")
        read_only_fields = fields


class FormVersionDetailSerializer(FormVersionSerializer):
    """A version with its questions and rules."""

    sections = rest.SerializerMethodField()
    rules = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta(FormVersionSerializer.Meta):
        fields = (*FormVersionSerializer.Meta.fields, "sections", "rules", "steps")
        read_only_fields = fields

    @extend_schema_field(SectionSerializer(many=True))
    def get_sections(self, version: FormVersion) -> list[dict[str, Any]]:
        found = sections_of(version)
        if not version.is_draft:
            return found
        # A draft may have sections without a question.
        by_code = {section["code"]: section for section in found}
        return [
            by_code.get(section.code)
            or {name: getattr(section, name) for name in SECTION_FIELDS} | {"questions": []}
            for section in version.sections.order_by("position")
        ]

    @extend_schema_field(RuleSerializer(many=True))
    def get_rules(self, version: FormVersion) -> list[dict[str, Any]]:
        return rules_of(version)

    def get_steps(self, version: FormVersion) -> list[str]:
        builds = self.context["request"].user.has_perm(PERMISSION)
        return ["publish"] if builds and version.is_draft else []


# --- A draft as it is sent --------------------------------------------------------------------------
class OptionInput(Serializer):
    code = LineSerializerField(max_length=60)
    zh = LineSerializerField(max_length=200)
    en = LineSerializerField(max_length=200, required=False, allow_blank=True)


class _BoundInput(rest.DecimalField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=20, decimal_places=4, required=False, allow_null=True, **kwargs)


class ColumnInput(Serializer):
    """A column of a table; what is left out is as if nothing were said."""

    code = LineSerializerField(max_length=60)
    kind = rest.ChoiceField(choices=COLUMN_KINDS)
    name_zh = LineSerializerField(max_length=120)
    name_en = LineSerializerField(max_length=160, required=False, allow_blank=True)
    required = rest.BooleanField(required=False)
    unit_zh = LineSerializerField(max_length=20, required=False, allow_blank=True)
    unit_en = LineSerializerField(max_length=30, required=False, allow_blank=True)
    decimals = rest.IntegerField(required=False, min_value=0, max_value=MOST_DECIMALS)
    minimum = _BoundInput()
    maximum = _BoundInput()
    options = OptionInput(many=True, required=False)
    indicator = LineSerializerField(max_length=60, required=False, allow_null=True)


class QuestionInput(Serializer):
    """A question as it is read; what is left out is as if nothing were said."""

    code = LineSerializerField(max_length=60)
    kind = rest.ChoiceField(choices=Question.Kind.choices)
    required = rest.BooleanField(required=False)
    name_zh = LineSerializerField(max_length=120)
    name_en = LineSerializerField(max_length=160, required=False, allow_blank=True)
    help_zh = LineSerializerField(max_length=300, required=False, allow_blank=True)
    help_en = LineSerializerField(max_length=400, required=False, allow_blank=True)
    indicator = LineSerializerField(max_length=60, required=False, allow_null=True)
    unit_zh = LineSerializerField(max_length=20, required=False, allow_blank=True)
    unit_en = LineSerializerField(max_length=30, required=False, allow_blank=True)
    decimals = rest.IntegerField(required=False, min_value=0, max_value=MOST_DECIMALS)
    minimum = _BoundInput()
    maximum = _BoundInput()
    doubt_below = _BoundInput()
    doubt_above = _BoundInput()
    max_length = rest.IntegerField(required=False, min_value=1, max_value=MOST_CHARACTERS)
    doubt_shorter = rest.IntegerField(required=False, min_value=0, max_value=MOST_CHARACTERS)
    options = OptionInput(many=True, required=False)
    columns = ColumnInput(many=True, required=False)
    rows = OptionInput(many=True, required=False)
    min_rows = rest.IntegerField(required=False, min_value=0, max_value=MOST_ROWS)
    max_rows = rest.IntegerField(required=False, min_value=0, max_value=MOST_ROWS)
    doubt_change = rest.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MOST_CHANGE
    )
    shown_if_question = LineSerializerField(max_length=60, required=False, allow_blank=True)
    shown_if_answer = LineSerializerField(max_length=60, required=False, allow_blank=True)


class SectionInput(Serializer):
    code = LineSerializerField(max_length=60)
    name_zh = LineSerializerField(max_length=80)
    name_en = LineSerializerField(max_length=120, required=False, allow_blank=True)
    help_zh = LineSerializerField(max_length=300, required=False, allow_blank=True)
    help_en = LineSerializerField(max_length=400, required=False, allow_blank=True)
    questions = QuestionInput(many=True)


class RuleInput(Serializer):
    left = LineSerializerField(max_length=500)
    comparison = rest.ChoiceField(choices=Rule.Comparison.choices)
    right = LineSerializerField(max_length=500)
    level = rest.ChoiceField(choices=Rule.Level.choices)
    message_zh = LineSerializerField(max_length=200)
    message_en = LineSerializerField(max_length=300, required=False, allow_blank=True)


class DraftInput(Serializer):
    """The whole draft: what is not in it is not asked. The order is the order of the form."""

    sections = SectionInput(many=True)
    rules = RuleInput(many=True)

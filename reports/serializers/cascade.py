"""Shapes of the cascade: what was passed down on which terms, what it adds up to, where figures are from."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.federations.serializers import FederationCode
from platform_site.questionnaires.building import MOST_OWN_QUESTIONS
from platform_site.questionnaires.models import Indicator
from platform_site.questionnaires.values import plain
from platform_site.text.rest import LineSerializerField, ProseSerializerField

from .. import queries
from ..models import PassDown
from ..models.cascade import OWN_QUESTION_KINDS
from ..queries import LowerRow, LowerTally, RollUp, RollUpLine, TraceLine


# --- What is sent ---------------------------------------------------------------------------------
class OptionSerializer(Serializer):
    code = LineSerializerField(max_length=60)
    zh = LineSerializerField(max_length=200)
    en = LineSerializerField(max_length=200, required=False, allow_blank=True)


class OwnQuestionSerializer(Serializer):
    """A question beside those of the notice; its code is given by the platform."""

    kind = rest.ChoiceField(choices=OWN_QUESTION_KINDS)
    name_zh = LineSerializerField(max_length=120)
    name_en = LineSerializerField(max_length=160, required=False, allow_blank=True)
    required = rest.BooleanField(required=False)
    unit_zh = LineSerializerField(max_length=20, required=False, allow_blank=True)
    unit_en = LineSerializerField(max_length=30, required=False, allow_blank=True)
    options = OptionSerializer(many=True, required=False, max_length=60)


class PassDownCreate(Serializer):
    """下发: the obligation of one's own federation, to whom directly below, until when."""

    obligation = rest.UUIDField()
    recipients = FederationCode(many=True, allow_empty=False)
    due_on = rest.DateField(
        required=False,
        allow_null=True,
        help_text=_("Before one's own due date; required where that has one."),
    )
    on_time_until = rest.DateField(required=False, allow_null=True)
    locks_on = rest.DateField(required=False, allow_null=True)
    instructions = ProseSerializerField(max_length=4000, required=False, allow_blank=True)
    questions = OwnQuestionSerializer(many=True, required=False, max_length=MOST_OWN_QUESTIONS)


class PassFurther(Serializer):
    """To whom else; dates that are given hold for these alone."""

    recipients = FederationCode(many=True, allow_empty=False)
    due_on = rest.DateField(required=False, allow_null=True)
    on_time_until = rest.DateField(required=False, allow_null=True)
    locks_on = rest.DateField(required=False, allow_null=True)


class TakeBack(Serializer):
    reason = ProseSerializerField(max_length=1000)


class TakeOver(Serializer):
    """采用: the questions to answer by what the lower tier adds up to; left out: all that can be."""

    questions = rest.ListField(
        child=LineSerializerField(max_length=60), required=False, max_length=300, min_length=1
    )


# --- What is answered -----------------------------------------------------------------------------
class PassDownRowSerializer(ModelSerializer):
    """A notice passed down; its ``id`` is that of the obligation of the federation that did it."""

    id = rest.UUIDField(source="pk")
    request = rest.UUIDField(source="obligation.round.request_id", help_text=_("The notice."))
    title = rest.CharField(source="obligation.round.request.title")
    federation = rest.CharField(source="federation.code")

    class Meta:
        model = PassDown
        fields = [
            "id",
            "request",
            "title",
            "federation",
            "due_on",
            "on_time_until",
            "locks_on",
            "instructions",
            "by_name",
            "at",
            "version",
        ]


class LowerRowSerializer(Serializer):
    """One federation of the lower tier."""

    obligation = rest.UUIDField(source="obligation.pk")
    federation = rest.CharField(source="obligation.federation.code")
    due_on = rest.DateField(source="obligation.due_on", allow_null=True)
    standing = rest.ChoiceField(choices=queries.Standing.choices)
    late = rest.BooleanField(source="is_late")
    signed_for_at = rest.DateTimeField(source="obligation.signed_for_at", allow_null=True)
    filed_at = rest.DateTimeField(source="obligation.filed_at", allow_null=True)
    settled_at = rest.DateTimeField(source="obligation.settled_at", allow_null=True)
    report = rest.SerializerMethodField(help_text=_("Its report, once the caller may read it."))
    passed_down_to = rest.IntegerField(
        source="below", help_text=_("How many it passed this down to itself.")
    )
    version = rest.IntegerField(source="obligation.version")

    @extend_schema_field(rest.UUIDField(allow_null=True))
    def get_report(self, row: LowerRow) -> Any:
        return row.report.pk if row.report else None


class LowerTallySerializer(Serializer):
    asked = rest.IntegerField()
    signed_for = rest.IntegerField()
    filed = rest.IntegerField()
    accepted = rest.IntegerField()
    late = rest.IntegerField()


class AddedQuestionSerializer(Serializer):
    code = rest.CharField()
    kind = rest.CharField()
    name_zh = rest.CharField()
    name_en = rest.CharField(allow_blank=True)
    unit_zh = rest.CharField(allow_blank=True)
    required = rest.BooleanField()


class PassDownSerializer(PassDownRowSerializer):
    """With the questions that were added, and for those who follow it how the lower tier stands."""

    questions = rest.SerializerMethodField()
    tally = rest.SerializerMethodField()
    lower = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta:
        model = PassDown
        fields = [*PassDownRowSerializer.Meta.fields, "questions", "tally", "lower", "steps"]

    def get_steps(self, passed: PassDown) -> list[str]:
        """`pass-further` and `chase`, where they are open to the caller."""
        user = self.context["request"].user
        owed = passed.obligation
        steps = [] if queries.cannot_pass_down(owed, user) else ["pass-further"]
        late = any(row.is_late for row in self._rows(passed) or [])
        if late and user.has_perm("obligations.pass_down", owed):
            steps.append("chase")
        return steps

    @extend_schema_field(AddedQuestionSerializer(many=True))
    def get_questions(self, passed: PassDown) -> Any:
        return AddedQuestionSerializer(queries.own_questions(passed), many=True).data

    def _rows(self, passed: PassDown) -> list[LowerRow] | None:
        """None for whoever it was passed down to: how the others stand is not theirs to see."""
        if not hasattr(self, "_found"):
            user = self.context["request"].user
            follows = queries.follows_lower(passed, user)
            self._found = queries.lower_rows(passed.obligation, user) if follows else None
        return self._found

    @extend_schema_field(LowerTallySerializer(allow_null=True))
    def get_tally(self, passed: PassDown) -> Any:
        rows = self._rows(passed)
        tally: LowerTally | None = None if rows is None else queries.lower_tally(rows)
        return None if tally is None else LowerTallySerializer(tally).data

    @extend_schema_field(LowerRowSerializer(many=True, allow_null=True))
    def get_lower(self, passed: PassDown) -> Any:
        rows = self._rows(passed)
        return None if rows is None else LowerRowSerializer(rows, many=True).data


class NumberSourceSerializer(Serializer):
    federation = rest.CharField()
    name = rest.CharField()
    number = rest.CharField(help_text=_("A decimal string."))
    version = rest.IntegerField(
        allow_null=True, help_text=_("Of its report; null where the number was gathered.")
    )
    report = rest.UUIDField(
        allow_null=True, help_text=_("Its report, where the caller may read it.")
    )
    accepted = rest.BooleanField(required=False)


class RollUpLineSerializer(Serializer):
    """A figure of the report as the lower tier adds up to it. Blank (null) is not zero."""

    question = rest.CharField()
    label = rest.CharField()
    unit = rest.CharField(allow_blank=True)
    adds_up = rest.ChoiceField(choices=Indicator.AddsUp.choices)
    value = rest.CharField(allow_null=True)
    reported = rest.IntegerField()
    asked = rest.IntegerField()
    missing = rest.ListField(child=rest.CharField(), help_text=_("Codes of federations."))
    sources = NumberSourceSerializer(many=True)
    answer = rest.CharField(allow_null=True, help_text=_("What stands in the report now."))
    taken_over = rest.BooleanField(help_text=_("The answer is what was taken over."))
    moved_on = rest.BooleanField(
        help_text=_("The lower tier has reported something else since it was taken over.")
    )


class RollUpSerializer(Serializer):
    report = rest.UUIDField()
    version = rest.IntegerField(help_text=_("The report's."))
    asked = rest.IntegerField()
    reported = rest.IntegerField()
    missing = rest.ListField(child=rest.CharField(), help_text=_("Codes of federations."))
    lines = RollUpLineSerializer(many=True)


class TraceLineSerializer(Serializer):
    """A figure that was taken over, with every number that went into it."""

    question = rest.CharField()
    label = rest.CharField()
    unit = rest.CharField(allow_blank=True)
    answer = rest.CharField(allow_blank=True)
    number = rest.CharField(help_text=_("What was taken over."))
    adds_up = rest.ChoiceField(choices=Indicator.AddsUp.choices)
    changed = rest.BooleanField(help_text=_("It was changed by hand afterwards."))
    asked = rest.IntegerField()
    at = rest.DateTimeField(allow_null=True)
    by_name = rest.CharField()
    sources = NumberSourceSerializer(many=True)


class FigureTraceSerializer(Serializer):
    report = rest.UUIDField()
    version = rest.IntegerField(help_text=_("The report's."))
    lines = TraceLineSerializer(many=True)


def roll_up_body(report: Any, found: RollUp) -> dict[str, Any]:
    return {
        "report": str(report.pk),
        "version": report.version,
        "asked": found.asked,
        "reported": found.counted,
        "missing": [each.code for each in found.missing],
        "lines": [_line(line) for line in found.lines],
    }


def _line(line: RollUpLine) -> dict[str, Any]:
    return {
        "question": line.question.code,
        "label": str(line.question),
        "unit": line.question.unit,
        "adds_up": line.rule,
        "value": None if line.value is None else plain(line.value),
        "reported": line.reported,
        "asked": line.asked,
        "missing": [each.code for each in line.missing],
        "sources": [
            {
                "federation": source.federation.code,
                "name": source.federation.short_name,
                "number": plain(source.number),
                "version": source.version,
                "report": str(source.report) if source.report else None,
                "accepted": source.is_accepted,
            }
            for source in line.sources
        ],
        "answer": None if line.answer is None else plain(line.answer),
        "taken_over": line.is_taken,
        "moved_on": line.has_moved_on,
    }


def trace_body(report: Any, lines: list[TraceLine]) -> dict[str, Any]:
    return {
        "report": str(report.pk),
        "version": report.version,
        "lines": [
            {
                "question": line.code,
                "label": line.label,
                "unit": line.unit,
                "answer": line.answer,
                "number": line.number,
                "adds_up": line.rule,
                "changed": line.changed,
                "asked": line.asked,
                "at": line.at.isoformat() if line.at else None,
                "by_name": line.by,
                "sources": [
                    {
                        "federation": source.federation,
                        "name": source.name,
                        "number": source.number,
                        "version": source.version,
                        "report": str(source.report) if source.report else None,
                    }
                    for source in line.sources
                ],
            }
            for line in lines
        ],
    }

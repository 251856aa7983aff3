"""Shapes of notices in the REST API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.rows import computed
from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.attachments.serializers import AttachmentSerializer
from platform_site.casework.serializers import step_names, user_of
from platform_site.documents.models import NumberSeries
from platform_site.documents.numbers import number_text
from platform_site.federations.serializers import FederationCode
from platform_site.obligations.models import Obligation
from platform_site.obligations.periods import Frequency
from platform_site.questionnaires.models import Form
from platform_site.text.rest import LineSerializerField, ProseSerializerField

from .. import queries
from ..models import Asks, BusinessLine, Notice
from ..workflow import NOTICE, NoticeState
from .common import files_of
from .rounds import ScheduleSerializer


class NumberSerializer(Serializer):
    """发文字号: all three or none."""

    word = LineSerializerField(max_length=20)
    year = rest.IntegerField(min_value=1949, max_value=2100)
    no = rest.IntegerField(min_value=1, max_value=99999)

    def to_internal_value(self, data: Any) -> tuple[str, int, int]:  # type: ignore[override]
        value = super().to_internal_value(data)
        return value["word"], value["year"], value["no"]


def _frequency(frequency: str | None) -> str:
    return frequency or Frequency.ONCE


class NoticeRowSerializer(ModelSerializer):
    """A notice in a list: without its text, recipients and files."""

    #: Its newest round comes to the list as an annotation.
    row_columns: ClassVar[dict[str, str]] = {
        "due_on": "due_on",
        "on_time_until": "on_time_until",
        "locks_on": "locks_on",
        "period": "period",
    }

    id = rest.UUIDField(source="pk")
    title = rest.CharField(source="request.title")
    federation = rest.CharField(source="request.federation.code")
    number = computed(
        rest.CharField(),
        lambda _context: number_text,
        needs=["number_word", "number_year", "number_no"],
    )
    number_series = rest.CharField(
        source="number_series.word",
        read_only=True,
        allow_null=True,
        help_text=_("The word of the series from which the number is taken at issue."),
    )
    form = rest.CharField(source="form_version.form.code", read_only=True, allow_null=True)
    frequency = computed(
        rest.ChoiceField(choices=Frequency.choices),
        lambda _context: _frequency,
        needs=["request__schedule__frequency"],
    )
    period = rest.CharField(
        source="round.period",
        help_text=_("Of its newest round, as are the dates; of a draft, of its first."),
    )
    due_on = rest.DateField(source="round.due_on", allow_null=True)
    on_time_until = rest.DateField(source="round.on_time_until", allow_null=True)
    locks_on = rest.DateField(source="round.locks_on", allow_null=True)

    class Meta:
        model = Notice
        fields = [
            "id",
            "title",
            "number",
            "number_series",
            "federation",
            "business_line",
            "asks",
            "form",
            "frequency",
            "period",
            "due_on",
            "on_time_until",
            "locks_on",
            "state",
            "issued_at",
            "version",
        ]


class NoticeSerializer(NoticeRowSerializer):
    """A notice whole. ``recipients``: those whose obligations the caller may see."""

    schedule = rest.SerializerMethodField()
    recipients = rest.SerializerMethodField()
    attachments = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta:
        model = Notice
        fields = [
            *NoticeRowSerializer.Meta.fields,
            "schedule",
            "text",
            "contact_name",
            "contact_phone",
            "recipients",
            "attachments",
            "steps",
        ]

    def get_recipients(self, notice: Notice) -> list[str]:
        user = user_of(self)
        if notice.issued_at is None:
            codes = notice.request.addressees.values_list("federation__code", flat=True)
            return sorted(codes)
        owed = Obligation.objects.counted_for(user).filter(round=notice.round)
        return list(
            owed.order_by("federation__position").values_list("federation__code", flat=True)
        )

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, notice: Notice) -> list[dict[str, Any]]:
        return files_of(self, notice)

    def get_steps(self, notice: Notice) -> list[str]:
        user = user_of(self)
        steps = step_names(NOTICE.open_steps(notice, user))
        if notice.state == NoticeState.ISSUED:
            if user.has_perm("reports.chase", notice):
                steps.append("chase")
            steps += queries.round_steps(notice, user)
        return steps

    @extend_schema_field(ScheduleSerializer(allow_null=True))
    def get_schedule(self, notice: Notice) -> dict[str, Any] | None:
        """How it recurs; null where it asks once."""
        return ScheduleSerializer(notice.schedule).data if notice.schedule else None


class NoticeCreate(Serializer):
    """A new draft. Without ``recipients`` it goes to the 32 provincial federations."""

    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    title = LineSerializerField(max_length=150)
    text = ProseSerializerField(max_length=20000)
    asks = rest.ChoiceField(choices=Asks.choices)
    business_line = rest.ChoiceField(choices=BusinessLine.choices)
    form = rest.SlugRelatedField(
        slug_field="code",
        queryset=Form.objects.filter(extends=None),
        required=False,
        allow_null=True,
    )
    due_on = rest.DateField(
        required=False,
        allow_null=True,
        help_text=_("Left out only where the dates follow from a schedule of periods."),
    )
    on_time_until = rest.DateField(required=False, allow_null=True)
    locks_on = rest.DateField(required=False, allow_null=True)
    schedule = ScheduleSerializer(
        required=False, allow_null=True, help_text=_("How it recurs; null: it asks once.")
    )
    recipients = FederationCode(many=True, required=False, allow_empty=True)
    contact_name = LineSerializerField(max_length=40, required=False, allow_blank=True)
    contact_phone = LineSerializerField(max_length=40, required=False, allow_blank=True)
    number = NumberSerializer(required=False, allow_null=True)
    number_series = rest.SlugRelatedField(
        slug_field="word",
        queryset=NumberSeries.objects.active(),
        required=False,
        allow_null=True,
        help_text=_("A document word: the next free number is taken at issue."),
    )
    attachments = rest.ListField(child=rest.UUIDField(), required=False, max_length=50)


class NoticeChange(NoticeCreate):
    id = None  # type: ignore[assignment]

"""Shapes of 四落实 in the REST API: the matrix, statements, the centre's calls."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.rows import computed
from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.attachments.queries import of_owner
from platform_site.attachments.serializers import AttachmentSerializer
from platform_site.federations.serializers import FederationCode
from platform_site.text.rest import LineSerializerField, ProseSerializerField

from ..models import DepartmentKind, WorkRequest, WorkStatement, WorkSubject
from ..queries import work_system as queries
from ..services.work_system import MOST_STAFF


class WorkCellSerializer(Serializer):
    """One subject of one federation; everything but `settled` is a gap."""

    subject = rest.ChoiceField(choices=WorkSubject.choices)
    state = rest.ChoiceField(choices=queries.WorkState.choices)
    words = rest.CharField(
        allow_blank=True, help_text=_("What there is, in the reader's language.")
    )
    since = rest.DateField(allow_null=True)
    confirmed_on = rest.DateField(allow_null=True)
    document_number = rest.CharField(allow_blank=True)
    files = rest.IntegerField(help_text=_("How many files of evidence there are."))
    statement = rest.UUIDField(source="statement.pk", default=None, allow_null=True)
    holding = rest.UUIDField(source="holding.pk", default=None, allow_null=True)


class WorkFederationSerializer(Serializer):
    """A federation with what stands behind the work on the day."""

    code = rest.CharField()
    name = rest.CharField()
    as_of = rest.DateField()
    gaps = rest.IntegerField(help_text=_("How many of the five subjects are not settled."))
    cells = WorkCellSerializer(many=True, source="work.cells")
    leading_group = rest.BooleanField(source="work.leading_group", allow_null=True)
    reform_plan = rest.BooleanField(source="work.reform_plan", allow_null=True)
    confirmed_on = rest.DateField(source="work.confirmed_on", allow_null=True)
    request = rest.UUIDField(
        source="work.request.pk",
        default=None,
        allow_null=True,
        help_text=_("The centre's call that is open."),
    )
    version = rest.IntegerField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        instance.gaps = len(instance.work.gaps)
        return super().to_representation(instance)


class WorkMomentSerializer(Serializer):
    """On the timeline: a post held, something stated, or a confirmation."""

    on = rest.DateField()
    until = rest.DateField(allow_null=True)
    label = rest.CharField()
    words = rest.CharField()
    statement = rest.UUIDField(source="statement.pk", default=None, allow_null=True)


class WorkFederationDetailSerializer(WorkFederationSerializer):
    """With the history: who was in charge when, what was stated and confirmed."""

    timeline = WorkMomentSerializer(many=True)
    steps = rest.ListField(child=rest.CharField())


class WorkStatementRowSerializer(ModelSerializer):
    """What a federation stated about one subject, from a day until another."""

    federation = rest.CharField(source="federation.code")
    #: Empty where the subject is no department.
    department_kind = rest.ChoiceField(choices=[("", ""), *DepartmentKind.choices])
    holding = rest.UUIDField(source="holding_id", allow_null=True)
    corrects = rest.UUIDField(source="corrects_id", allow_null=True)
    corrected = computed(
        rest.BooleanField(),
        lambda _context: lambda corrected_at: corrected_at is not None,
        needs=["corrected_at"],
        help_text=_("Wrong, and another has taken its place."),
    )

    class Meta:
        model = WorkStatement
        fields = (
            *("id", "federation", "subject", "since", "until", "text", "department_kind"),
            *("full_time", "part_time", "amount", "year", "yes", "holding"),
            *("document_number", "note", "corrects", "reason", "corrected"),
            *("stated_by_name", "stated_at", "version"),
        )
        read_only_fields = fields


class WorkStatementSerializer(WorkStatementRowSerializer):
    attachments = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta(WorkStatementRowSerializer.Meta):
        fields = (*WorkStatementRowSerializer.Meta.fields, "attachments", "steps")
        read_only_fields = fields

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, statement: WorkStatement) -> list[dict[str, Any]]:
        files = of_owner(statement, self.context["request"].user)
        return AttachmentSerializer(files, many=True, context=self.context).data

    def get_steps(self, statement: WorkStatement) -> list[str]:
        return queries.statement_steps(self.context["request"].user, statement)


class _Saying(Serializer):
    """What the subject says; the fields of other subjects are left out."""

    text = ProseSerializerField(
        max_length=1000,
        required=False,
        help_text=_("The department's name, or what material and facilities there are."),
    )
    department_kind = rest.ChoiceField(choices=DepartmentKind.choices, required=False)
    full_time = rest.IntegerField(min_value=0, max_value=MOST_STAFF, required=False)
    part_time = rest.IntegerField(min_value=0, max_value=MOST_STAFF, required=False)
    amount = rest.DecimalField(
        max_digits=12, decimal_places=2, min_value=0, required=False, help_text=_("In 10,000 yuan.")
    )
    year = rest.IntegerField(min_value=1949, max_value=2199, required=False)
    yes = rest.BooleanField(required=False)
    holding = rest.UUIDField(required=False, help_text=_("The leader's entry in `/holdings/`."))
    document_number = LineSerializerField(max_length=80, required=False, allow_blank=True)
    note = ProseSerializerField(max_length=1000, required=False, allow_blank=True)
    attachments = rest.ListField(
        child=rest.UUIDField(), required=False, max_length=20, help_text=_("The evidence.")
    )


class WorkStatementCreate(_Saying):
    """From `since` on this holds, and the statement before it ends there."""

    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    federation = FederationCode()
    subject = rest.ChoiceField(choices=WorkSubject.choices)
    since = rest.DateField()


class WorkStatementCorrect(_Saying):
    """What is not given stays as it was; the evidence is given anew."""

    reason = ProseSerializerField(max_length=500)


class WorkStatementEnd(Serializer):
    until = rest.DateField(help_text=_("The first day on which it does not hold."))
    note = ProseSerializerField(max_length=500, required=False, allow_blank=True)


class WorkRequestSerializer(ModelSerializer):
    """催填: the centre asks a federation to close its gaps by a day."""

    federation = rest.CharField(source="federation.code")

    class Meta:
        model = WorkRequest
        fields = (
            *("id", "federation", "due_on", "sentence", "asked_by_name", "asked_at"),
            *("done_at", "version"),
        )
        read_only_fields = fields


class WorkRequestCreate(Serializer):
    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    federation = FederationCode()
    due_on = rest.DateField()
    sentence = ProseSerializerField(max_length=300, required=False, allow_blank=True)

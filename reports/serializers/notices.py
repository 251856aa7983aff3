"""Shapes of notices, obligations, reports and comments in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.attachments.models import Attachment
from platform_site.attachments.serializers import AttachmentSerializer
from platform_site.casework.queries import today
from platform_site.casework.workflow import Step
from platform_site.documents.models import NumberSeries
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import Form
from platform_site.text.rest import LineSerializerField, ProseSerializerField

from .. import queries
from ..models import Asks, BusinessLine, Comment, Notice, Report, ReportVersion
from ..workflow import NOTICE, REPORT

Answers = dict[str, Any]


def _user(serializer: rest.BaseSerializer) -> Any:
    return serializer.context["request"].user


def _steps(steps: list[Step]) -> list[str]:
    """The open steps as the last part of the address each is posted to."""
    return [step.name.replace("_", "-") for step in steps]


# --- Notices --------------------------------------------------------------------------------------
class NumberSerializer(Serializer):
    """发文字号: all three or none."""

    word = LineSerializerField(max_length=20)
    year = rest.IntegerField(min_value=1949, max_value=2100)
    no = rest.IntegerField(min_value=1, max_value=99999)

    def to_internal_value(self, data: Any) -> tuple[str, int, int]:  # type: ignore[override]
        value = super().to_internal_value(data)
        return value["word"], value["year"], value["no"]


class NoticeRowSerializer(ModelSerializer):
    """A notice in a list: without its text, recipients and files."""

    id = rest.UUIDField(source="pk")
    title = rest.CharField()
    federation = rest.CharField(source="federation.code")
    number = rest.CharField()
    number_series = rest.SerializerMethodField()
    form = rest.SerializerMethodField()
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
            "due_on",
            "on_time_until",
            "locks_on",
            "state",
            "issued_at",
            "version",
        ]

    def get_form(self, notice: Notice) -> str | None:
        return notice.form.code if notice.form else None

    def get_number_series(self, notice: Notice) -> str | None:
        """The word of the series from which the number is taken at issue."""
        return notice.number_series.word if notice.number_series else None


class NoticeSerializer(NoticeRowSerializer):
    """A notice whole. ``recipients``: those whose obligations the caller may see."""

    recipients = rest.SerializerMethodField()
    attachments = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta:
        model = Notice
        fields = [
            *NoticeRowSerializer.Meta.fields,
            "text",
            "contact_name",
            "contact_phone",
            "recipients",
            "attachments",
            "steps",
        ]

    def get_recipients(self, notice: Notice) -> list[str]:
        user = _user(self)
        if notice.issued_at is None:
            codes = notice.request.addressees.values_list("federation__code", flat=True)
            return sorted(codes)
        owed = Obligation.objects.visible_to(user).filter(round__request=notice.pk)
        return list(
            owed.order_by("federation__position").values_list("federation__code", flat=True)
        )

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, notice: Notice) -> list[dict[str, Any]]:
        return _files(self, notice)

    def get_steps(self, notice: Notice) -> list[str]:
        return _steps(NOTICE.open_steps(notice, _user(self)))


def _files(serializer: rest.BaseSerializer, owner: Any) -> list[dict[str, Any]]:
    files = Attachment.objects.visible_to(_user(serializer)).of(owner).order_by("created_at")
    return AttachmentSerializer(files, many=True, context=serializer.context).data


class FederationCode(rest.SlugRelatedField):
    """A federation by its code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="code", queryset=Federation.objects.current(), **kwargs)


class NoticeCreate(Serializer):
    """A new draft. Without ``recipients`` it goes to the 32 provincial federations."""

    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    title = LineSerializerField(max_length=150)
    text = ProseSerializerField(max_length=20000)
    asks = rest.ChoiceField(choices=Asks.choices)
    business_line = rest.ChoiceField(choices=BusinessLine.choices)
    form = rest.SlugRelatedField(
        slug_field="code", queryset=Form.objects.all(), required=False, allow_null=True
    )
    due_on = rest.DateField()
    on_time_until = rest.DateField(required=False, allow_null=True)
    locks_on = rest.DateField(required=False, allow_null=True)
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


# --- Obligations ------------------------------------------------------------------------------------
class ObligationSerializer(ModelSerializer):
    """What one federation owes to one notice. ``standing`` takes its report into account."""

    request = rest.UUIDField(source="round.request_id", help_text=_("The notice."))
    title = rest.CharField(source="round.request.title")
    federation = rest.CharField(source="federation.code")
    state = rest.CharField()
    standing = rest.SerializerMethodField()
    late = rest.SerializerMethodField()
    leader_in_charge = rest.SerializerMethodField()
    report = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta:
        model = Obligation
        fields = [
            "id",
            "request",
            "title",
            "federation",
            "due_on",
            "on_time_until",
            "locks_on",
            "state",
            "standing",
            "late",
            "signed_for_at",
            "leader_in_charge",
            "department",
            "filed_at",
            "settled_at",
            "waived_at",
            "report",
            "version",
            "steps",
        ]

    def get_standing(self, obligation: Obligation) -> str:
        report = getattr(obligation, "report", None)
        return queries.standing_of(obligation, report.state if report else None)

    def get_late(self, obligation: Obligation) -> bool:
        return obligation.is_late(today())

    def get_leader_in_charge(self, obligation: Obligation) -> str:
        return obligation.leader.name if obligation.leader else ""

    def get_report(self, obligation: Obligation) -> str | None:
        """Its report's id, once the caller may read it."""
        report = getattr(obligation, "report", None)
        if report is None:
            return None
        readable = report.submitted_at is not None or queries.sees_draft(report, _user(self))
        return str(report.pk) if readable else None

    def get_steps(self, obligation: Obligation) -> list[str]:
        return queries.obligation_steps(obligation, _user(self))


class Extend(Serializer):
    """延期: the new due date of one federation, and why."""

    due_on = rest.DateField()
    on_time_until = rest.DateField(required=False, allow_null=True)
    locks_on = rest.DateField(required=False, allow_null=True)
    reason = ProseSerializerField(max_length=1000)


class Waive(Serializer):
    """免报: why this federation need not report."""

    reason = ProseSerializerField(max_length=1000)


class SignFor(Serializer):
    """签收: who leads, and which department does the work."""

    leader_name = LineSerializerField(max_length=40)
    leader_title = LineSerializerField(max_length=60, required=False, allow_blank=True)
    department = LineSerializerField(max_length=80)


# --- Reports ----------------------------------------------------------------------------------------
class ReportRowSerializer(ModelSerializer):
    """A report in a list: without its answers."""

    obligation = rest.UUIDField(source="obligation_id")
    notice = rest.UUIDField(source="obligation.round.request_id")
    title = rest.CharField(source="obligation.round.request.title")
    federation = rest.CharField(source="federation.code")
    due_on = rest.DateField(source="obligation.due_on", allow_null=True)
    late = rest.SerializerMethodField()

    class Meta:
        model = Report
        fields = [
            "id",
            "obligation",
            "notice",
            "title",
            "federation",
            "kind",
            "state",
            "due_on",
            "late",
            "submitted_at",
            "accepted_at",
            "version",
        ]

    def get_late(self, report: Report) -> bool:
        return report.obligation.is_late(today())


class SignOffSerializer(Serializer):
    name = rest.CharField()
    title = rest.CharField()
    on = rest.DateField()
    by_own_account = rest.BooleanField()


class VersionRowSerializer(ModelSerializer):
    receipt_number = rest.CharField()

    class Meta:
        model = ReportVersion
        fields = ["number", "receipt_number", "submitted_at", "submitted_by_name"]


class VersionSerializer(VersionRowSerializer):
    """A submitted version, whole, with the wordings of its questions."""

    answers = rest.SerializerMethodField()

    class Meta:
        model = ReportVersion
        fields = [
            *VersionRowSerializer.Meta.fields,
            "prepared_by_name",
            "signed_off_name",
            "signed_off_title",
            "signed_off_on",
            "nothing_to_report",
            "nothing_reason",
            "explanation",
            "doubts",
            "answers",
            "content",
        ]

    def get_answers(self, version: ReportVersion) -> Answers:
        return sheets.answers_in(version.content)


class ReportSerializer(ReportRowSerializer):
    """A report. The own federation reads it as it is written, others as it was last submitted."""

    form = rest.SerializerMethodField()
    answers = rest.SerializerMethodField()
    nothing_to_report = rest.SerializerMethodField()
    nothing_reason = rest.SerializerMethodField()
    explanation = rest.SerializerMethodField()
    prepared_by = rest.SerializerMethodField()
    submitted_by = rest.SerializerMethodField()
    sign_off = rest.SerializerMethodField()
    versions = rest.SerializerMethodField()
    attachments = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta:
        model = Report
        fields = [
            *ReportRowSerializer.Meta.fields,
            "supersedes",
            "form",
            "answers",
            "nothing_to_report",
            "nothing_reason",
            "explanation",
            "prepared_by",
            "submitted_by",
            "sign_off",
            "versions",
            "attachments",
            "steps",
        ]

    def to_representation(self, report: Report) -> dict[str, Any]:
        if then := self.context.get("then"):
            self._kept = then.kept
            return super().to_representation(report) | self._past(then)
        user = _user(self)
        latest = queries.latest_version(report)
        self._kept = None if queries.shows_live(report, user, latest) else latest
        return super().to_representation(report)

    def _past(self, then: queries.ReportThen) -> dict[str, Any]:
        """What was otherwise at the end of that day; nothing can be done in the past."""
        files = {file["id"] for file in then.kept.content.get("attachments", [])}
        return {
            "state": str(then.state),
            "due_on": then.obligation.due_on,
            "late": then.is_late,
            "accepted_at": then.accepted_at,
            "versions": VersionRowSerializer(reversed(then.versions), many=True).data,
            "attachments": [
                file for file in _files(self, then.kept.report) if str(file["id"]) in files
            ],
            "steps": [],
        }

    def _of(self, report: Report, name: str) -> Any:
        """A field of the version that the caller sees."""
        return getattr(self._kept or report, name)

    def get_form(self, report: Report) -> str:
        return report.sheet.form_version.form.code

    def get_answers(self, report: Report) -> Answers:
        if self._kept:
            return sheets.answers_in(self._kept.content)
        return {code: answer.value for code, answer in sheets.answers_of(report.sheet).items()}

    def get_nothing_to_report(self, report: Report) -> bool:
        return self._of(report, "nothing_to_report")

    def get_nothing_reason(self, report: Report) -> str:
        return self._of(report, "nothing_reason")

    def get_explanation(self, report: Report) -> str:
        return self._of(report, "explanation")

    def get_prepared_by(self, report: Report) -> str:
        return self._kept.prepared_by_name if self._kept else report.prepared_by.name

    def get_submitted_by(self, report: Report) -> str:
        if self._kept:
            return self._kept.submitted_by_name
        return report.submitted_by.name if report.submitted_by else ""

    @extend_schema_field(SignOffSerializer(allow_null=True))
    def get_sign_off(self, report: Report) -> dict[str, Any] | None:
        if self._of(report, "signed_off_on") is None:
            return None
        return {
            "name": self._of(report, "signed_off_name"),
            "title": self._of(report, "signed_off_title"),
            "on": self._of(report, "signed_off_on").isoformat(),
            "by_own_account": report.signed_off_by_id is not None,
        }

    @extend_schema_field(VersionRowSerializer(many=True))
    def get_versions(self, report: Report) -> list[dict[str, Any]]:
        return VersionRowSerializer(report.versions.all(), many=True).data

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, report: Report) -> list[dict[str, Any]]:
        return _files(self, report)

    def get_steps(self, report: Report) -> list[str]:
        return _steps(REPORT.open_steps(report, _user(self)))


class ReportCreate(Serializer):
    """Opens the report that an obligation asks for."""

    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    obligation = rest.UUIDField()
    answers = rest.DictField(
        required=False,
        help_text=_("Value by question code; text, number, option code, date, boolean."),
    )


class ReportChange(Serializer):
    """Merges answers; null takes an answer away."""

    answers = rest.DictField(required=False)
    nothing_to_report = rest.BooleanField(required=False)
    nothing_reason = ProseSerializerField(max_length=1000, required=False, allow_blank=True)
    explanation = ProseSerializerField(max_length=2000, required=False, allow_blank=True)


class SignOff(Serializer):
    """Which leader signed it off, and when. A leader's own token needs none of it."""

    name = LineSerializerField(max_length=40, required=False, allow_blank=True)
    title = LineSerializerField(max_length=60, required=False, allow_blank=True)
    on = rest.DateField(required=False)
    scan = rest.UUIDField(required=False, help_text=_("An attachment of the report."))


class Submit(Serializer):
    """``explanation`` overrides doubts; the reviewer reads it first."""

    explanation = ProseSerializerField(max_length=2000, required=False, allow_blank=True)


class OptionalNote(Serializer):
    note = ProseSerializerField(max_length=2000, required=False, allow_blank=True)


# --- Comments ---------------------------------------------------------------------------------------
class CommentSerializer(ModelSerializer):
    """A comment on one answer of one submitted version, and its reply."""

    report = rest.UUIDField(source="report_version.report_id")
    report_version = rest.IntegerField(source="report_version.number")

    class Meta:
        model = Comment
        fields = [
            "id",
            "report",
            "report_version",
            "question",
            "text",
            "by_name",
            "at",
            "reply",
            "replied_by_name",
            "replied_at",
            "version",
        ]


class CommentCreate(Serializer):
    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    question = rest.SlugField(max_length=60)
    text = ProseSerializerField(max_length=2000)


class CommentText(Serializer):
    text = ProseSerializerField(max_length=2000)

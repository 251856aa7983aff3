"""Shapes of reports and their submitted versions in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.rows import computed
from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.attachments.serializers import AttachmentSerializer
from platform_site.casework.serializers import step_names, user_of
from platform_site.obligations.models import LATENESS
from platform_site.questionnaires import queries as sheets
from platform_site.text.rest import LineSerializerField, ProseSerializerField

from .. import queries
from ..models import Report, ReportVersion, receipt_number_of
from ..services.filling import OPEN_TO_FILLING
from ..services.reports import submission_problems
from ..services.sign_offs import may_sign_off
from ..workflow import REPORT
from .common import files_of
from .obligations import lateness
from .rounds import PERIOD_HELP

Answers = dict[str, Any]


class ReportRowSerializer(ModelSerializer):
    """A report in a list: without its answers."""

    obligation = rest.UUIDField(source="obligation_id")
    notice = rest.UUIDField(source="obligation.round.request_id")
    title = rest.CharField(source="obligation.round.request.title")
    period = rest.CharField(source="obligation.round.period", help_text=PERIOD_HELP)
    federation = rest.CharField(source="federation.code")
    due_on = rest.DateField(source="obligation.due_on", allow_null=True)
    late = computed(
        rest.BooleanField(),
        lateness,
        needs=[f"obligation__{name}" for name in LATENESS],
    )

    class Meta:
        model = Report
        fields = [
            "id",
            "obligation",
            "notice",
            "title",
            "period",
            "federation",
            "kind",
            "state",
            "due_on",
            "late",
            "submitted_at",
            "accepted_at",
            "version",
        ]


class SignOffSerializer(Serializer):
    name = rest.CharField()
    title = rest.CharField()
    on = rest.DateField()
    by_own_account = rest.BooleanField()


class VersionRowSerializer(ModelSerializer):
    receipt_number = computed(
        rest.CharField(),
        lambda _context: receipt_number_of,
        needs=["submitted_at", "report_id", "number"],
    )

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
    form_version = rest.IntegerField(
        source="sheet.form_version.number",
        help_text=_("The version of the form whose questions it answers."),
    )
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
            "form_version",
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
        user = user_of(self)
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
                file for file in files_of(self, then.kept.report) if str(file["id"]) in files
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
        return files_of(self, report)

    def get_steps(self, report: Report) -> list[str]:
        steps = step_names(REPORT.open_steps(report, user_of(self)))
        if report.state in OPEN_TO_FILLING and user_of(self).has_perm(
            "reports.fill_report", report
        ):
            steps.append("bring-forward")
            if hasattr(report.obligation, "pass_down"):
                steps.append("take-over")
        return ["sign-off", *steps] if may_sign_off(report, user_of(self)) else steps


class BlockingSerializer(Serializer):
    """As `submit` would say it; `pointer` leads to the answer, the sign-off, the comment."""

    pointer = rest.CharField()
    code = rest.CharField()
    detail = rest.CharField(source="message")


class DoubtSerializer(Serializer):
    question = rest.CharField()
    label = rest.CharField()
    code = rest.CharField()
    message = rest.CharField()


class ProgressSerializer(Serializer):
    code = rest.CharField()
    label = rest.CharField(source="name")
    state = rest.ChoiceField(choices=["not_started", "in_progress", "needs_more", "done"])
    answered = rest.IntegerField()
    total = rest.IntegerField()


class ReadinessSerializer(Serializer):
    """Whether it could be submitted as it stands. Doubts pass with an explanation."""

    ready = rest.BooleanField()
    blocking = BlockingSerializer(many=True)
    doubts = DoubtSerializer(many=True)
    sections = ProgressSerializer(many=True)


def readiness_of(report: Report) -> dict[str, Any]:
    """By the same rule as `submit`."""
    questions = sheets.questions_of(report.sheet.form_version)
    answers = sheets.answers_of(report.sheet)
    findings = sheets.findings_of(report.sheet, questions, answers)
    blocking, doubts = submission_problems(report, findings)
    found = {
        "ready": not blocking,
        "blocking": blocking,
        "doubts": doubts,
        "sections": queries.progress_of(questions, answers, findings),
    }
    return ReadinessSerializer(found).data


class ReportCreate(Serializer):
    """Opens the report that an obligation asks for."""

    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    obligation = rest.UUIDField()
    answers = rest.DictField(
        required=False,
        help_text=_(
            "Value by question code, in the shape of its kind: text; number and money as decimal text; an option’s"
            " code, or a list of them; a date; a boolean; a table as a list of rows, or by row code where rows"
            " are fixed, each an object of column codes; files as a list of ids of the report’s attachments."
        ),
    )


class ReportChange(Serializer):
    """Merges answers; null takes an answer away."""

    answers = rest.DictField(required=False)
    looked_at = rest.ListField(
        child=rest.SlugField(max_length=60),
        required=False,
        max_length=500,
        help_text=_("Questions whose answers, taken from the last period, were looked at."),
    )
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

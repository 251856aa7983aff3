"""Shapes of notices, obligations, reports and comments in the REST API."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.rows import computed
from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.attachments.queries import of_owner
from platform_site.attachments.serializers import AttachmentSerializer
from platform_site.casework.queries import today
from platform_site.casework.workflow import Step
from platform_site.documents.models import NumberSeries
from platform_site.documents.numbers import number_text
from platform_site.federations.serializers import FederationCode
from platform_site.obligations.models import LATENESS, MARKS, Obligation, is_late, state_of
from platform_site.obligations.periods import Frequency
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import Form
from platform_site.text.rest import LineSerializerField, ProseSerializerField

from .. import queries
from ..models import Asks, BusinessLine, Comment, Notice, Report, ReportVersion, receipt_number_of
from ..services.reports import OPEN_TO_FILLING, may_sign_off, submission_problems
from ..workflow import NOTICE, REPORT, NoticeState
from .rounds import PERIOD_HELP, ScheduleSerializer

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
        user = _user(self)
        if notice.issued_at is None:
            codes = notice.request.addressees.values_list("federation__code", flat=True)
            return sorted(codes)
        owed = Obligation.objects.counted_for(user).filter(round=notice.round)
        return list(
            owed.order_by("federation__position").values_list("federation__code", flat=True)
        )

    @extend_schema_field(AttachmentSerializer(many=True))
    def get_attachments(self, notice: Notice) -> list[dict[str, Any]]:
        return _files(self, notice)

    def get_steps(self, notice: Notice) -> list[str]:
        user = _user(self)
        steps = _steps(NOTICE.open_steps(notice, user))
        if notice.state == NoticeState.ISSUED:
            if user.has_perm("reports.chase", notice):
                steps.append("chase")
            steps += queries.round_steps(notice, user)
        return steps

    @extend_schema_field(ScheduleSerializer(allow_null=True))
    def get_schedule(self, notice: Notice) -> dict[str, Any] | None:
        """How it recurs; null where it asks once."""
        return ScheduleSerializer(notice.schedule).data if notice.schedule else None


def _files(serializer: rest.BaseSerializer, owner: Any) -> list[dict[str, Any]]:
    """The files of a record that this reader may see: not those of a draft that others write."""
    files = of_owner(owner, _user(serializer))
    return AttachmentSerializer(files, many=True, context=serializer.context).data


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


# --- Obligations ------------------------------------------------------------------------------------
def _report_of(context: Mapping[str, Any]) -> Callable[..., Any]:
    """The id of its report, once the caller may read it."""
    own = queries.federations_that_draft(context["request"].user)

    def find(report: Any, submitted_at: Any, federation_id: int) -> Any:
        return report if submitted_at or federation_id in own else None

    return find


def _lateness(_context: Mapping[str, Any]) -> Callable[..., bool]:
    return functools.partial(is_late, today=today())


def _or_blank(value: Any) -> Any:
    return value or ""


class ObligationRowSerializer(ModelSerializer):
    """What one federation owes to one notice. ``standing`` takes its report into account."""

    request = rest.UUIDField(source="round.request_id", help_text=_("The notice."))
    title = rest.CharField(source="round.request.title")
    period = rest.CharField(source="round.period", help_text=PERIOD_HELP)
    federation = rest.CharField(source="federation.code")
    parent = rest.UUIDField(
        source="parent_id",
        allow_null=True,
        help_text=_("In a cascade the obligation that it was passed down from."),
    )
    state = computed(
        rest.ChoiceField(choices=Obligation.State.choices),
        lambda _context: state_of,
        needs=MARKS,
    )
    standing = computed(
        rest.ChoiceField(choices=queries.Standing.choices),
        lambda _context: lambda report, *marks: queries.refined(state_of(*marks), report),
        needs=["report__state", *MARKS],
    )
    late = computed(
        rest.BooleanField(),
        _lateness,
        needs=LATENESS,
    )
    leader_in_charge = computed(
        rest.CharField(),
        lambda _context: _or_blank,
        needs=["leader__name"],
    )
    report = computed(
        rest.UUIDField(allow_null=True),
        _report_of,
        needs=["report__id", "report__submitted_at", "federation_id"],
        help_text=_("Its report, once the caller may read it."),
    )

    class Meta:
        model = Obligation
        fields = [
            "id",
            "request",
            "title",
            "period",
            "federation",
            "parent",
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
        ]


class ObligationSerializer(ObligationRowSerializer):
    """An obligation, with what the caller may do about it now."""

    steps = rest.SerializerMethodField()

    class Meta:
        model = Obligation
        fields = [*ObligationRowSerializer.Meta.fields, "steps"]

    def get_steps(self, obligation: Obligation) -> list[str]:
        return queries.obligation_steps(obligation, _user(self))


class Extend(Serializer):
    """延期: the new due date of one federation, and why."""

    due_on = rest.DateField()
    on_time_until = rest.DateField(required=False, allow_null=True)
    locks_on = rest.DateField(required=False, allow_null=True)
    reason = ProseSerializerField(max_length=1000)
    attachments = rest.ListField(
        child=rest.UUIDField(), required=False, max_length=50, help_text=_("Its papers.")
    )


class Waive(Serializer):
    """免报: why this federation need not report."""

    reason = ProseSerializerField(max_length=1000)
    attachments = rest.ListField(
        child=rest.UUIDField(), required=False, max_length=50, help_text=_("Its papers.")
    )


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
    period = rest.CharField(source="obligation.round.period", help_text=PERIOD_HELP)
    federation = rest.CharField(source="federation.code")
    due_on = rest.DateField(source="obligation.due_on", allow_null=True)
    late = computed(
        rest.BooleanField(),
        _lateness,
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
        steps = _steps(REPORT.open_steps(report, _user(self)))
        if report.state in OPEN_TO_FILLING and _user(self).has_perm("reports.fill_report", report):
            steps.append("bring-forward")
            if hasattr(report.obligation, "pass_down"):
                steps.append("take-over")
        return ["sign-off", *steps] if may_sign_off(report, _user(self)) else steps


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


class OptionalNote(Serializer):
    note = ProseSerializerField(max_length=2000, required=False, allow_blank=True)


# --- Comments ---------------------------------------------------------------------------------------
class CommentSerializer(ModelSerializer):
    """A comment on one answer of one submitted version, and its reply."""

    report = rest.UUIDField(source="report_version.report_id")
    report_version = rest.IntegerField(source="report_version.number")
    steps = rest.SerializerMethodField()

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
            "steps",
        ]

    def get_steps(self, comment: Comment) -> list[str]:
        return ["reply"] if queries.may_reply(comment, _user(self)) else []


class CommentCreate(Serializer):
    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    question = rest.SlugField(max_length=60)
    text = ProseSerializerField(max_length=2000)


class CommentText(Serializer):
    text = ProseSerializerField(max_length=2000)

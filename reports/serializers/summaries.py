"""Shapes of summaries in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.rows import computed
from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.documents.models import NumberSeries
from platform_site.documents.numbers import number_text
from platform_site.text.rest import LineSerializerField, ProseSerializerField

from ..documents import FORMS
from ..models import Summary, SummaryEdition, SummaryPart, receipt_number_of
from ..models.summaries import PART_LENGTH, REASON_LENGTH, REMARK_LENGTH
from ..queries import summaries as queries
from ..queries.exhibits import MOST_INDICATORS, TITLE_LENGTH, ExhibitKind
from ..services.summaries import cannot_sum_up
from .rounds import PERIOD_HELP


class CountsSerializer(rest.Serializer):
    """How many federations: asked, filed (late ones among them), accepted, not filed, waived."""

    recipients = rest.IntegerField()
    owed = rest.IntegerField()
    filed = rest.IntegerField()
    late = rest.IntegerField()
    accepted = rest.IntegerField()
    not_filed = rest.IntegerField()
    waived = rest.IntegerField()
    cancelled = rest.IntegerField()


class TotalSerializer(rest.Serializer):
    """One indicator over the federations. ``value`` is null where nothing was reported."""

    indicator = rest.CharField()
    zh = rest.CharField()
    en = rest.CharField()
    unit_zh = rest.CharField()
    unit_en = rest.CharField()
    rule = rest.CharField(help_text=_("sum, count, average, latest or none"))
    value = rest.CharField(allow_null=True)
    reported = rest.IntegerField()
    of = rest.IntegerField()
    missing = rest.ListField(child=rest.CharField(), help_text=_("Codes of federations."))
    latest = rest.CharField(required=False, help_text=_("Whose figure it is, where one counts."))


class SummaryLineSerializer(rest.Serializer):
    """One federation: where it stands, and its figures by indicator; what is not there is blank."""

    federation = rest.CharField()
    zh = rest.CharField()
    en = rest.CharField()
    standing = rest.CharField()
    late = rest.BooleanField()
    filed_on = rest.DateField(allow_null=True)
    report = rest.UUIDField(allow_null=True)
    version = rest.IntegerField(allow_null=True)
    receipt = rest.CharField()
    figures = rest.DictField(child=rest.CharField())


class ParagraphSerializer(rest.Serializer):
    """A paragraph and the version of the report that it was drawn from."""

    federation = rest.CharField()
    zh = rest.CharField()
    en = rest.CharField()
    text = rest.CharField()
    report = rest.UUIDField()
    version = rest.IntegerField()
    receipt = rest.CharField()
    edited_by = rest.CharField(help_text=_("Empty while it stands as it was filed."))


class SummedNoticeSerializer(rest.Serializer):
    id = rest.UUIDField()
    title = rest.CharField()
    number = rest.CharField()
    asks = rest.CharField()
    issued_on = rest.DateField(allow_null=True)
    due_on = rest.DateField(allow_null=True)


class LeftOutSerializer(rest.Serializer):
    """An accepted report that does not go in; its figures count nowhere."""

    federation = rest.CharField()
    zh = rest.CharField()
    en = rest.CharField()
    reason = rest.CharField()
    report = rest.UUIDField()
    version = rest.IntegerField()
    receipt = rest.CharField()


class ExhibitSerializer(rest.Serializer):
    """A table or a bar chart between the paragraphs; its figures are those of `rows`."""

    kind = rest.ChoiceField(choices=ExhibitKind.choices)
    title = LineSerializerField(max_length=TITLE_LENGTH, required=False, allow_blank=True)
    indicators = rest.ListField(
        child=rest.SlugField(max_length=60),
        max_length=MOST_INDICATORS,
        help_text=_("A chart shows one."),
    )
    after = rest.CharField(
        max_length=16,
        required=False,
        allow_blank=True,
        help_text=_("Behind the paragraph of this federation; empty: before all of them."),
    )

    def to_internal_value(self, data: Any) -> Any:
        return {"title": "", "after": "", **super().to_internal_value(data)}


class ContentSerializer(rest.Serializer):
    """What the accepted reports add up to; every figure and paragraph names its report.

    Editions frozen before shape 2 have neither `shape` nor `left_out` nor `exhibits`.
    """

    shape = rest.IntegerField(required=False)
    left_out = LeftOutSerializer(many=True, required=False)
    exhibits = ExhibitSerializer(many=True, required=False)
    title = rest.CharField()
    remark = rest.CharField()
    notice = SummedNoticeSerializer()
    as_of = rest.DateTimeField()
    counts = CountsSerializer()
    totals = TotalSerializer(many=True)
    rows = SummaryLineSerializer(many=True)
    parts = ParagraphSerializer(many=True)


class SummaryRowSerializer(ModelSerializer):
    """A summary in a list."""

    notice = rest.UUIDField(source="notice_id")
    period = rest.CharField(source="round.period", help_text=PERIOD_HELP)
    last_edition = rest.IntegerField(allow_null=True, read_only=True)

    class Meta:
        model = Summary
        fields = ["id", "notice", "period", "title", "changed_at", "last_edition", "version"]


class SummarySerializer(SummaryRowSerializer):
    """The working copy, with what it adds up to now."""

    content = rest.SerializerMethodField()
    waiting = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta:
        model = Summary
        fields = [
            *SummaryRowSerializer.Meta.fields,
            "remark",
            "questions",
            "waiting",
            "content",
            "steps",
        ]

    def to_representation(self, summary: Summary) -> dict[str, Any]:
        self._content = queries.summary_content(summary)
        # The moment of reading would change the ETag although nothing else did.
        self._content["as_of"] = summary.changed_at.isoformat(timespec="seconds")
        return super().to_representation(summary)

    @extend_schema_field(ContentSerializer)
    def get_content(self, summary: Summary) -> dict[str, Any]:
        return dict(self._content)

    def get_waiting(self, summary: Summary) -> list[str]:
        """Federations whose accepted report is not taken in yet."""
        return queries.to_draw(self._content)

    def get_steps(self, summary: Summary) -> list[str]:
        user = self.context["request"].user
        return ["draw", "freeze"] if cannot_sum_up(summary.notice, user) is None else []


class SummaryCreate(Serializer):
    """Begins the one summary of a round of a notice; without ``period``, of its newest one."""

    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    notice = rest.UUIDField()
    period = rest.CharField(max_length=20, required=False, allow_blank=True)


class SummaryChange(Serializer):
    title = LineSerializerField(max_length=150, required=False)
    remark = ProseSerializerField(max_length=REMARK_LENGTH, required=False, allow_blank=True)
    questions = rest.ListField(
        child=rest.SlugField(max_length=60),
        required=False,
        max_length=50,
        help_text=_("Codes of the questions that paragraphs are drawn from."),
    )
    order = rest.ListField(
        child=rest.CharField(max_length=16),
        required=False,
        max_length=100,
        help_text=_("Codes of federations in the order of their paragraphs; the others follow."),
    )
    exhibits = ExhibitSerializer(many=True, required=False)


class Freeze(Serializer):
    note = LineSerializerField(max_length=200, required=False, allow_blank=True)
    series = rest.SlugRelatedField(
        slug_field="word",
        queryset=NumberSeries.objects.active(),
        required=False,
        allow_null=True,
        help_text=_("The word of a series, whose next document number the edition takes."),
    )


class Build(Serializer):
    """Without ``edition`` the draft is built as it stands."""

    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    form = rest.ChoiceField(choices=FORMS)
    edition = rest.IntegerField(required=False, allow_null=True, min_value=1, max_value=999_999)


class SummaryPartSerializer(ModelSerializer):
    """A paragraph, editable, beside its source."""

    federation = rest.CharField(source="obligation.federation.code")
    report = rest.UUIDField(source="source.report_id")
    report_version = rest.IntegerField(source="source.number")
    receipt = computed(
        rest.CharField(),
        lambda _context: receipt_number_of,
        needs=["source__submitted_at", "source__report_id", "source__number"],
    )
    edited_by = computed(
        rest.CharField(),
        lambda _context: lambda name: name or "",
        needs=["edited_by__name"],
    )
    steps = rest.SerializerMethodField()

    class Meta:
        model = SummaryPart
        fields = [
            "federation",
            "text",
            "position",
            "left_out",
            "report",
            "report_version",
            "receipt",
            "edited_by",
            "edited_at",
            "version",
            "steps",
        ]

    def get_steps(self, part: SummaryPart) -> list[str]:
        user = self.context["request"].user
        return ["redraw"] if cannot_sum_up(part.summary.notice, user) is None else []


class PartText(Serializer):
    """What is not given stays."""

    text = ProseSerializerField(max_length=PART_LENGTH, required=False)
    left_out = LineSerializerField(
        max_length=REASON_LENGTH,
        required=False,
        allow_blank=True,
        help_text=_("Why the report is left out; empty takes it in again."),
    )


class SourceSerializer(Serializer):
    """One report behind a total."""

    federation = rest.CharField()
    zh = rest.CharField()
    en = rest.CharField()
    report = rest.UUIDField()
    version = rest.IntegerField()
    receipt = rest.CharField()
    figure = rest.CharField()


class MovedSerializer(Serializer):
    """A source that is not what it was; null where the report did not count."""

    federation = rest.CharField()
    zh = rest.CharField()
    en = rest.CharField()
    old = rest.CharField(allow_null=True)
    new = rest.CharField(allow_null=True)
    old_version = rest.IntegerField(allow_null=True)
    new_version = rest.IntegerField(allow_null=True)


class TraceSerializer(Serializer):
    """A total with every report it is made of, and what changed since an edition."""

    edition = rest.IntegerField(allow_null=True, help_text=_("Null: the working copy."))
    since = rest.IntegerField(allow_null=True, help_text=_("Null: there is no earlier edition."))
    total = TotalSerializer()
    was = rest.CharField(allow_null=True)
    sources = SourceSerializer(many=True)
    left_out = LeftOutSerializer(many=True)
    moved = MovedSerializer(many=True)


class EditionRowSerializer(ModelSerializer):
    """A frozen edition in a list."""

    document_number = computed(
        rest.CharField(),
        lambda _context: number_text,
        needs=["number_word", "number_year", "number_no"],
    )

    class Meta:
        model = SummaryEdition
        fields = ["number", "note", "document_number", "frozen_at", "frozen_by_name"]


class EditionSerializer(EditionRowSerializer):
    """A frozen edition, whole."""

    content = ContentSerializer()

    class Meta:
        model = SummaryEdition
        fields = [*EditionRowSerializer.Meta.fields, "content"]

"""Shapes of circulars in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as rest

from platform_site.api.rows import computed
from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.documents.models import NumberSeries
from platform_site.documents.numbers import number_text
from platform_site.federations.serializers import FederationCode
from platform_site.text.rest import LineSerializerField, ProseSerializerField

from ..documents import FORMS
from ..models import Circular, CircularList
from ..models.circulars import REMARK_LENGTH, TEXT_LENGTH
from ..queries import circulars as queries
from ..queries import follows_all
from ..services.circulars import MOST_SUBJECTS
from ..workflow import CIRCULAR, CircularState, ReportState


class CircularLineSerializer(rest.Serializer):
    """One federation in one round. ``late_by`` is null where it is not late."""

    federation = rest.CharField()
    zh = rest.CharField()
    en = rest.CharField()
    group = rest.ChoiceField(choices=CircularList.choices[:5])
    due_on = rest.DateField(allow_null=True, help_text=_("Its own, extensions included."))
    extended = rest.BooleanField()
    filed_on = rest.DateField(allow_null=True)
    late_by = rest.IntegerField(allow_null=True, help_text=_("Working days past its limit."))
    review = rest.ChoiceField(choices=[("", ""), *ReportState.choices])
    returned = rest.IntegerField(help_text=_("How often its report was returned."))


class CircularCountsSerializer(rest.Serializer):
    """How many federations are named, by group; how many are left out."""

    owed = rest.IntegerField()
    on_time = rest.IntegerField()
    late = rest.IntegerField()
    silent = rest.IntegerField()
    running = rest.IntegerField()
    waived = rest.IntegerField()
    left_out = rest.IntegerField()


class CircularPartSerializer(rest.Serializer):
    round = rest.UUIDField()
    notice = rest.UUIDField()
    title = rest.CharField()
    number = rest.CharField()
    period = rest.CharField()
    issued_on = rest.DateField(allow_null=True)
    due_on = rest.DateField(allow_null=True)
    on_time_until = rest.DateField(allow_null=True)
    asks_report = rest.BooleanField()
    counts = CircularCountsSerializer()
    lines = CircularLineSerializer(many=True)


class SaidSerializer(rest.Serializer):
    federation = rest.CharField()
    zh = rest.CharField()
    en = rest.CharField()
    text = rest.CharField()


class CircularContentSerializer(rest.Serializer):
    """What it says. ``left_out`` is told to those who follow all federations."""

    shape = rest.IntegerField(help_text=_("The version of this shape."))
    title = rest.CharField()
    issuer = rest.CharField()
    printed_by = rest.CharField()
    as_of = rest.DateField()
    moment = rest.DateTimeField(
        allow_null=True, help_text=_("Set where the day was not over when it was read.")
    )
    before = rest.CharField()
    after = rest.CharField()
    lists = rest.ListField(child=rest.ChoiceField(choices=CircularList.choices))
    parts = CircularPartSerializer(many=True)
    remarks = SaidSerializer(many=True)
    left_out = SaidSerializer(many=True)


class CircularRowSerializer(ModelSerializer):
    """A circular in a list."""

    number = computed(
        rest.CharField(),
        lambda _context: number_text,
        needs=["number_word", "number_year", "number_no"],
    )

    class Meta:
        model = Circular
        fields = ("id", "title", "number", "as_of", "state", "issued_at", "withdrawn_at", "version")
        read_only_fields = fields


class CircularSerializer(CircularRowSerializer):
    """A circular whole: what was frozen, or what the draft would say now."""

    number_series = rest.CharField(
        source="number_series.word",
        allow_null=True,
        read_only=True,
        help_text=_("The word of the series from which the number is taken at issue."),
    )
    content = rest.SerializerMethodField()
    digest = rest.SerializerMethodField()
    steps = rest.SerializerMethodField()

    class Meta(CircularRowSerializer.Meta):
        fields = (
            *CircularRowSerializer.Meta.fields,
            *("number_series", "withdrawal_reason", "content", "digest", "steps"),
        )
        read_only_fields = fields

    def to_representation(self, circular: Circular) -> dict[str, Any]:
        # The moment of reading would change the ETag although nothing else did.
        self._content = queries.shown_content(circular, circular.changed_at)
        return super().to_representation(circular)

    @extend_schema_field(CircularContentSerializer)
    def get_content(self, circular: Circular) -> dict[str, Any]:
        follows = follows_all(self.context["request"].user)
        return dict(self._content if follows else queries.printed_part(self._content))

    def get_digest(self, circular: Circular) -> str:
        """Marks what it says: send it with the approval, which then holds for this and nothing else."""
        return queries.digest_of(self._content)

    def get_steps(self, circular: Circular) -> list[str]:
        user = self.context["request"].user
        steps = [each.name.replace("_", "-") for each in CIRCULAR.open_steps(circular, user)]
        writes = user.has_perm("reports.draft_circular", circular)
        open_draft = circular.state == CircularState.DRAFT and writes
        return [*steps, "set-line"] if open_draft else steps


class CircularCreate(Serializer):
    """A new draft; without `lists` the usual ones."""

    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    title = LineSerializerField(max_length=150)
    rounds = rest.ListField(
        child=rest.UUIDField(),
        min_length=1,
        max_length=MOST_SUBJECTS,
        help_text=_("The rounds it is about, in this order; `/ledger/` names them."),
    )
    as_of = rest.DateField(help_text=_("The lists are those of the end of this day."))
    before = ProseSerializerField(max_length=TEXT_LENGTH, required=False, allow_blank=True)
    after = ProseSerializerField(max_length=TEXT_LENGTH, required=False, allow_blank=True)
    lists = rest.ListField(
        child=rest.ChoiceField(choices=CircularList.choices),
        required=False,
        min_length=1,
        max_length=len(CircularList),
        help_text=_("What it lists, in this order."),
    )
    number_series = rest.SlugRelatedField(
        slug_field="word",
        queryset=NumberSeries.objects.active(),
        required=False,
        allow_null=True,
        help_text=_("A document word: the next free number is taken at issue."),
    )


class CircularChange(CircularCreate):
    id = None  # type: ignore[assignment]


class SetLine(Serializer):
    """What is said of one federation; both empty take it back."""

    federation = FederationCode()
    remark = LineSerializerField(max_length=REMARK_LENGTH, required=False, allow_blank=True)
    left_out = LineSerializerField(
        max_length=REMARK_LENGTH,
        required=False,
        allow_blank=True,
        help_text=_("Filled in, the federation appears in no list; the approver reads why."),
    )


class ApproveCircular(Serializer):
    note = ProseSerializerField(max_length=2000, required=False, allow_blank=True)
    digest = rest.CharField(
        max_length=64,
        required=False,
        allow_blank=True,
        help_text=_("The digest that was read; 412 where the circular says something else by now."),
    )


class BuildCircular(Serializer):
    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    form = rest.ChoiceField(choices=FORMS)

"""Shapes of reminding and chasing, and of punctuality in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.casework.models import Channel, Nudge, NudgeTarget
from platform_site.casework.serializers import RungField
from platform_site.casework.services import RuleGiven
from platform_site.text.rest import ProseSerializerField

from ..queries import LateRow, Punctuality, RecipientRow
from ..services.reminding import RULES


# --- Rules -------------------------------------------------------------------------------------------
class RuleSerializer(Serializer):
    """One rule. ``days``: working days from the due date, negative before it; ``every``: again after
    so many. The texts may name ``{name} {federation} {what} {title} {due_on} {days_left}``."""

    duty_rule = rest.ChoiceField(choices=[rule.code for rule in RULES])
    days = rest.IntegerField(min_value=-60, max_value=60)
    every = rest.IntegerField(min_value=1, max_value=60, required=False, allow_null=True)
    rung = RungField()
    channels = rest.ListField(
        child=rest.ChoiceField(choices=Channel.choices), min_length=1, max_length=len(Channel)
    )
    text_zh = ProseSerializerField(max_length=500)
    text_en = ProseSerializerField(max_length=800, required=False, allow_blank=True)
    compulsory = rest.BooleanField(required=False)

    def to_internal_value(self, data: Any) -> RuleGiven:  # type: ignore[override]
        given = super().to_internal_value(data)
        return RuleGiven(**given | {"channels": tuple(given["channels"])})


class RulesBody(Serializer):
    """All rules that hold for the notice from now on."""

    rules = RuleSerializer(many=True, max_length=40)


class PreviewBody(RulesBody):
    federation = rest.CharField(
        max_length=16, required=False, help_text=_("Else the first recipient.")
    )


class PreviewLineSerializer(Serializer):
    """What one rule says to whom. ``day`` is null where it hangs on an act that is still to come."""

    duty_rule = rest.CharField(source="rule.duty_rule")
    days = rest.IntegerField(source="rule.days")
    day = rest.DateField(allow_null=True)
    reached = rest.CharField(source="rung", help_text=_("Who would be reached, in words."))
    climbed = rest.BooleanField(help_text=_("Nobody is in post where the rule points."))
    people = rest.ListField(child=rest.CharField())
    text = rest.CharField()


class PreviewSerializer(Serializer):
    federation = rest.CharField(source="federation.code")
    lines = PreviewLineSerializer(many=True)


class RuleShownSerializer(RuleSerializer):
    """A rule that holds: the default ones remind of more duties than a notice may rule itself."""

    duty_rule = rest.CharField()


class LadderSerializer(Serializer):
    """When whom is reminded of what. ``own`` is false while the default rules hold; its version is
    then 0. ``preview`` is what they say to one recipient, null without any."""

    own = rest.BooleanField()
    version = rest.IntegerField()
    rules = RuleShownSerializer(many=True)
    preview = PreviewSerializer(allow_null=True)


# --- Chasing -----------------------------------------------------------------------------------------
class LateSerializer(Serializer):
    """A federation that can be chased: what it owes, and how often it was chased for it."""

    federation = rest.CharField(source="federation.code")
    name = rest.CharField(source="federation.name")
    rule = rest.CharField(source="duty.rule_code")
    what = rest.CharField(source="duty.rule.label")
    due_on = rest.DateField(source="duty.due_on", allow_null=True)
    working_days_left = rest.SerializerMethodField()
    nudges = rest.IntegerField()

    def get_working_days_left(self, row: LateRow) -> int | None:
        return row.due.working_days_left if row.due else None


class TargetSerializer(ModelSerializer):
    federation = rest.CharField(source="federation.code")

    class Meta:
        model = NudgeTarget
        fields = ("federation", "outcome", "people")
        read_only_fields = fields


class NudgeSerializer(ModelSerializer):
    """One act of chasing, and what it came to for each federation."""

    targets = TargetSerializer(many=True)

    class Meta:
        model = Nudge
        fields = ("id", "sentence", "by_name", "at", "targets")
        read_only_fields = fields


class ChasingSerializer(Serializer):
    late = LateSerializer(many=True)
    nudges = NudgeSerializer(many=True)


class ChaseBody(Serializer):
    """催办: whom, how far up, and a sentence of one's own at the head of the message."""

    id = rest.UUIDField(required=False, help_text=_("Your own UUID makes a replay harmless."))
    federations = rest.ListField(child=rest.CharField(max_length=16), min_length=1, max_length=500)
    up_to = RungField(required=False)
    sentence = ProseSerializerField(max_length=300, required=False, allow_blank=True)


# --- Punctuality -------------------------------------------------------------------------------------
class PunctualSerializer(Serializer):
    """A federation and the days that decided."""

    federation = rest.CharField(source="obligation.federation.code")
    name = rest.CharField(source="obligation.federation.name")
    obligation = rest.UUIDField(source="obligation.pk")
    due_on = rest.DateField(source="obligation.due_on", allow_null=True)
    on_time_until = rest.DateField(source="obligation.on_time_until", allow_null=True)
    filed_at = rest.DateTimeField(source="obligation.filed_at", allow_null=True)
    settled_at = rest.DateTimeField(source="obligation.settled_at", allow_null=True)
    standing = rest.SerializerMethodField()

    def get_standing(self, row: RecipientRow) -> str:
        return str(row.standing)


class PunctualitySerializer(Serializer):
    """One list of a circular (通报). ``names``: the short names in Chinese, ready to be copied."""

    code = rest.ChoiceField(choices=["on_time", "late", "silent", "running", "waived"])
    label = rest.CharField()
    names = rest.CharField()
    federations = rest.SerializerMethodField()

    def get_federations(self, group: Punctuality) -> list[dict[str, Any]]:
        return PunctualSerializer(group.rows, many=True).data


class PunctualityOfNoticeSerializer(Serializer):
    notice = rest.UUIDField()
    due_on = rest.DateField(allow_null=True)
    groups = PunctualitySerializer(many=True)

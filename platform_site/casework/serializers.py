"""Shapes of to-do lists, dates, reminders and of the overview in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers as rest

from platform_site.api.serializers import ModelSerializer, Serializer
from platform_site.text.rest import LineSerializerField
from platform_site.web.charts import BarChart

from .models import Duty, Reminder, ReminderPreference, Rung
from .queries import look_at, today
from .workflow import Step


def user_of(serializer: rest.BaseSerializer) -> Any:
    """Whoever asks."""
    return serializer.context["request"].user


def step_names(steps: list[Step]) -> list[str]:
    """The open steps as the last part of the address each is posted to."""
    return [step.name.replace("_", "-") for step in steps]


#: The rungs of the ladder by names that stay.
RUNGS = {Rung.OFFICER: "officer", Rung.HEAD: "head", Rung.LEADER: "leader"}


class RungField(rest.ChoiceField):
    """``officer``, ``head`` or ``leader``; the service knows them by their height."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=list(RUNGS.values()), **kwargs)

    def to_internal_value(self, data: Any) -> int:
        name = super().to_internal_value(data)
        return next(rung.value for rung, each in RUNGS.items() if each == name)

    def to_representation(self, value: Any) -> str:
        return RUNGS[Rung(value)]


# --- Days --------------------------------------------------------------------------------------------
class NamedDaySerializer(Serializer):
    """A day off, or one worked to make up, as the State Council's plan names it."""

    date = rest.DateField()
    is_workday = rest.BooleanField()
    name = rest.CharField()


class DueDateSerializer(Serializer):
    """A due date seen from today. ``provisional``: the plan of its year is not published yet."""

    due_on = rest.DateField()
    working_days_left = rest.IntegerField()
    late = rest.BooleanField(source="is_late")
    is_rest_day = rest.BooleanField()
    provisional = rest.BooleanField()
    between = NamedDaySerializer(many=True, help_text=_("Named days from today to that day."))


# --- Duties ------------------------------------------------------------------------------------------
class DutySerializer(ModelSerializer):
    """Something that is to be done, or was. ``subject`` is the id of the ``subject_type``."""

    what = rest.CharField(source="rule.label")
    rule = rest.CharField(source="rule_code")
    subject_type = rest.CharField(source="subject_type.model")
    subject = rest.UUIDField(source="subject_id")
    matter = rest.UUIDField(source="matter_id", allow_null=True, help_text=_("The notice."))
    federation = rest.CharField(source="federation.code")
    late = rest.SerializerMethodField()
    working_days_left = rest.SerializerMethodField()
    outcome = rest.CharField(read_only=True, help_text="done or cancelled; empty while it is open")

    class Meta:
        model = Duty
        fields = (
            *("id", "rule", "what", "title", "subject_type", "subject", "matter", "federation"),
            *("started_on", "due_on", "provisional", "late", "working_days_left"),
            *("opened_at", "done_at", "outcome"),
        )
        read_only_fields = fields

    def get_late(self, duty: Duty) -> bool:
        return duty.is_late(today())

    def get_working_days_left(self, duty: Duty) -> int | None:
        """Null without a date, and for what is done."""
        open_until = duty.due_on if duty.done_at is None else None
        return look_at(open_until).working_days_left if open_until else None


# --- Reminders ---------------------------------------------------------------------------------------
class ReminderSerializer(ModelSerializer):
    """One reminder of one duty to one person over one channel. ``outcome`` says how it ended."""

    rule = rest.CharField(source="duty.rule_code", help_text=_("What was to be done."))
    nudged_by = rest.CharField(
        source="nudge.by_name",
        default=None,
        allow_null=True,
        help_text=_("Who chased; null for a rule."),
    )
    to = rest.CharField(source="user.name")
    rung = RungField(help_text=_("Whom the rule names."))
    reached = RungField(help_text=_("Who was in post: higher up where nobody below was."))
    outcome = rest.CharField()

    class Meta:
        model = Reminder
        fields = (
            *("id", "rule", "nudged_by", "due_on", "day", "late", "to", "channel"),
            *("rung", "reached", "recorded_at", "state", "outcome"),
        )
        read_only_fields = fields


class ReminderSettingsSerializer(ModelSerializer):
    """What the token's owner chose about reminders."""

    class Meta:
        model = ReminderPreference
        fields = ("by_mail", "chat_address", "version")
        read_only_fields = fields


class ReminderSettingsChange(Serializer):
    by_mail = rest.BooleanField(required=False)
    chat_address = LineSerializerField(max_length=300, required=False, allow_blank=True)


# --- The overview ------------------------------------------------------------------------------------
class BusinessLineSerializer(Serializer):
    """A line of business. A figure that is not known is null, never zero."""

    code = rest.CharField(source="line.code")
    label = rest.CharField(source="line.label")
    used = rest.BooleanField(help_text=_("Whether there ever was anything in this line."))
    due = rest.IntegerField(source="due.value", allow_null=True)
    late = rest.IntegerField(source="late.value", allow_null=True)
    changed = rest.IntegerField(allow_null=True, help_text=_("Since Monday."))


class MatterSerializer(Serializer):
    line = rest.CharField()
    title = rest.CharField()
    count = rest.IntegerField()
    words = rest.CharField()
    day = rest.DateField()
    url = rest.CharField(help_text=_("Its page, below the platform's address."))


class ChangeSerializer(Serializer):
    line = rest.CharField()
    title = rest.CharField()
    count = rest.IntegerField()
    words = rest.CharField()
    at = rest.DateTimeField()
    url = rest.CharField(help_text=_("Its page, below the platform's address."))


class BarSerializer(Serializer):
    label = rest.CharField()
    values = rest.ListField(
        child=rest.IntegerField(allow_null=True), help_text=_("One for each of the series.")
    )
    note = rest.CharField()


class ChartSerializer(Serializer):
    code = rest.CharField()
    title = rest.CharField()
    unit = rest.CharField()
    category = rest.CharField()
    series = rest.SerializerMethodField()
    bars = BarSerializer(many=True)

    def get_series(self, chart: BarChart) -> list[str]:
        return [str(each.label) for each in chart.series]


class OverviewSerializer(Serializer):
    """The lines of business: what is due within ten working days, late, and changed this week."""

    today = rest.DateField()
    monday = rest.DateField()
    lines = BusinessLineSerializer(many=True)
    due = MatterSerializer(many=True)
    late = MatterSerializer(many=True)
    changes = ChangeSerializer(many=True)
    charts = ChartSerializer(many=True)

"""Shapes of the rounds of a notice in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers as rest

from platform_site.api.serializers import Serializer
from platform_site.obligations.periods import Frequency
from platform_site.obligations.queries import RoundAhead
from platform_site.obligations.schedules import MOST_DAYS, DateRule, DueUnit, Plan
from platform_site.text.rest import LineSerializerField, ProseSerializerField

from .. import queries
from ..models import Notice

PERIOD_HELP = _("The code of the period: 2026-09, 2026-Q3, 2026-H2, 2026, or a day; empty if once.")


class ScheduleSerializer(Serializer):
    """How often a notice asks, and the rule of its dates: days after the period's last day.

    Without a last period it goes on until the notice is closed. ``opens_after``, ``on_time_after`` (from
    the due date) and ``locks_after`` (from the on-time limit; null: never) are working days.
    """

    frequency = rest.ChoiceField(choices=Frequency.choices)
    first_period = rest.CharField(
        max_length=20, required=False, allow_blank=True, help_text=PERIOD_HELP
    )
    last_period = rest.CharField(max_length=20, required=False, allow_blank=True)
    opens_after = rest.IntegerField(min_value=1, max_value=MOST_DAYS, required=False)
    due_after = rest.IntegerField(min_value=1, max_value=MOST_DAYS, required=False)
    due_unit = rest.ChoiceField(choices=DueUnit.choices, required=False)
    on_time_after = rest.IntegerField(min_value=0, max_value=MOST_DAYS, required=False)
    locks_after = rest.IntegerField(
        min_value=0, max_value=MOST_DAYS, required=False, allow_null=True
    )

    def to_internal_value(self, data: Any) -> Plan:  # type: ignore[override]
        given = super().to_internal_value(data)
        return Plan(
            given.pop("frequency"),
            given.pop("first_period", ""),
            given.pop("last_period", ""),
            DateRule(**given),
        )


class RoundPlan(ScheduleSerializer):
    """A schedule of periods as parameters of an address."""

    first_period = rest.CharField(max_length=20)
    locks_after = rest.IntegerField(min_value=0, max_value=MOST_DAYS, required=False)


class RoundSerializer(Serializer):
    """One round, opened or ahead. ``provisional``: a year among its dates has no published plan."""

    period = rest.CharField(help_text=PERIOD_HELP)
    label = rest.CharField()
    opened_at = rest.DateTimeField(allow_null=True)
    opens_on = rest.DateField(allow_null=True)
    due_on = rest.DateField(allow_null=True)
    on_time_until = rest.DateField(allow_null=True)
    locks_on = rest.DateField(allow_null=True)
    provisional = rest.BooleanField()
    moved_reason = rest.CharField()
    form_version = rest.IntegerField(
        allow_null=True, help_text=_("The version of the form that it keeps, once it is open.")
    )
    recipients = rest.IntegerField(allow_null=True)
    filed = rest.IntegerField(allow_null=True)


class FormChangeSerializer(Serializer):
    change = rest.ChoiceField(choices=["added", "changed", "removed"], source="kind")
    label = rest.CharField()
    facts = rest.CharField()


class NewerFormSerializer(Serializer):
    """A published version that the next round could take (`renew-form`), and what differs."""

    version = rest.IntegerField()
    changes = FormChangeSerializer(many=True)


class RoundsSerializer(Serializer):
    """The rounds that were opened, the newest first, and those ahead, the next first."""

    opened = RoundSerializer(many=True)
    ahead = RoundSerializer(many=True)
    newer_form = NewerFormSerializer(allow_null=True)


def rounds_body(notice: Notice, user: Any) -> dict[str, Any]:
    newer = queries.newer_form(notice)
    body = {
        "opened": [
            {
                "period": line.round.period,
                "label": line.round.period_label,
                "opened_at": line.round.opened_at,
                **_dates(line.round),
                "provisional": False,
                "moved_reason": line.round.moved_reason,
                "form_version": line.form_version,
                "recipients": line.total,
                "filed": line.filed,
            }
            for line in queries.round_lines(notice, user)
        ],
        "ahead": [ahead_body(each) for each in queries.rounds_to_come(notice)],
        "newer_form": None,
    }
    if newer is not None and notice.form_version is not None:
        changes = queries.form_changes(notice.form_version, newer)
        body["newer_form"] = {"version": newer.number, "changes": changes}
    return RoundsSerializer(body).data


def ahead_body(each: RoundAhead) -> dict[str, Any]:
    return {
        "period": each.period.code,
        "label": each.period.label,
        "opened_at": None,
        **_dates(each.dates),
        "provisional": each.dates.provisional,
        "moved_reason": each.moved_reason,
        "form_version": None,
        "recipients": None,
        "filed": None,
    }


def _dates(dated: Any) -> dict[str, Any]:
    return {
        name: getattr(dated, name) for name in ("opens_on", "due_on", "on_time_until", "locks_on")
    }


class _Dates(Serializer):
    due_on = rest.DateField()
    on_time_until = rest.DateField(required=False, allow_null=True)
    locks_on = rest.DateField(required=False, allow_null=True)


class OpenRound(_Dates):
    """再开一轮: the day that names the round of an irregular notice, and its dates."""

    period = LineSerializerField(max_length=20)


class MoveRound(_Dates):
    """Another due date for one round ahead, with the reason."""

    period = LineSerializerField(max_length=20)
    reason = ProseSerializerField(max_length=1000)


class LastValueSerializer(Serializer):
    """What was accepted in the last period for a question of this report."""

    question = rest.CharField()
    value = rest.JSONField()
    shown = rest.CharField()
    period = rest.CharField(help_text=PERIOD_HELP)
    label = rest.CharField()


class LastPeriodSerializer(Serializer):
    """The last period beside this one; ``to_bring`` are the questions that `bring-forward` would fill."""

    answers = LastValueSerializer(many=True)
    to_bring = rest.ListField(child=rest.CharField())
    brought_forward = rest.ListField(
        child=rest.CharField(), help_text=_("Taken over and not looked at since.")
    )

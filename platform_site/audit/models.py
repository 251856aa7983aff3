"""The decision trail: who did what, when and why; and what was refused. Rows are only ever added."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pgtrigger
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from . import actions

#: An entry written down this much after the act says so ("recorded later").
RECORDED_LATER_AFTER = timedelta(minutes=10)

_RAISE = "RAISE EXCEPTION 'The trail is append-only: % is refused.', TG_OP;"
#: Its own name, because Django's test flush truncates: the test set-up disables this one alone,
#: ``TRUNCATE_TRIGGER.disable(Entry)``.
TRUNCATE_TRIGGER = pgtrigger.Trigger(
    name="trail_no_truncate",
    level=pgtrigger.Statement,
    when=pgtrigger.Before,
    operation=pgtrigger.Truncate,
    func=_RAISE,
)
APPEND_ONLY_TRIGGER = pgtrigger.Trigger(
    name="trail_append_only",
    when=pgtrigger.Before,
    operation=pgtrigger.Update | pgtrigger.Delete,
    func=_RAISE,
)


class EntryQuerySet(models.QuerySet["Entry"]):
    def visible_to(self, user: Any) -> EntryQuerySet:
        """The whole trail for the auditor, nothing for anybody else.

        Others read the story of an object they can see (``queries.story``), and only that.
        """
        if getattr(user, "is_active", False) and user.scope.holds("auditor"):
            return self
        return self.none()

    def about(self, subject: Model) -> EntryQuerySet:
        return self.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))


class Entry(models.Model):
    """One act or one refusal. It holds the actor's id and name as they were, and no key to any
    other table: the trail outlives what it tells of. ``facts`` never holds a personal value.
    """

    class Result(models.TextChoices):
        DONE = "done", _("Done")
        REFUSED = "refused", _("Refused")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("when"))
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)
    actor_id = models.UUIDField(null=True, blank=True)
    actor_name = models.CharField(_("who"), max_length=150, blank=True)
    actor_office = models.CharField(_("office"), max_length=300, blank=True)
    action = models.CharField(_("action"), max_length=80)
    subject_type = models.CharField(_("kind of object"), max_length=80, blank=True)
    subject_id = models.CharField(_("object"), max_length=64, blank=True)
    subject_label = models.CharField(_("object"), max_length=200, blank=True)
    federation_code = models.CharField(_("federation"), max_length=16, blank=True)
    from_state = models.CharField(_("from state"), max_length=40, blank=True)
    to_state = models.CharField(_("to state"), max_length=40, blank=True)
    note = models.TextField(_("reason"), blank=True)
    facts = models.JSONField(default=dict, blank=True, encoder=DjangoJSONEncoder)
    result = models.CharField(
        _("result"), max_length=8, choices=Result.choices, default=Result.DONE
    )
    request_id = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("entry of the trail")
        verbose_name_plural = _("trail")
        indexes = [
            models.Index(
                fields=["subject_type", "subject_id", "at"], name="audit_entry_by_subject"
            ),
            models.Index(fields=["actor_id", "at"], name="audit_entry_by_actor"),
            models.Index(fields=["at", "id"], name="audit_entry_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(result__in=["done", "refused"]), name="audit_entry_result_known"
            )
        ]
        triggers = [APPEND_ONLY_TRIGGER, TRUNCATE_TRIGGER]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.subject_label}"

    @property
    def recorded_later(self) -> bool:
        """Was the act written down only well after it happened (imported, or entered from paper)?"""
        return self.recorded_at - self.at > RECORDED_LATER_AFTER

    @property
    def title(self) -> str:
        return actions.label(self.action)

    @property
    def what(self) -> str:
        """The object by its name then; for a refused request, the address that was asked for."""
        if self.subject_label or not self.facts.get("path"):
            return self.subject_label
        return f"{self.facts.get('method', '')} {self.facts['path']}".strip()

    @property
    def subject_model(self) -> type[Model] | None:
        try:
            return apps.get_model(self.subject_type)
        except (LookupError, ValueError):
            return None

    @property
    def subject_kind(self) -> str:
        model = self.subject_model
        return str(model._meta.verbose_name) if model else self.subject_type

    @property
    def from_label(self) -> str:
        return self._state_label(self.from_state)

    @property
    def to_label(self) -> str:
        return self._state_label(self.to_state)

    def _state_label(self, state: str) -> str:
        """The state's own name, from the choices of the subject's model."""
        model = self.subject_model
        if not state or model is None:
            return state
        try:
            choices = dict(model._meta.get_field("state").flatchoices)  # type: ignore[union-attr]
        except FieldDoesNotExist:
            # A state that is worked out from other columns keeps its names in ``Model.State``.
            choices = dict(getattr(getattr(model, "State", None), "choices", ()))
        return str(choices.get(state, state))

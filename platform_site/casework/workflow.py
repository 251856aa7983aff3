"""One engine for every workflow: a literal table of steps and one ``take()``.

The table of an app (``<app>/workflow.py``) is the rule: it draws the page's buttons, the API's open
steps, the documentation and the test of every (state, step, role). ``take()`` is the only writer of a
state. No state-machine library: see ``docs/decisions/0002-step-tables.md``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from platform_site.audit import services as audit
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Refused, Stale, StepNotOpen

M = TypeVar("M", bound=models.Model)
#: Looks at the object and the person; returns why this person may not, or nothing.
Guard = Callable[[Any, Any], Refused | None]


@dataclass(frozen=True)
class Step:
    name: str
    sources: frozenset[str]
    to: str
    permission: str
    label: str | Promise
    needs_note: bool = False
    guards: tuple[Guard, ...] = ()
    #: Shown as the page's first button, as a plain one, or as one that warns.
    tone: str = "plain"
    #: The platform takes it by itself too, when its time has come: then ``by`` is None.
    alone: bool = False


def step(
    name: str,
    sources: str | Iterable[str],
    to: str,
    permission: str,
    *,
    label: str | Promise,
    needs_note: bool = False,
    guards: Iterable[Guard] = (),
    tone: str = "plain",
    alone: bool = False,
) -> Step:
    """A row of a step table."""
    froms = frozenset([sources] if isinstance(sources, str) else sources)
    return Step(name, froms, to, permission, label, needs_note, tuple(guards), tone, alone)


_workflows: dict[str, Workflow] = {}


class Workflow:
    """The step table of one model; ``name`` is its label, such as ``reports.report``."""

    def __init__(self, name: str, *steps: Step, states: type[models.TextChoices]) -> None:
        if name in _workflows:
            raise ValueError(f"two workflows are named {name}")
        self.name = name
        self.states = states
        self.steps: Mapping[str, Step] = {each.name: each for each in steps}
        if len(self.steps) != len(steps):
            raise ValueError(f"{name} names a step twice")
        _workflows[name] = self

    def open_steps(self, obj: models.Model, user: Any) -> list[Step]:
        """The steps that this person could take on this object now; never raises."""
        return [
            each
            for each in self.steps.values()
            if obj.state in each.sources  # type: ignore[attr-defined]
            and user.has_perm(each.permission, obj)
            and not any(guard(obj, user) for guard in each.guards)
        ]

    def refusal(self, obj: models.Model, step_name: str, user: Any) -> Refused | None:
        """Why this person may not take this step now, or None; the version is not looked at."""
        chosen = self.steps[step_name]
        by_itself = user is None and chosen.alone
        if not by_itself and (user is None or not user.has_perm(chosen.permission, obj)):
            return NotAllowed("not_yours", _("This step is not yours to take."))
        for guard in () if by_itself else chosen.guards:
            if refused := guard(obj, user):
                return refused
        if obj.state not in chosen.sources:  # type: ignore[attr-defined]
            return StepNotOpen(
                "step_not_open",
                _("“%(step)s” is not open any more: the state is now “%(state)s”.")
                % {"step": chosen.label, "state": self.states(obj.state).label},  # type: ignore[attr-defined]
            )
        return None

    def take(
        self,
        obj: M,
        step_name: str,
        *,
        by: Any,
        version: int,
        note: str = "",
        at: dt.datetime | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> M:
        """Take a step: lock, permission, source state, version, note, change, trail.

        ``version`` is the one the person saw. Returns the fresh, locked object with its new state
        saved. Raises NotAllowed (403), StepNotOpen (409), Stale (412) or Invalid (422), and then
        nothing is written.
        """
        chosen = self.steps[step_name]
        with transaction.atomic():
            fresh = lock(obj)
            if refused := self.refusal(fresh, step_name, by):
                raise refused
            check_version(fresh, version)
            note = note.strip()
            if chosen.needs_note and not note:
                raise Invalid(
                    "note_missing",
                    _("Say why, so that the other side knows what to do."),
                    fields=[FieldProblem("/note", "required", _("Give the reason."))],
                )
            before = fresh.state  # type: ignore[attr-defined]
            fresh.state = chosen.to  # type: ignore[attr-defined]
            fresh.version += 1  # type: ignore[attr-defined]
            fresh.save(update_fields=["state", "version"])
            audit.record(
                f"{self.name}.{step_name}",
                fresh,
                by=by,
                at=at or timezone.now(),
                note=note,
                from_state=before,
                to_state=chosen.to,
                federation=getattr(fresh, "federation", None),
                facts=dict(facts or {}),
            )
            return fresh


def lock(obj: M) -> M:
    """The row as it is now, locked until the transaction ends (keys may still point at it)."""
    manager = type(obj)._base_manager
    return manager.select_for_update(no_key=True, of=("self",)).get(pk=obj.pk)


def check_version(obj: Any, version: int) -> None:
    """Refuse (412) when the object changed since the caller read ``version`` of it."""
    if obj.version != version:
        raise Stale(
            "stale",
            _("Somebody changed this since you opened it. Look at it again before you go on."),
            version=obj.version,
        )


def all_workflows() -> list[Workflow]:
    return sorted(_workflows.values(), key=lambda each: each.name)

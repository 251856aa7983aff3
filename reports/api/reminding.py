"""What hangs on a notice beside its steps: the dates, the rules of reminding, chasing, punctuality."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.fields import DateField
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api import versions
from platform_site.api.views import ActViewSet
from platform_site.casework.models import ReminderRule, Rung
from platform_site.casework.queries import look_at
from platform_site.casework.serializers import DueDateSerializer
from platform_site.casework.workdays import EARLIEST, LATEST
from platform_site.jobs.answers import accepted
from platform_site.jobs.serializers import JobSerializer
from platform_site.problems import FieldProblem, Invalid, NotAllowed, Unreadable

from .. import queries, services
from ..jobs import start_chase
from ..models import Notice
from ..serializers import reminding as shapes


@dataclass(frozen=True)
class _Ladder:
    """The rules of a notice as they are shown; version 0 while the default ones hold."""

    own: bool
    version: int
    rules: list[ReminderRule]
    preview: queries.Preview | None


def _ladder(notice: Notice, federation: str) -> _Ladder:
    own = queries.own_ladder_of(notice)
    rules = services.rules_of(notice)
    preview = queries.preview(notice, rules, federation)
    return _Ladder(own is not None, own.version if own else 0, rules, preview)


def _day(params: Any) -> dt.date:
    """``due_on`` of a request: 400 where it cannot be read, 422 where nothing is reckoned so far."""
    given = params.get("due_on", "")
    try:
        day = DateField().to_internal_value(given)
    except ValidationError:
        message = _("Give a date such as 2026-09-14.")
        fields = [FieldProblem("/due_on", "invalid", message)]
        raise Unreadable("bad_filter", message, fields=fields) from None
    if not EARLIEST <= day <= LATEST:
        message = _("Give a date between %(first)s and %(last)s.") % {
            "first": EARLIEST.isoformat(),
            "last": LATEST.isoformat(),
        }
        fields = [FieldProblem("/due_on", "out_of_range", message)]
        raise Invalid("out_of_range", message, fields=fields)
    return day


class RemindingOfNotice(ActViewSet):
    """Actions of ``/notices/``; the notice itself is found by its viewset."""

    bodies = {
        "set_reminders": shapes.RulesBody,
        "preview_reminders": shapes.PreviewBody,
        "chase": shapes.ChaseBody,
    }

    def known_parameters(self) -> set[str]:
        own = {
            "due_preview": {"due_on"},
            "reminders": {"federation"},
            "punctuality": {"period"},
        }
        return own.get(self.action or "") or super().known_parameters()

    def _followed(self) -> Notice:
        """The notice, for whoever follows all federations."""
        notice: Notice = self.get_object()
        queries.check_follows_all(self.request.user)
        return notice

    def _may_set(self, notice: Notice) -> None:
        if not self.request.user.has_perm("reports.set_reminders", notice):
            raise NotAllowed(
                "not_yours", _("Only national officers rule the reminders of a notice.")
            )

    @extend_schema(
        parameters=[OpenApiParameter("due_on", OpenApiTypes.DATE, required=True)],
        responses=DueDateSerializer,
    )
    @action(detail=False, methods=["get"], url_path="due-preview")
    def due_preview(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A due date before the draft has it: working days from today, and the days off between."""
        if not request.user.has_perm("reports.draft_notice"):
            raise NotAllowed("not_yours", _("Only national officers draft notices."))
        return Response(DueDateSerializer(look_at(_day(request.query_params))).data)

    def _rules_response(self, notice: Notice) -> Response:
        ladder = _ladder(notice, self.request.query_params.get("federation", ""))
        body = shapes.LadderSerializer(ladder).data
        return Response(body, headers={"ETag": versions.etag(ladder, body)})

    @extend_schema(
        parameters=[
            OpenApiParameter("federation", OpenApiTypes.STR, description="Whom to preview.")
        ],
        responses=shapes.LadderSerializer,
    )
    @action(detail=True, methods=["get"])
    def reminders(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """When the notice reminds whom of what, and what that would say to one recipient."""
        return self._rules_response(self._followed())

    @extend_schema(responses=shapes.LadderSerializer)
    @reminders.mapping.put
    def set_reminders(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Let exactly these rules hold for this notice from now on."""
        notice = self._followed()
        self._may_set(notice)
        version = self.version_from_request()
        rules = self.read_body()["rules"]
        services.set_reminders(notice, rules, by=request.user, version=version or None)
        return self._rules_response(notice)

    @extend_schema(responses=shapes.PreviewSerializer)
    @action(detail=True, methods=["post"], url_path="reminders/preview")
    def preview_reminders(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Try rules out with a real recipient; nothing is kept."""
        notice = self._followed()
        self._may_set(notice)
        body = self.read_body()
        services.check_rules(notice, body["rules"])
        preview = queries.preview(notice, body["rules"], body.get("federation", ""))
        if preview is None:
            message = _("Choose at least one recipient.")
            fields = [FieldProblem("/federation", "no_recipients", message)]
            raise Invalid("no_recipients", message, fields=fields)
        return Response(shapes.PreviewSerializer(preview).data)

    @extend_schema(responses=shapes.ChasingSerializer)
    @action(detail=True, methods=["get"], url_path="chase")
    def chasing(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who is late and can be chased, and how often that was done."""
        notice = self._followed()
        found = {
            "late": queries.late_rows(notice, request.user),
            "nudges": queries.nudges_for(notice),
        }
        body = shapes.ChasingSerializer(found).data
        return Response(body, headers={"ETag": versions.etag(notice, body)})

    @extend_schema(responses={202: JobSerializer})
    @chasing.mapping.post
    def chase(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """催办: remind late federations at once: 202, and in Location the job with each result."""
        notice = self._followed()
        if not request.user.has_perm("reports.chase", notice):
            raise NotAllowed("not_yours", _("Only national officers chase federations."))
        body = self.read_body()
        late = {row.federation.code for row in queries.late_rows(notice, request.user)}
        message = _("This federation is not late.")
        problems = [
            FieldProblem(f"/federations/{number}", "not_late", message)
            for number, code in enumerate(body["federations"])
            if code not in late
        ]
        if problems:
            raise Invalid("not_late", _("Some federations are not late."), fields=problems)
        job = start_chase(
            notice,
            by=request.user,
            federations=list(dict.fromkeys(body["federations"])),
            sentence=body.get("sentence", ""),
            up_to=body.get("up_to", Rung.OFFICER),
            id=body.get("id"),
        )
        return accepted(request, job)

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "period", OpenApiTypes.STR, description="The round; by default the newest."
            )
        ],
        responses=shapes.PunctualityOfNoticeSerializer,
    )
    @action(detail=True, methods=["get"])
    def punctuality(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """按时、逾期、未报: the lists of a circular, each federation with the day that decided."""
        notice = self._followed()
        period = request.query_params.get("period", "")
        round = queries.round_of(notice, period) if period else notice.round
        if round is None:
            raise Http404
        found = {
            "notice": notice.pk,
            "due_on": round.due_on,
            "groups": queries.punctuality(notice, request.user, round),
        }
        body = shapes.PunctualityOfNoticeSerializer(found).data
        return Response(body, headers={"ETag": versions.etag(notice, body)})

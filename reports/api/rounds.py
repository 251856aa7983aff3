"""The rounds of a notice, and the last period beside a report, in the REST API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from platform_site.api import versions
from platform_site.api.serializers import Nothing
from platform_site.api.views import ActViewSet, step
from platform_site.casework.queries import work_calendar
from platform_site.obligations.queries import preview_of
from platform_site.obligations.schedules import plan_problems
from platform_site.problems import FieldProblem, Invalid, NotAllowed
from platform_site.questionnaires import queries as sheets

from .. import queries, services
from ..models import Notice, Report
from ..serializers import rounds as shapes


class RoundsOfNotice(ActViewSet):
    """The rounds as actions of ``/notices/``."""

    def known_parameters(self) -> set[str]:
        if self.action == "round_preview":
            return set(shapes.RoundPlan().fields)
        return super().known_parameters()

    @extend_schema(
        parameters=[shapes.RoundPlan], filters=False, responses=shapes.RoundSerializer(many=True)
    )
    @action(detail=False, methods=["get"], url_path="round-preview", pagination_class=None)
    def round_preview(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The dates of the rounds that a schedule would have, before a draft has it: twelve at most."""
        if not request.user.has_perm("reports.draft_notice"):
            raise NotAllowed("not_yours", _("Only national officers draft notices."))
        given = shapes.RoundPlan(data=request.query_params.dict())
        if not given.is_valid():
            fields = [
                FieldProblem(f"/{name}", str(error.code), str(error))
                for name, errors in given.errors.items()
                for error in errors
            ]
            message = _("A parameter has a value that cannot be used.")
            raise Invalid("bad_filter", message, fields=fields)
        plan: Any = given.validated_data
        if problems := plan_problems(plan, work_calendar()):
            message = _("The schedule cannot be like this.")
            raise Invalid("schedule_wrong", message, fields=problems)
        return Response(
            shapes.RoundSerializer(map(shapes.ahead_body, preview_of(plan)), many=True).data
        )

    @extend_schema(responses=shapes.RoundsSerializer)
    @action(detail=True, methods=["get"])
    def rounds(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The rounds that were opened and those ahead, with their dates; of a draft, all it would have."""
        notice = self.get_object()
        body = shapes.rounds_body(notice, request.user)
        return Response(body, headers={"ETag": versions.etag(notice, body)})

    @step("open-round", body=shapes.OpenRound)
    def open_round(self, request: Request, notice: Notice, *, version: int, **body: Any) -> Notice:
        """再开一轮: open one more round of an irregular notice, with its dates."""
        return services.open_another_round(notice, by=request.user, version=version, **body)

    @step("move-round", body=shapes.MoveRound)
    def move_round(self, request: Request, notice: Notice, *, version: int, **body: Any) -> Notice:
        """Give one round ahead another due date, with the reason."""
        return services.move_round(notice, by=request.user, version=version, **body)

    @step("renew-form", body=Nothing)
    def renew_form(self, request: Request, notice: Notice, *, version: int) -> Notice:
        """下一期改用新版表单: let the rounds ahead take the newest version of the form."""
        return services.renew_form(notice, by=request.user, version=version)


class LastPeriodOfReport(ActViewSet):
    """The last period as actions of ``/reports/``."""

    @extend_schema(responses=shapes.LastPeriodSerializer)
    @action(detail=True, methods=["get"], url_path="last-period")
    def last_period(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """What was accepted in the last period, question by question, for whoever fills the report in."""
        report = self.get_object()
        queries.check_fills(report, request.user)
        questions = sheets.questions_of(report.sheet.form_version)
        last = queries.last_values(report, questions)
        body = {
            "answers": [
                {
                    "question": question.code,
                    "value": last[question.code].value,
                    "shown": last[question.code].shown,
                    "period": last[question.code].period,
                    "label": last[question.code].label,
                }
                for question in questions
                if question.code in last
            ],
            "to_bring": list(
                queries.can_be_brought(questions, last, sheets.answers_of(report.sheet))
            ),
            "brought_forward": report.brought_forward,
        }
        return Response(body, headers={"ETag": versions.etag(report, body)})

    @step("bring-forward", body=Nothing)
    def bring_forward(self, request: Request, report: Report, *, version: int) -> Report:
        """带入上期内容: fill what is empty with what was accepted in the last period."""
        return services.bring_forward(report, by=request.user, version=version)

"""Pages of the cascade: passing a notice down, following the lower tier, taking its figures over."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.casework.queries import look_at
from platform_site.jobs.answers import follow
from platform_site.obligations.models import Obligation
from platform_site.problems import Invalid, NotAllowed, Refused, Stale, StepNotOpen
from platform_site.web.forms import problems_to_form

from .. import queries, services
from ..forms.cascade import OwnQuestions, PassDownForm, TakeBackForm
from ..forms.reminding import ChaseForm
from ..jobs import start_chase
from ..models import Asks, Notice, PassDown
from ..workflow import NoticeState
from .common import READ_METHODS, find_obligation, notices_for
from .reports import common


def _notice(request: HttpRequest, obligation: Obligation) -> Notice:
    return get_object_or_404(notices_for(request.user), pk=obligation.round.request_id)


def _passed_down(request: HttpRequest, pk: uuid.UUID) -> PassDown:
    visible = PassDown.objects.visible_to(request.user).with_context()
    return get_object_or_404(visible, pk=pk)


def _followed(request: HttpRequest, pk: uuid.UUID) -> PassDown:
    """Whoever it was passed down to reads its terms, but not how the others stand: 404."""
    passed = _passed_down(request, pk)
    if not queries.follows_lower(passed, request.user):
        raise Http404
    return passed


@require_http_methods([*READ_METHODS, "POST"])
def pass_down(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """To whom, until when, what is asked beside the notice; passed down before, to further federations."""
    obligation = find_obligation(request, pk)
    if not request.user.has_perm("obligations.pass_down", obligation):
        raise NotAllowed("not_yours", _("Only the federation itself passes down what it owes."))
    notice = _notice(request, obligation)
    passed = (
        PassDown.objects.visible_to(request.user).with_context().filter(pk=obligation.pk).first()
    )
    asks_nothing = notice.asks == Asks.NOTHING
    data = request.POST if request.method == "POST" else None
    form = PassDownForm(
        data,
        below=queries.not_asked_yet(obligation),
        further=passed is not None,
        initial=_dates_of(passed),
    )
    rows = None
    if passed is None and not asks_nothing:
        rows = OwnQuestions(data, prefix="questions")
    if form.is_valid() and (rows is None or rows.is_valid()):
        own = rows.given() if rows is not None else []
        given = form.cleaned_data
        try:
            if passed is not None:
                services.pass_further(passed, by=request.user, **given)
            else:
                services.pass_down(
                    obligation, by=request.user, questions=[each for _row, each in own], **given
                )
        except NotAllowed:
            raise
        except StepNotOpen as refused:
            form.add_error(None, str(refused.message))
        except Refused as refused:
            if isinstance(refused, Stale) and passed is not None:
                form.data = form.data.copy()
                form.data["version"] = str(passed.version)
            _beside(form, rows, [row for row, _each in own], refused)
        else:
            many = len(given["recipients"])
            messages.success(
                request,
                ngettext(
                    "It was passed down to %(n)s federation.",
                    "It was passed down to %(n)s federations.",
                    many,
                )
                % {"n": many},
            )
            return redirect("passed-down", pk=obligation.pk)
    wrong = bool(form.errors) or (rows is not None and rows.is_bound and not _clean(rows))
    context = {
        "obligation": obligation,
        "notice": notice,
        "passed": passed,
        "form": form,
        "rows": rows,
        "row_problems": _row_problems(rows) if rows is not None and rows.is_bound else [],
        "due": look_at(obligation.due_on) if obligation.due_on else None,
        "refused": queries.cannot_pass_down(obligation, request.user),
    }
    return render(request, "reports/pass_down.html", context, status=422 if wrong else 200)


def _dates_of(passed: PassDown | None) -> dict[str, Any]:
    if passed is None:
        return {}
    names = ("version", "due_on", "on_time_until", "locks_on")
    return {name: getattr(passed, name) for name in names}


def _clean(rows: Any) -> bool:
    return not any(form.errors for form in rows.forms)


def _beside(form: PassDownForm, rows: Any, numbers: list[int], refused: Refused) -> None:
    """Problems of the questions beside their rows, whose numbers count the empty ones too."""
    others = []
    for problem in refused.fields:
        _empty, what, number, name = (*problem.pointer.split("/"), "", "", "")[:4]
        if what == "questions" and rows is not None and number.isdigit():
            row = rows.forms[numbers[int(number)]]
            row.add_error(name if name in row.fields else None, str(problem.message))
        else:
            others.append(problem)
    if others or not refused.fields:
        problems_to_form(form, type(refused)(refused.code, refused.message, fields=others))


def _row_problems(rows: Any) -> list[dict[str, str]]:
    """The errors of all rows as lines that lead to their fields."""
    return [
        {
            "target": f"#{form[name].id_for_label}" if name in form.fields else "#questions",
            "message": _("Question %(number)s: %(error)s") % {"number": number, "error": error},
        }
        for number, form in enumerate(rows.forms, 1)
        for name, errors in form.errors.items()
        for error in errors
    ]


@require_safe
def passed_down(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How the lower tier stands: who signed, filed, is late or silent, and what it adds up to."""
    passed = _followed(request, pk)
    owed, user = passed.obligation, request.user
    notice = owed.round.request.notice
    rows = queries.lower_rows(owed, user)
    report = common.reports_for(request).filter(obligation=owed).first()
    running = notice.state == NoticeState.ISSUED
    acts = running and user.has_perm("obligations.pass_down", owed)
    context = {
        "passed": passed,
        "obligation": owed,
        "notice": notice,
        "rows": rows,
        "tally": queries.lower_tally(rows),
        "late_count": len(queries.late_federations(notice, parent=owed)) if running else 0,
        "own_questions": queries.own_questions(passed),
        "report": report,
        "may_fill": report is not None
        and common.is_open(report)
        and user.has_perm("reports.fill_report", report),
        "acts": acts,
        "may_pass_further": acts and queries.cannot_pass_down(owed, user) is None,
        "over": not running,
        "due": look_at(owed.due_on) if owed.due_on else None,
    }
    return render(request, "reports/passed_down.html", context)


@require_http_methods([*READ_METHODS, "POST"])
def take_back(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A page that names whose obligation ends, and why."""
    obligation = find_obligation(request, pk)
    if obligation.parent_id is None or not request.user.has_perm(
        "obligations.take_back", obligation
    ):
        raise NotAllowed("not_yours", _("Only the federation that passed it down takes it back."))
    notice = _notice(request, obligation)
    form = TakeBackForm(
        request.POST if request.method == "POST" else None,
        initial={"version": obligation.version},
    )
    if form.is_valid():
        try:
            services.take_back(obligation, by=request.user, **form.cleaned_data)
        except StepNotOpen as refused:
            messages.warning(request, str(refused.message))
            return redirect("passed-down", pk=obligation.parent_id)
        except NotAllowed:
            raise
        except Refused as refused:
            if isinstance(refused, Stale):
                form.data = form.data.copy()
                form.data["version"] = str(obligation.version)
            problems_to_form(form, refused)
        else:
            messages.success(
                request,
                _("It was taken back from %(federation)s.") % {"federation": obligation.federation},
            )
            return redirect("passed-down", pk=obligation.parent_id)
    context = {
        "obligation": obligation,
        "notice": notice,
        "form": form,
        "due": look_at(obligation.due_on) if obligation.due_on else None,
    }
    return render(
        request, "reports/obligation_take_back.html", context, status=422 if form.errors else 200
    )


@require_http_methods([*READ_METHODS, "POST"])
def chase_lower(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """催办 of the lower tier: the same page and job as the centre's, for those it was passed down to."""
    passed = _followed(request, pk)
    owed, notice = passed.obligation, passed.obligation.round.request.notice
    may_chase = request.user.has_perm("obligations.pass_down", owed)
    if request.method == "POST" and not may_chase:
        raise NotAllowed("not_yours", _("Only whoever passed it down chases for it."))
    late = queries.late_rows(notice, request.user, parent=owed)
    form = ChaseForm(request.POST or None)
    form.offer(late)
    if form.is_valid():
        try:
            job = start_chase(notice, by=request.user, parent=owed, **form.cleaned_data)
        except NotAllowed:
            raise
        except Refused as refused:
            problems_to_form(form, refused)
        else:
            return follow(request, job)
    context = {
        "notice": notice,
        "passed": passed,
        "form": form,
        "late": late,
        "may_chase": may_chase and notice.state == NoticeState.ISSUED,
        "nudges": queries.nudges_for(notice, parent=owed),
    }
    return render(request, "reports/notice_chase.html", context, status=422 if form.errors else 200)


@require_http_methods([*READ_METHODS, "POST"])
def roll_up(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """下级汇总: every figure as the lower tier adds up to it, and taking over one or all."""
    report = common.find_report(request, pk)
    # It stands beside what is being written, which others do not see.
    seen = queries.sees_draft(report, request.user)
    found = queries.roll_up(report, request.user) if seen else None
    if found is None:
        raise Http404
    problems: list[str] = []
    if request.method == "POST":
        chosen = request.POST.getlist("question")
        version = request.POST.get("version", "")
        try:
            services.take_over_figures(
                report,
                by=request.user,
                version=int(version) if version.isdigit() and len(version) < 10 else -1,
                questions=None if "all" in request.POST else chosen,
            )
        except NotAllowed:
            raise
        except (Invalid, Stale, StepNotOpen) as refused:
            problems = [str(each.message) for each in refused.fields] or [str(refused.message)]
            report = common.find_report(request, pk)
        else:
            if report.is_signed_off:
                common.say_sign_off_gone(request)
            messages.success(request, _("The figures were taken over into your report."))
            return redirect("report-roll-up", pk=report.pk)
    context = {
        **common.frame(report),
        "found": found,
        "passed": report.obligation_id,
        "may_take": common.is_open(report) and request.user.has_perm("reports.fill_report", report),
        "any_to_take": any(line.may_take for line in found.lines),
        "problems": problems,
    }
    return render(request, "reports/report_roll_up.html", context, status=422 if problems else 200)

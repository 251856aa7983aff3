"""Pages of reminding: the rules of a notice, chasing who is late, and how everybody stands."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from platform_site.casework.queries import look_at
from platform_site.jobs.answers import follow
from platform_site.problems import Invalid, NotAllowed, Refused, Stale
from platform_site.web.forms import problems_to_form

from .. import queries, services
from ..forms.reminding import ChaseForm, RuleRows, rows_of
from ..jobs import start_chase
from ..models import Notice
from ..queries.circulars import SPOKEN_OF
from ..workflow import NoticeState
from .common import READ_METHODS, notices_for


def _notice(request: HttpRequest, pk: uuid.UUID) -> Notice:
    return get_object_or_404(notices_for(request.user), pk=pk)


@require_http_methods([*READ_METHODS, "POST"])
def set_reminders(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The ladder of a notice: when it reminds whom of what, seen with a real recipient; and changing it."""
    notice = _notice(request, pk)
    queries.check_follows_all(request.user)
    may_set = request.user.has_perm("reports.set_reminders", notice) and notice.state not in (
        NoticeState.CLOSED,
        NoticeState.WITHDRAWN,
    )
    rules = services.rules_of(notice)
    own = queries.own_ladder_of(notice)
    version = own.version if own else None
    if request.method == "POST" and not may_set:
        raise NotAllowed("not_yours", _("Only national officers rule the reminders of a notice."))
    given_version = request.POST.get("version", "") or None
    rows = RuleRows(request.POST or None, initial=rows_of(rules), prefix="rules")
    preview = queries.preview(notice, rules, request.GET.get("federation", ""))
    problems: list[str] = []
    if request.method == "POST" and rows.is_valid():
        wanted = rows.given()
        given = [rule for _row, rule in wanted]
        try:
            if "preview" in request.POST:
                services.check_rules(notice, given)
                preview = queries.preview(notice, given, request.POST.get("federation", ""))
            else:
                services.set_reminders(
                    notice,
                    given,
                    by=request.user,
                    version=int(given_version) if str(given_version or "").isdigit() else None,
                )
                messages.success(request, _("The rules hold from now on."))
                return redirect("notice-set-reminders", pk=notice.pk)
        except Invalid as refused:
            _beside(rows, [row for row, _rule in wanted], refused)
        except Stale as refused:
            problems.append(str(refused.message))
            given_version = version
    wrong = rows.is_bound and (bool(problems) or any(form.errors for form in rows.forms))
    context = {
        "notice": notice,
        "rows": rows,
        "rules": rules,
        "own": own is not None,
        "version": given_version if rows.is_bound else version,
        "may_set": may_set,
        "preview": preview,
        "problems": [*problems, *_row_problems(rows)] if wrong else [],
        "has_errors": wrong,
        "addressees": queries.addressees_of(notice),
    }
    return render(
        request, "reports/notice_set_reminders.html", context, status=422 if wrong else 200
    )


def _beside(rows: Any, numbers: list[int], refused: Invalid) -> None:
    """Put each problem beside its field; a pointer counts the rules that stay, not the rows."""
    for problem in refused.fields:
        _empty, _rules, number, name = (*problem.pointer.split("/"), "", "", "")[:4]
        form = rows.forms[numbers[int(number)]] if number.isdigit() else rows.forms[0]
        form.add_error(name if name in form.fields else None, str(problem.message))


def _row_problems(rows: Any) -> list[dict[str, str]]:
    """The errors of all rows as lines that lead to their fields."""
    found = []
    for number, form in enumerate(rows.forms, 1):
        for name, errors in form.errors.items():
            field = form[name] if name in form.fields else None
            for error in errors:
                found.append(
                    {
                        "target": f"#{field.id_for_label}" if field else "#rules",
                        "message": _("Rule %(number)s: %(error)s")
                        % {"number": number, "error": error},
                    }
                )
    return found


@require_http_methods([*READ_METHODS, "POST"])
def chase(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """催办: names and count of who is late, a job that does it; and what was sent before."""
    notice = _notice(request, pk)
    queries.check_follows_all(request.user)
    may_chase = request.user.has_perm("reports.chase", notice)
    if request.method == "POST" and not may_chase:
        raise NotAllowed("not_yours", _("Only national officers chase federations."))
    late = queries.late_rows(notice, request.user)
    form = ChaseForm(request.POST or None)
    form.offer(late)
    if form.is_valid():
        try:
            job = start_chase(notice, by=request.user, **form.cleaned_data)
        except NotAllowed:
            raise
        except Refused as refused:
            problems_to_form(form, refused)
        else:
            return follow(request, job)
    context = {
        "notice": notice,
        "form": form,
        "late": late,
        "may_chase": may_chase and notice.state == NoticeState.ISSUED,
        "nudges": queries.nudges_for(notice),
    }
    return render(request, "reports/notice_chase.html", context, status=422 if form.errors else 200)


@require_safe
def notice_punctuality(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Who was on time, who late, who is silent: three lists, ready to be copied into a circular."""
    notice = _notice(request, pk)
    queries.check_follows_all(request.user)
    period = request.GET.get("round", "")
    round = queries.round_of(notice, period) if period else notice.round
    if round is None:
        raise Http404
    context = {
        "notice": notice,
        "round": round,
        "due": look_at(round.due_on) if round.due_on else None,
        "groups": queries.punctuality(notice, request.user, round),
        "may_draft": notice.state in SPOKEN_OF
        and notice.month_year is None
        and request.user.has_perm("reports.draft_circular", notice),
    }
    return render(request, "reports/notice_punctuality.html", context)

"""The task list of a report, its sections, and what autosave sends."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from platform_site.attachments.owners import name_of
from platform_site.casework.queries import look_at
from platform_site.obligations.models import Obligation
from platform_site.problems import (
    FieldProblem,
    Invalid,
    Refused,
    Stale,
    StepNotOpen,
    TooLarge,
    Unreadable,
)
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.checks import CHANGED, HARD, RULE, Finding
from platform_site.questionnaires.conditions import asked
from platform_site.questionnaires.models import Question
from platform_site.questionnaires.table_answers import cell_problems
from platform_site.questionnaires.values import control_value, fingerprint, in_words, typed_in
from platform_site.text.compare import segments

from ... import services
from ...forms.reports import SectionForm, VersionForm
from ...models import Comment, Report
from ...queries import (
    LastValue,
    RollUp,
    can_be_brought,
    cannot_pass_down,
    check_fills,
    comments_for,
    last_values,
    pass_down_to,
    progress_of,
    roll_up,
    with_marks,
)
from ...workflow import ReportState
from . import common
from .posted import posted_answers

#: The task list's words for the states of a section.
STATES = {"to_mend": "needs_more"}


@require_POST
def start_report(request: HttpRequest, pk: Any) -> HttpResponse:
    """Begin the report, or go on with the one that was begun: a replay meets the same."""
    obligation = get_object_or_404(Obligation.objects.visible_to(request.user), pk=pk)
    report = services.start_report(obligation, by=request.user)
    return redirect("report-fill", report.pk)


@require_POST
def bring_forward(request: HttpRequest, pk: Any) -> HttpResponse:
    """带入上期内容: back to the task list, which says what is still to be looked at."""
    report = common.find_report(request, pk)
    check_fills(report, request.user)
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise Unreadable("version_unreadable", _("The form is incomplete; load the page again."))
    before = len(report.brought_forward)
    try:
        fresh = services.bring_forward(report, by=request.user, **form.cleaned_data)
    except (StepNotOpen, Stale) as refused:
        messages.warning(request, str(refused.message))
    else:
        many = len(fresh.brought_forward) - before
        messages.success(
            request,
            ngettext(
                "%(count)s answer was taken from the last period. Look at it and save its section.",
                "%(count)s answers were taken from the last period. Look at them and save their sections.",
                many,
            )
            % {"count": many},
        )
    return redirect("report-fill", report.pk)


@require_http_methods(["GET", "HEAD"])
def fill_report(request: HttpRequest, pk: Any) -> HttpResponse:
    report = get_object_or_404(with_marks(common.reports_for(request)), pk=pk)
    if not common.is_open(report):
        return redirect(report)
    check_fills(report, request.user)
    questions = sheets.questions_of(report.sheet.form_version)
    answers = sheets.answers_of(report.sheet)
    # Doubts do not colour the list: they are said before submitting.
    hard = sheets.findings_of(report.sheet, questions, answers, only_hard=True)
    progress = progress_of(questions, answers, hard)
    comments = comments_for(report, request.user) if report.submitted_at else []
    waiting = [each for each in comments if report.state == ReportState.RETURNED and not each.reply]
    section_of = {question.code: question.section.code for question in questions}
    labels = {question.code: str(question) for question in questions}
    awaited = {section_of.get(comment.question) for comment in waiting}
    tasks = [
        {
            "section": line,
            "url": reverse("report-section", args=[report.pk, line.code]),
            "state": "needs_more" if line.code in awaited else STATES.get(line.state, line.state),
            "hint": _hint(
                line,
                line.code in awaited,
                sum(section_of.get(code) == line.code for code in report.brought_forward),
            ),
        }
        for line in progress
    ]
    context = {
        **common.frame(report),
        "tasks": tasks,
        "done": sum(task["state"] == "done" for task in tasks),
        "files": report.files,
        "may_sign_off": request.user.has_perm("reports.sign_off_report", report),
        "waiting": len(waiting),
        "comments": [
            {
                "comment": each,
                "label": labels.get(each.question, each.question),
                "url": _section_url(report, section_of, each.question),
            }
            for each in comments
        ],
        "returned": _returned(report),
        "passed_to_us": pass_down_to(report.obligation, request.user),
        "has_passed_down": hasattr(report.obligation, "pass_down"),
        "may_pass_down": cannot_pass_down(report.obligation, request.user) is None,
        "to_bring": len(can_be_brought(questions, last_values(report, questions), answers)),
    }
    return render(request, "reports/report_fill.html", context)


def _section_url(report: Report, section_of: Mapping[str, str], code: str) -> str:
    if code not in section_of:
        return ""
    url = reverse("report-section", args=[report.pk, section_of[code]])
    return f"{url}#id_answer-{code}_field"


def _returned(report: Any) -> dict[str, Any] | None:
    if report.state != ReportState.RETURNED:
        return None
    mark = report.returned_mark or {}
    at = parse_datetime(mark["at"]) if mark.get("at") else None
    due = look_at(report.again_until) if report.again_until else None
    return {**mark, "at": at, "due": due}


def _hint(line: Any, awaited: bool, brought: int) -> str:
    parts = []
    if missing := sum(found.code == "required" for found in line.findings):
        parts.append(
            ngettext("%(count)s answer is missing", "%(count)s answers are missing", missing)
            % {"count": missing}
        )
    hard = [found for found in line.findings if found.level == HARD]
    if broken := sum(found.code == RULE for found in hard):
        parts.append(
            ngettext("%(count)s rule does not hold", "%(count)s rules do not hold", broken)
            % {"count": broken}
        )
    if wrong := sum(found.code not in ("required", RULE) for found in hard):
        parts.append(
            ngettext("%(count)s answer cannot be read", "%(count)s answers cannot be read", wrong)
            % {"count": wrong}
        )
    if doubtful := len(line.findings) - len(hard):
        parts.append(
            ngettext("%(count)s answer is doubtful", "%(count)s answers are doubtful", doubtful)
            % {"count": doubtful}
        )
    if brought:
        parts.append(
            ngettext(
                "%(count)s answer of the last period to look at",
                "%(count)s answers of the last period to look at",
                brought,
            )
            % {"count": brought}
        )
    if awaited:
        parts.append(_("a comment waits for a reply"))
    return _(", ").join(parts)


# --- A section --------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def fill_section(request: HttpRequest, pk: Any, section: str) -> HttpResponse:
    report = common.find_report(request, pk)
    if request.method != "POST" and not common.is_open(report):
        return redirect(report)
    check_fills(report, request.user)
    page = SectionPage(request, report, section)
    return page.save() if request.method == "POST" else page.render(page.form())


class SectionPage:
    """One section of one report: its form, its saving, its neighbours."""

    def __init__(self, request: HttpRequest, report: Report, code: str) -> None:
        self.request, self.report = request, report
        questions = sheets.questions_of(report.sheet.form_version)
        self.all_questions = questions
        self.order = list({question.section.code: question.section for question in questions})
        if code not in self.order:
            raise Http404
        self.code = code
        self.questions = [each for each in questions if each.section.code == code]
        self.section = self.questions[0].section
        self.answers = sheets.answers_of(report.sheet)
        self.last = last_values(report, self.questions)
        self.conflicts: list[dict[str, Any]] = []

    def form(self, typed: Mapping[str, str] | None = None) -> SectionForm:
        former = {}
        if any(question.indicator for question in self.questions):
            former = sheets.former_figures(self.report.sheet)
        # What the last period says stands beside the field, and is not said twice.
        said = {
            each.indicator.code
            for each in self.questions
            if each.code in self.last and each.indicator
        }
        former = {code: number for code, number in former.items() if code not in said}
        return SectionForm(self.questions, self.answers, former, typed, owner=name_of(self.report))

    def values(self) -> dict[str, Any]:
        return {code: answer.value for code, answer in self.answers.items()}

    def notes(self) -> dict[str, list[Finding]]:
        """What only the answers together or the last period can tell, by question."""
        found: dict[str, list[Finding]] = {}
        for each in sheets.comparisons_of(self.report.sheet, self.all_questions, self.answers):
            found.setdefault(each.question, []).append(each)
        return found

    def lower_tier(self) -> RollUp | None:
        """What the lower tier adds up to, where this was passed down and the section asks for figures."""
        if not hasattr(self.report.obligation, "pass_down"):
            return None
        if not any(question.indicator for question in self.questions):
            return None
        return roll_up(
            self.report, self.request.user, questions=self.questions, answers=self.answers
        )

    def neighbour(self, step: int) -> str | None:
        place = self.order.index(self.code) + step
        return self.order[place] if 0 <= place < len(self.order) else None

    def render(
        self, form: SectionForm, *, has_errors: bool = False, closed: str = "", status: int = 200
    ) -> HttpResponse:
        comments = comments_for(self.report, self.request.user) if self.report.submitted_at else []
        rows = section_rows(
            form,
            self.all_questions,
            self.values(),
            self.notes(),
            comments,
            last=self.last,
            brought=self.report.brought_forward,
        )
        found = self.lower_tier()
        lines = found.by_code() if found else {}
        for row in rows:
            row["lower"] = lines.get(row["code"])
        context = {
            **common.frame(self.report),
            "section": self.section,
            "sheet_form": form,
            "rows": rows,
            "place": self.order.index(self.code) + 1,
            "places": len(self.order),
            "previous": self.neighbour(-1),
            "next": self.neighbour(1),
            "conflicts": self.conflicts,
            "has_errors": has_errors or bool(self.conflicts),
            "closed": closed,
            "may_reply": self.report.state == ReportState.RETURNED,
            "any_to_take": any(line.may_take for line in lines.values()),
            "replies": [
                comment for row in rows for comment in row["comments"] if not comment.reply
            ],
        }
        return render(self.request, "reports/report_section.html", context, status=status)

    def save(self) -> HttpResponse:
        version = _whole_number(self.request.POST.get("version"))
        if version is None:
            raise Unreadable(
                "version_unreadable", _("The form is incomplete; load the page again.")
            )
        typed, refused_files = posted_answers(self.request, self.report, self.questions)
        undecided = set(self.request.POST.getlist("conflict"))
        changes = {}
        for code, value in typed.items():
            choice = self.request.POST.get(f"choice-{code}")
            if code in undecided and choice != "mine":
                continue
            if code in undecided or not self._untouched(code, value, version):
                changes[code] = value
        try:
            saved = services.save_report(
                self.report,
                by=self.request.user,
                version=version,
                answers=changes,
                looked_at=typed.keys(),
            )
        except StepNotOpen as refused:
            return self.render(self.form(typed), closed=str(refused.message), status=refused.status)
        self.report.version = saved.report.version
        self.answers = sheets.answers_of(self.report.sheet)
        collided = {conflict.question for conflict in saved.conflicts}
        for code in undecided & set(typed):
            if self.request.POST.get(f"choice-{code}") not in {"mine", "theirs"}:
                collided.add(code)
        # What stayed unsaved is shown as it was typed; everything else as it now stands.
        problems = {
            _code_of(problem): str(problem.message) for problem in reversed(saved.problems)
        } | refused_files
        # What is not asked any more, given what was just saved, holds nobody up.
        here = asked(self.all_questions, self.values())
        problems = {code: problem for code, problem in problems.items() if code in here}
        form = self.form({code: typed[code] for code in collided | set(problems) if code in typed})
        for code, message in problems.items():
            if not form.errors.get(code):
                form.refuse(code, message)
        self.conflicts = [self._conflict(code, typed[code]) for code in sorted(collided)]
        if saved.sign_off_cleared:
            common.say_sign_off_gone(self.request)
        if collided or problems:
            return self.render(form, has_errors=True)
        if wanted := self.request.POST.getlist("take_over"):
            return self.take_over(wanted)
        following = self.neighbour(1)
        if "stay" in self.request.POST:
            messages.success(self.request, _("“%(section)s” is saved.") % {"section": self.section})
            return redirect("report-section", self.report.pk, self.code)
        if following is None:
            return redirect("report-fill", self.report.pk)
        return redirect("report-section", self.report.pk, following)

    def take_over(self, wanted: list[str]) -> HttpResponse:
        """After what was typed is kept: the figures of the lower tier into these answers; ``*``: the section's."""
        if "*" in wanted:
            found = self.lower_tier()
            wanted = [line.question.code for line in found.lines if line.may_take] if found else []
        try:
            services.take_over_figures(
                self.report,
                by=self.request.user,
                version=self.report.version,
                questions=wanted,
            )
        except (Invalid, Stale) as refused:
            said = [str(each.message) for each in refused.fields] or [str(refused.message)]
            messages.warning(self.request, " ".join(said))
        else:
            messages.success(self.request, _("The figures were taken over into your report."))
        return redirect("report-section", self.report.pk, self.code)

    def _untouched(self, code: str, value: str, version: int) -> bool:
        """Somebody else changed this answer meanwhile and this person did not: theirs stays."""
        answer = self.answers.get(code)
        return (
            answer is not None
            and answer.version > version
            and self.request.POST.get(f"was-{code}") == fingerprint(value)
        )

    def _conflict(self, code: str, mine: str) -> dict[str, Any]:
        question = next(each for each in self.questions if each.code == code)
        answer = self.answers.get(code)
        theirs = typed_in(question, answer)
        old, new = segments(in_words(question, mine), in_words(question, theirs))
        return {
            "code": code,
            "mine": old,
            "theirs": new,
            "label": str(question),
            "by": answer.changed_by.name if answer else "",
            "at": answer.changed_at if answer else None,
        }


def section_rows(
    form: SectionForm,
    questions: Iterable[Question],
    values: Mapping[str, Any],
    notes: Mapping[str, Iterable[Finding]],
    comments: Iterable[Comment] = (),
    *,
    last: Mapping[str, LastValue] | None = None,
    brought: Collection[str] = (),
    everything: bool = False,
) -> list[dict[str, Any]]:
    """The rows of a section's page, of ``questions`` of the whole form those that ``form`` has.

    A question whose condition is decided in another section is left out where it is not asked. One that
    hangs on a question of the same page is there with the words of its condition; the page's script
    shows and hides it as that question is answered. ``everything`` leaves none out. ``last`` stands
    beside the field; ``brought`` are codes of answers that were taken from the last period.
    """
    questions, comments = list(questions), list(comments)
    here = {question.code for question in form.questions}
    by_code = {question.code: question for question in questions}
    shown = asked(questions, values)
    fingerprints = form.fingerprints()
    rows: list[dict[str, Any]] = []
    for question in form.questions:
        on = by_code.get(question.shown_if_question)
        live = on is not None and on.code in here
        if live and not any(row["code"] == question.shown_if_question for row in rows):
            continue
        if not live and not everything:
            if question.code not in shown:
                continue
            on = None
        rows.append(
            {
                "field": form[question.code],
                "code": question.code,
                "kind": question.kind,
                "was": fingerprints[question.code],
                "comments": [each for each in comments if each.question == question.code],
                "notes": notes.get(question.code, ()),
                "last": (last or {}).get(question.code),
                "brought": question.code in brought,
                "changed": next(
                    (each.message for each in notes.get(question.code, ()) if each.code == CHANGED),
                    "",
                ),
                "on": on,
                "live": live,
                "on_answer": question.shown_if_answer,
                "on_label": in_words(on, question.shown_if_answer) if on else "",
            }
        )
    return rows


def _code_of(problem: FieldProblem) -> str:
    """The question that a problem of an answer is about, also where it is one cell of a table."""
    return problem.pointer.removeprefix("/answers/").partition("/")[0]


def _whole_number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
    return value if isinstance(value, int) and 0 <= value < 2**31 else None


# --- Autosave ---------------------------------------------------------------------------------


@require_POST
def save_answers(request: HttpRequest, pk: Any) -> HttpResponse:
    """{"answers": {code: value}, "version": n} → what was kept, what was not, and what collided."""
    report = common.find_report(request, pk)
    answers: dict[str, Any] = {}
    try:
        answers, version = _read(request)
        saved = services.save_report(report, by=request.user, version=version, answers=answers)
    except Refused as refused:
        return _refused(refused, answers)
    now = sheets.answers_of(saved.report.sheet)
    collided = {conflict.question for conflict in saved.conflicts}
    questions = {code: answer.question for code, answer in now.items()}
    body = {
        "version": saved.report.version,
        "saved_at": timezone.now().isoformat(),
        "written": list(saved.codes),
        "problems": _by_code(saved.problems),
        "cells": _by_cell(questions.values(), answers),
        "conflicts": [
            {
                "code": conflict.question,
                "label": conflict.label,
                "mine": conflict.mine,
                "theirs": control_value(questions[conflict.question], now[conflict.question]),
                **_conflict_words(now[conflict.question], conflict.mine),
                "by": conflict.by,
                "at": conflict.at.isoformat(),
            }
            for conflict in saved.conflicts
        ],
        # What others changed meanwhile and this page did not touch: it is shown, never overwritten.
        "others": [
            {"code": code, "value": control_value(questions[code], answer)}
            for code, answer in now.items()
            if answer.version > version and code not in answers and code not in collided
        ],
        "sign_off_cleared": saved.sign_off_cleared,
        "notes": _notes(saved.report, now, set(answers)),
    }
    return JsonResponse(body)


def _notes(report: Report, now: Mapping[str, Any], sent: Collection[str]) -> dict[str, list[str]]:
    """Of what was just sent, what only the answers together or the last period can tell; by question."""
    questions = sheets.questions_of(report.sheet.form_version)
    notes: dict[str, list[str]] = {code: [] for code in sent}
    for found in sheets.comparisons_of(report.sheet, questions, now):
        if found.code == CHANGED and found.question in notes:
            notes[found.question].append(found.message)
    return notes


def _conflict_words(answer: Any, mine: Any) -> dict[str, str]:
    """Both sides as a reader sees them, where what travels is no text for readers."""
    question = answer.question
    sent = ",".join(map(str, mine)) if isinstance(mine, list) else str(mine or "")
    return {
        "mine_words": in_words(question, sent),
        "theirs_words": in_words(question, typed_in(question, answer)),
    }


def _read(request: HttpRequest) -> tuple[dict[str, Any], int]:
    try:
        body = request.body
    except RequestDataTooBig as error:
        raise TooLarge(
            "too_much_text", _("This is too much text at once. Shorten it, or attach it as a file.")
        ) from error
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not_json", _("The answers cannot be read.")) from error
    answers = given.get("answers") if isinstance(given, dict) else None
    version = _whole_number(given.get("version")) if isinstance(given, dict) else None
    if not isinstance(answers, dict) or version is None:
        raise Unreadable("not_answers", _("The answers cannot be read."))
    return answers, version


def _by_code(problems: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for problem in problems:
        found.setdefault(_code_of(problem), []).append(str(problem.message))
    return found


def _by_cell(
    questions: Iterable[Question], answers: Mapping[str, Any]
) -> dict[str, dict[str, str]]:
    """Of the tables among the answers: what is wrong, by question and then by “row/column”."""
    found = {
        question.code: {
            f"{row}/{column}": message
            for (row, column), message in cell_problems(question, answers[question.code]).items()
        }
        for question in questions
        if question.kind == Question.Kind.TABLE and isinstance(answers.get(question.code), str)
    }
    return {code: cells for code, cells in found.items() if cells}


def _refused(refused: Refused, answers: Mapping[str, Any]) -> HttpResponse:
    """Every answer that was sent has its message, so that the page does not send it on and on."""
    problems = _by_code(refused.fields) or {code: [str(refused.message)] for code in answers}
    body = {
        "code": refused.code,
        "status": refused.status,
        "title": str(refused.message),
        "detail": str(refused.message),
        "problems": problems,
    }
    return JsonResponse(body, status=refused.status, content_type="application/problem+json")

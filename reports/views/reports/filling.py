"""The task list of a report, its sections, and what autosave sends."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
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

from platform_site.casework.queries import look_at
from platform_site.obligations.models import Obligation
from platform_site.problems import (
    Invalid,
    Refused,
    Stale,
    StepNotOpen,
    TooLarge,
    Unreadable,
)
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.checks import HARD, RULE, Finding
from platform_site.questionnaires.conditions import asked
from platform_site.questionnaires.models import Question
from platform_site.questionnaires.values import as_typed, fingerprint
from platform_site.text.compare import segments

from ... import services
from ...forms.reports import SectionForm
from ...models import Comment, Report
from ...queries import (
    RollUp,
    cannot_pass_down,
    check_fills,
    comments_for,
    pass_down_to,
    progress_of,
    roll_up,
    with_marks,
)
from ...workflow import ReportState
from . import common

#: The task list's words for the states of a section.
STATES = {"to_mend": "needs_more"}


@require_POST
def start_report(request: HttpRequest, pk: Any) -> HttpResponse:
    """Begin the report, or go on with the one that was begun: a replay meets the same."""
    obligation = get_object_or_404(Obligation.objects.visible_to(request.user), pk=pk)
    report = services.start_report(obligation, by=request.user)
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
            "hint": _hint(line, line.code in awaited),
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


def _hint(line: Any, awaited: bool) -> str:
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
        self.conflicts: list[dict[str, Any]] = []

    def form(self, typed: Mapping[str, str] | None = None) -> SectionForm:
        former = {}
        if any(question.indicator for question in self.questions):
            former = sheets.former_figures(self.report.sheet)
        return SectionForm(self.questions, self.answers, former, typed)

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
        rows = section_rows(form, self.all_questions, self.values(), self.notes(), comments)
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
        typed = {
            question.code: self.request.POST[f"answer-{question.code}"]
            for question in self.questions
            if f"answer-{question.code}" in self.request.POST
        }
        version = _whole_number(self.request.POST.get("version"))
        if version is None:
            raise Unreadable(
                "version_unreadable", _("The form is incomplete; load the page again.")
            )
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
                self.report, by=self.request.user, version=version, answers=changes
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
            problem.pointer.removeprefix("/answers/"): problem for problem in saved.problems
        }
        # What is not asked any more, given what was just saved, holds nobody up.
        here = asked(self.all_questions, self.values())
        problems = {code: problem for code, problem in problems.items() if code in here}
        form = self.form({code: typed[code] for code in collided | set(problems) if code in typed})
        for code, problem in problems.items():
            form.refuse(code, str(problem.message))
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
            services.take_over(
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
        theirs = "" if answer is None else answer.typed or as_typed(question, answer.value)
        old, new = segments(_in_words(question, mine), _in_words(question, theirs))
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
    everything: bool = False,
) -> list[dict[str, Any]]:
    """The rows of a section's page, of ``questions`` of the whole form those that ``form`` has.

    A question whose condition is decided in another section is left out where it is not asked. One that
    hangs on a question of the same page is there with the words of its condition; the page's script
    shows and hides it as that question is answered. ``everything`` leaves none out.
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
                "was": fingerprints[question.code],
                "comments": [each for each in comments if each.question == question.code],
                "notes": notes.get(question.code, ()),
                "on": on,
                "live": live,
                "on_answer": question.shown_if_answer,
                "on_label": _in_words(on, question.shown_if_answer) if on else "",
            }
        )
    return rows


def _in_words(question: Question, value: str) -> str:
    """The label of an option instead of its code."""
    if question.kind == Question.Kind.YES_NO:
        return {"yes": _("Yes"), "no": _("No")}.get(value, value)
    if question.kind == Question.Kind.CHOICE:
        return dict(question.choices()).get(value, value)
    return value


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
        "problems": _by_code(saved.problems),
        "conflicts": [
            {
                "code": conflict.question,
                "label": conflict.label,
                "mine": conflict.mine,
                "theirs": _control_value(questions, now, conflict.question),
                "by": conflict.by,
                "at": conflict.at.isoformat(),
            }
            for conflict in saved.conflicts
        ],
        # What others changed meanwhile and this page did not touch: it is shown, never overwritten.
        "others": [
            {"code": code, "value": _control_value(questions, now, code)}
            for code, answer in now.items()
            if answer.version > version and code not in answers and code not in collided
        ],
        "sign_off_cleared": saved.sign_off_cleared,
    }
    return JsonResponse(body)


def _control_value(questions: Mapping[str, Question], answers: Mapping[str, Any], code: str) -> str:
    answer = answers[code]
    return answer.typed or as_typed(questions[code], answer.value)


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
        code = problem.pointer.removeprefix("/answers/")
        found.setdefault(code, []).append(str(problem.message))
    return found


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

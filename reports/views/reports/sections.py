"""A section of a report: its questions as they are asked, saved and shown again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from platform_site.attachments.owners import name_of
from platform_site.problems import Invalid, Stale, StepNotOpen, Unreadable
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.checks import CHANGED, Finding
from platform_site.questionnaires.conditions import asked
from platform_site.questionnaires.models import Question
from platform_site.questionnaires.values import fingerprint, in_words, typed_in
from platform_site.text.compare import segments

from ... import services
from ...forms.reports import SectionForm
from ...models import Comment, Report
from ...queries import LastValue, RollUp, check_fills, comments_for, last_values, roll_up
from ...workflow import ReportState
from . import common
from .posted import code_of, posted_answers, whole_number


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
        version = whole_number(self.request.POST.get("version"))
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
            code_of(problem): str(problem.message) for problem in reversed(saved.problems)
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

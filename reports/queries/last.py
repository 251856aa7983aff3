"""The last period beside the present one: what the federation answered then, and what can be taken over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from platform_site.obligations.periods import label_of
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import Answer, Indicator, Question
from platform_site.questionnaires.values import plain

from ..models import Report, ReportVersion
from ..workflow import ReportState
from .reports import shown_value

#: Kinds of answers that often stay as they were. A number of the period never does.
LASTING = (Question.Kind.TEXT, Question.Kind.CHOICE, Question.Kind.CHOICES, Question.Kind.YES_NO)
#: What is too much to stand beside a field: it is read in the last report.
_LARGE = (Question.Kind.TABLE, Question.Kind.FILE)


@dataclass(frozen=True)
class LastValue:
    """The last accepted value of a question: as JSON, in words, and the code of its period (or none)."""

    value: Any
    shown: str
    period: str

    @property
    def label(self) -> str:
        """What stands before it: 上期（2026年第二季度）."""
        if not self.period:
            return _("Last accepted")
        return _("Last period (%(period)s)") % {"period": label_of(self.period)}


def last_version(report: Report) -> ReportVersion | None:
    """What was accepted of the federation's newest earlier period of the same notice."""
    if report.sheet.period_start is None or not report.period:
        return None
    former = (
        Report.objects.filter(
            federation=report.federation_id,
            obligation__round__request=report.obligation.round.request_id,
            state=ReportState.ACCEPTED,
            sheet__period_start__lt=report.sheet.period_start,
        )
        .exclude(pk=report.pk)
        .order_by("-sheet__period_start")
        .values("pk")[:1]
    )
    return (
        ReportVersion.objects.filter(report__in=former)
        .select_related("report__sheet")
        .order_by("-number")
        .first()
    )


def last_values(report: Report, questions: Iterable[Question]) -> dict[str, LastValue]:
    """By question code: what was accepted in the last period. A fixed number of queries.

    A number with an indicator is the federation's last accepted figure of it, also where another form or
    notice asked; what has neither period nor threshold is left to what the form says of it anyway. Any
    other answer is that to the question of the same code and kind in the notice's last period.
    """
    questions = list(questions)
    found: dict[str, LastValue] = {}
    version = last_version(report)
    if version is not None and not version.nothing_to_report:
        period = version.report.sheet.period
        kinds = {each.code: each.kind for each in questions if each.kind not in _LARGE}
        for section in version.content.get("sections", []):
            for kept in section["questions"]:
                if kept["value"] is not None and kinds.get(kept["code"]) == kept["kind"]:
                    found[kept["code"]] = LastValue(kept["value"], shown_value(kept), period)
    if any(question.indicator for question in questions):
        figures = sheets.last_figures_dated(report.sheet)
        for question in questions:
            if question.indicator is None:
                continue
            found.pop(question.code, None)
            number, period = figures.get(question.indicator.code, (None, ""))
            if number is not None and (period or question.doubt_change):
                words = f"{plain(number)} {question.unit}".strip()
                found[question.code] = LastValue(plain(number), words, period)
    return found


def can_be_brought(
    questions: Iterable[Question], last: dict[str, LastValue], answers: dict[str, Answer]
) -> dict[str, Any]:
    """What 带入上期内容 would write, by question code: never over anything that is there, never a number
    of the period.
    """
    return {
        question.code: last[question.code].value
        for question in questions
        if question.code in last and _lasts(question) and not _is_typed(answers.get(question.code))
    }


def _lasts(question: Question) -> bool:
    if question.is_number:
        indicator = question.indicator
        return indicator is not None and indicator.measure == Indicator.Measure.CUMULATIVE
    return question.kind in LASTING


def _is_typed(answer: Answer | None) -> bool:
    return answer is not None and (answer.value is not None or bool(answer.typed))

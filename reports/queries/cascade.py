"""What was passed down: who of the lower tier stands where, what it adds up to, where a figure is from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from platform_site.casework.queries import DueDate, look_at, today
from platform_site.federations.models import Federation
from platform_site.obligations import services as obligations
from platform_site.obligations.models import Obligation
from platform_site.problems import Refused, StepNotOpen
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import FormVersion, Question

from ..models import PassDown, Report, ReportVersion
from ..workflow import NoticeState, ReportState
from .matrix import cell_standing
from .notices import Standing, standing_of
from .rounds import form_version_of
from .summaries import is_asked

#: Whose numbers are added up: handed in and not being changed.
COUNTED = (ReportState.SUBMITTED, ReportState.ACCEPTED)


def form_asked_of(owed: Obligation) -> FormVersion | None:
    """What this is filled in with: the form of the notice, or of whoever passed it down with more questions."""
    while owed.parent is not None:
        passed = PassDown.objects.filter(pk=owed.parent_id).select_related("form_version__form")
        if (found := passed.first()) and found.form_version:
            return found.form_version
        owed = owed.parent
    return form_version_of(owed.round.request.notice, owed.round)


def pass_down_to(owed: Obligation, user: Any) -> PassDown | None:
    """The terms under which this was passed down to its federation; None for what came from the centre."""
    if owed.parent_id is None:
        return None
    return PassDown.objects.visible_to(user).with_context().filter(pk=owed.parent_id).first()


def follows_lower(passed: PassDown, user: Any) -> bool:
    """Whether this reader sees how the lower tier stands: those who see what it was passed down from."""
    return Obligation.objects.visible_to(user).filter(pk=passed.pk).exists()


def children_of(owed: Obligation, user: Any) -> list[Obligation]:
    """What was passed down from it and not taken back, in the official order, with the reports."""
    return list(
        Obligation.objects.visible_to(user)
        .filter(parent=owed, cancelled_at=None)
        .select_related("federation", "leader", "report")
        .order_by("federation__position", "federation__code")
    )


def cannot_pass_down(owed: Obligation, user: Any) -> Refused | None:
    """Why this person cannot pass it down now; None: they can."""
    notice = owed.round.request.notice
    if notice.state != NoticeState.ISSUED:
        return StepNotOpen(
            "notice_not_open",
            _("The notice is “%(state)s”; nothing more can be filed for it.")
            % {"state": notice.get_state_display()},
        )
    try:
        obligations.check_passes_down(owed, user, on=today())
    except Refused as refused:
        return refused
    return None


def not_asked_yet(owed: Obligation) -> list[Federation]:
    """The federations directly below that the round does not ask yet, or no more, in the official order."""
    asked = Obligation.objects.filter(round=owed.round_id, cancelled_at=None)
    return list(
        Federation.objects.current()
        .filter(parent=owed.federation_id)
        .exclude(pk__in=asked.values("federation"))
        .order_by("position", "code")
    )


def own_questions(passed: PassDown) -> list[Question]:
    """The questions that were added when it was passed down."""
    version = passed.form_version
    if version is None or version.form.extends_id is None:
        return []
    before = sheets.questions_of(FormVersion(pk=version.form.extends_id))
    there = {each.code for each in before}
    return [each for each in sheets.questions_of(version) if each.code not in there]


# --- Who stands where -------------------------------------------------------------------------------
@dataclass(frozen=True)
class LowerRow:
    """One federation of the lower tier. ``silent``: past the limit and not even signed for."""

    obligation: Obligation
    report: Report | None
    standing: Standing
    is_late: bool
    due: DueDate | None
    #: How many it passed this down to itself.
    below: int

    @property
    def federation(self) -> Federation:
        return self.obligation.federation


def lower_rows(owed: Obligation, user: Any) -> list[LowerRow]:
    """Each federation that this was passed down to: a fixed number of queries, however many there are.

    A report shows once it was submitted, to whoever passed it down as to any federation above.
    """
    children = children_of(owed, user)
    below: dict[Any, int] = {}
    grandchildren = Obligation.objects.visible_to(user).filter(
        parent__in=[each.pk for each in children], cancelled_at=None
    )
    for parent in grandchildren.values_list("parent", flat=True):
        below[parent] = below.get(parent, 0) + 1
    state = owed.round.request.notice.state
    now = today()
    rows = []
    for each in children:
        report = getattr(each, "report", None)
        found = report.state if report else None
        standing = cell_standing(each, found, notice_state=state, on=now)
        rows.append(
            LowerRow(
                obligation=each,
                report=report if report and report.submitted_at else None,
                standing=standing or standing_of(each, found),
                is_late=each.is_late(now),
                due=look_at(each.due_on, now) if each.due_on else None,
                below=below.get(each.pk, 0),
            )
        )
    return rows


@dataclass(frozen=True)
class LowerTally:
    asked: int
    signed_for: int
    filed: int
    accepted: int
    late: int


def lower_tally(rows: Iterable[LowerRow]) -> LowerTally:
    """How many of those that have to report have done what; late ones also among the filed."""
    owed = [row.obligation for row in rows if is_asked(row.obligation)]
    now = today()
    return LowerTally(
        asked=len(owed),
        signed_for=sum(each.signed_for_at is not None for each in owed),
        filed=sum(each.filed_at is not None for each in owed),
        accepted=sum(each.settled_at is not None for each in owed),
        late=sum(each.is_late(now) for each in owed),
    )


# --- As a table -------------------------------------------------------------------------------------
def table_questions(owed: Obligation) -> list[Question]:
    """What a table of the lower tier shows of its answers: the figures, and the questions that were added."""
    passed = PassDown.objects.filter(pk=owed.pk).select_related("form_version__form").first()
    own = own_questions(passed) if passed else []
    version = passed.form_version if passed and passed.form_version else form_asked_of(owed)
    if version is None:
        return []
    there = {each.code for each in own}
    return [each for each in sheets.questions_of(version) if each.indicator or each.code in there]


def answers_below(children: Iterable[Obligation]) -> dict[Any, dict[str, Any]]:
    """By obligation: the answers of the version that counts, each as its version has it, by question code."""
    counted = {
        each.report.pk: each.pk
        for each in children
        if hasattr(each, "report") and each.report.state in COUNTED
    }
    return {
        counted[version.report_id]: {
            question["code"]: question
            for section in version.content.get("sections", [])
            for question in section["questions"]
        }
        for version in newest_versions(counted)
    }


def newest_versions(reports: Iterable[Any]) -> list[ReportVersion]:
    """The version of each report that was submitted last."""
    return list(
        ReportVersion.objects.filter(report__in=list(reports))
        .order_by("report", "-number")
        .distinct("report")
    )

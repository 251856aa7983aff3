"""A notice that asks every quarter: three rounds behind us, one open, for all provincial federations.

The rounds behind us are many reports of which only the outcome matters, so what they leave behind is
written set-wise; the notice, its rounds and what is still to be done are played like everything else.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.contenttypes.models import ContentType

from platform_site.audit import services as audit
from platform_site.casework.models import Duty
from platform_site.casework.queries import today, work_calendar
from platform_site.casework.workdays import Unit
from platform_site.federations.models import Federation
from platform_site.obligations.models import Obligation
from platform_site.obligations.periods import Period, parse, period_of
from platform_site.obligations.schedules import DateRule, Plan
from platform_site.questionnaires import building
from platform_site.questionnaires import queries as sheets
from platform_site.questionnaires.models import Answer, Figure, Form, FormVersion, Question, Sheet
from platform_site.questionnaires.structure import document_of

from .. import services
from ..models import BusinessLine, Notice, Report, ReportVersion
from ..workflow import ReportState
from .growth import cumulative
from .people import DEPARTMENTS, Cast, at_hour

#: Who filed each of the rounds behind us after its day.
LATE = ("540000", "630000", "460000")
#: How the quarters differ: the spring is short, the summer busy.
SEASONS = {1: 0.8, 4: 1.05, 7: 1.25, 10: 1.1}


def load(cast: Cast) -> None:
    open_now = period_of("quarterly", today()).previous()
    first = open_now.previous().previous().previous()
    # The term is such that the open round is due in some days, whenever the demo is started.
    term = work_calendar().working_days_between(open_now.end, today()) + 6
    notice = _issue(cast, Plan("quarterly", first.code, "", DateRule(1, term, "working", 2)))
    for number, owed in enumerate(_owed(notice, first)):
        services.sign_for(
            owed,
            by=cast.officers[owed.federation_id],
            version=owed.version,
            leader_name=cast.leaders[owed.federation_id].name,
            leader_title="副主席",
            department=DEPARTMENTS[number % len(DEPARTMENTS)],
            at=at_hour(first.end, 9 + number % 8, number),
        )
    period = first
    for place, late in enumerate(LATE):
        _play(cast, notice, period, place, late=late)
        period = period.next()
        opens_on = work_calendar().reckon(period.end, 1, Unit.WORKING).due_on
        services.open_due_rounds(at=at_hour(opens_on, 8))


def _issue(cast: Cast, plan: Plan) -> Notice:
    day = work_calendar().reckon(parse(plan.first).end, -10, Unit.WORKING).due_on
    notice = services.draft_notice(
        by=cast.officer,
        federation=Federation.objects.national(),
        title="关于按季度报送社会组织工作数据的通知",
        text=TEXT,
        asks="progress",
        business_line=BusinessLine.SOCIAL_ORGANISATIONS,
        form=_form(cast),
        schedule=plan,
        contact_name=cast.officer.name,
        contact_phone="010-00000000",
        at=at_hour(day, 9),
    )
    notice = services.approve_notice(
        notice, by=cast.leader, version=notice.version, at=at_hour(day, 10)
    )
    return services.issue_notice(
        notice, by=cast.officer, version=notice.version, at=at_hour(day, 11)
    )


def _form(cast: Cast) -> Form:
    """The figures of the progress report, quarter by quarter: a change by more than the half is explained."""
    current = Form.objects.get(code="progress_report").current()
    assert current is not None
    document = document_of(current)
    figures = next(each for each in document["sections"] if each["code"] == "figures")
    figures["questions"] = [each for each in figures["questions"] if each["code"] in FIGURES]
    for question in figures["questions"]:
        question["doubt_change"] = 50 if question["code"] in SEASONAL else None
    form = building.make_form(
        by=cast.officer,
        code="quarterly_figures",
        name_zh="社会组织工作季度数据表",
        name_en="Quarterly figures of the work with social organisations",
        purpose="progress",
    )
    draft = building.save_draft(
        form.versions.get(), by=cast.officer, version=1, sections=[WORK, figures], rules=[]
    )
    building.publish_version(draft, by=cast.officer, version=draft.version)
    return form


#: Numbers of the quarter itself; the others are cumulative.
SEASONAL = ("projects_purchased", "funds_purchased", "workers_served", "trainings")
FIGURES = (
    "organisations_surveyed", "organisations_on_ledger", "organisations_contacted", *SEASONAL
)  # fmt: skip
WORK = {
    "code": "work",
    "name_zh": "工作情况",
    "name_en": "The work",
    "questions": [
        {"code": "has_team", "kind": "yes_no", "name_zh": "是否有专人负责", "name_en": "Somebody is in charge"},
        {"code": "contact", "kind": "text", "name_zh": "联系机制", "name_en": "How contact is kept",
         "max_length": 1000},
        {"code": "done", "kind": "text", "name_zh": "本季度主要工作", "name_en": "Done in the quarter",
         "max_length": 2000},
    ],
}  # fmt: skip


def _owed(notice: Notice, period: Period) -> list[Obligation]:
    return list(
        Obligation.objects.filter(round__request=notice.pk, round__period=period.code)
        .select_related("federation", "round__request", "leader")
        .order_by("federation__position")
    )


def _play(cast: Cast, notice: Notice, period: Period, place: int, *, late: str) -> None:
    """What a round behind us left: every report filed and accepted, one of them late."""
    assert notice.form_version is not None
    version, owed = notice.form_version, _owed(notice, period)
    questions = sheets.questions_of(version)
    calendar, round = work_calendar(), owed[0].round
    assert round.due_on is not None
    assert round.on_time_until is not None
    day = calendar.reckon(round.due_on, -2, Unit.WORKING).due_on
    late_day = calendar.reckon(round.on_time_until, 2, Unit.WORKING).due_on
    accepted = calendar.reckon(round.on_time_until, 4, Unit.WORKING).due_on
    filed = {
        each.pk: at_hour(late_day if each.federation.code == late else day, 9 + number % 8, number)
        for number, each in enumerate(owed)
    }
    made = [
        _Made(cast, each, version, questions, (period, place, number), filed[each.pk])
        for number, each in enumerate(owed)
    ]
    decided_at = at_hour(accepted, 15)
    Sheet.objects.bulk_create([each.sheet for each in made])
    Answer.objects.bulk_create([answer for each in made for answer in each.answers])
    for each in made:
        each.report.accepted_at = decided_at
    Report.objects.bulk_create([each.report for each in made])
    ReportVersion.objects.bulk_create([each.version for each in made])
    Figure.objects.bulk_create([figure for each in made for figure in each.figures])
    for each in made:
        each.owed.filed_at, each.owed.settled_at = filed[each.owed.pk], decided_at
        each.owed.version += 2
        by = cast.officers[each.owed.federation_id]
        audit.record(
            "reports.report.submit", each.report, by=by, at=filed[each.owed.pk],
            from_state=ReportState.DRAFT, to_state=ReportState.SUBMITTED, facts={"version": 1},
        )  # fmt: skip
        audit.record(
            "reports.report.accept", each.report, by=cast.officer, at=decided_at,
            from_state=ReportState.SUBMITTED, to_state=ReportState.ACCEPTED,
        )  # fmt: skip
    Obligation.objects.bulk_update(owed, ["filed_at", "settled_at", "version"])
    Duty.objects.filter(
        subject_type=ContentType.objects.get_for_model(Obligation),
        subject_id__in=[each.pk for each in owed],
        done_at=None,
    ).update(done_at=decided_at, outcome=Duty.Outcome.DONE)
    FormVersion.objects.filter(pk=version.pk, frozen_at=None).update(frozen_at=round.opened_at)


class _Made:
    """One report of a round behind us, with all that hangs on it, before it is written."""

    def __init__(
        self,
        cast: Cast,
        owed: Obligation,
        version: FormVersion,
        questions: list[Question],
        which: tuple[Period, int, int],
        filed_at: dt.datetime,
    ) -> None:
        period, place, number = which
        federation, officer = owed.federation, cast.officers[owed.federation_id]
        leader = cast.leaders[owed.federation_id]
        self.owed = owed
        values = figures_of(federation, period, number, place)
        self.sheet = Sheet(
            form_version=version, federation=federation, period=period.code,
            period_start=period.start, version=2,
        )  # fmt: skip
        self.answers = [
            Answer(
                sheet=self.sheet, question=question, value=values[question.code], version=2,
                changed_by=officer, changed_at=filed_at,
            )
            for question in questions if question.code in values
        ]  # fmt: skip
        self.report = Report(
            obligation=owed, federation=federation, sheet=self.sheet, kind="progress",
            state=ReportState.ACCEPTED, started_by=officer, started_at=filed_at,
            prepared_by=officer, signed_off_by=leader, signed_off_name=leader.name,
            signed_off_title="副主席", signed_off_on=filed_at.date(), submitted_at=filed_at,
            submitted_by=officer, version=5,
        )  # fmt: skip
        content = sheets.content(questions, values)
        content |= {"form": version.form.code, "form_version": version.number, "attachments": []}
        self.version = ReportVersion(
            report=self.report, number=1, content=content, prepared_by_name=officer.name,
            submitted_by=officer, submitted_by_name=officer.name, signed_off_name=leader.name,
            signed_off_title="副主席", signed_off_on=filed_at.date(), submitted_at=filed_at,
        )  # fmt: skip
        self.figures = [
            Figure(
                sheet=self.sheet, indicator=question.indicator, federation=federation,
                period_start=period.start, period_end=period.end, number=values[question.code],
            )
            for question in questions
            if question.indicator and question.code in values
        ]  # fmt: skip


def figures_of(federation: Federation, period: Period, number: int, place: int) -> dict[str, Any]:
    """A believable quarter: cumulative figures grow from one to the next, the others follow the season."""
    short = federation.short_zh
    season = SEASONS[period.start.month]
    served = round((1800 + number * 317 % 5200) * season)
    return {
        "done": f"{short}各级工会{period.label}继续更新社会组织台账，分级走访联系，"
        f"召开联席会议{1 + number % 2}次，围绕法律维权、心理健康、技能培训购买服务项目，"
        "组织服务项目进企业、进园区、进驿站，跟踪评估服务效果，职工反映良好。（演示数据）",
        "has_team": True,
        "contact": "省市县三级明确联系人，每季度走访一次，年初年中各召开一次座谈会。",
        **cumulative(federation, period.end),
        "projects_purchased": str(max(1, round((2 + number % 6) * season))),
        "funds_purchased": f"{(35 + number * 4.5) * season:.1f}",
        "workers_served": str(served),
        "trainings": str(1 + (number + place) % 4),
    }


TEXT = """为连续掌握各地社会组织工作情况，现就按季度报送工作数据有关事项通知如下。

一、报送内容

按平台表单填报本季度主要做法、存在问题、下步打算和工作数据。累计数不得小于上期；与上期相比变化较大的，应当说明原因。

二、报送时间

每季度终了后在平台开放填报，各期截止日以平台显示为准。通知签收一次，各期不再重复签收。

三、有关要求

数据以台账为准，由分管领导签批。没有发生的事项填零，不掌握的留空，不得估算。"""

"""What this app tells the rooms below it: its kind of request, its files' owners, its words."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from platform_site.attachments import owners
from platform_site.attachments.models import Attachment
from platform_site.audit import actions
from platform_site.federations.models import Federation
from platform_site.obligations import kinds, sources
from platform_site.obligations.models import Allowance, Obligation
from platform_site.problems import Refused, StepNotOpen
from platform_site.questionnaires import purposes, uses
from platform_site.questionnaires.models import Question
from platform_site.questionnaires.uses import Use
from platform_site.webhooks import kinds as events
from platform_site.webhooks.kinds import Kind as Event

from . import jobs
from .models import (
    Asks,
    Notice,
    Report,
    ReportQuerySet,
    ReportScan,
    SupervisionRecord,
    WorkStatement,
)
from .services.filling import OPEN_TO_FILLING
from .services.notices import KIND
from .services.supervision import OPEN_TO_WRITING
from .workflow import NoticeState, SupervisionState


def may_change_notice_files(user: Any, notice: Notice) -> bool:
    return notice.state == NoticeState.DRAFT and user.has_perm("reports.draft_notice", notice)


def may_change_report_files(user: Any, report: Report) -> bool:
    return report.state in OPEN_TO_FILLING and user.has_perm("reports.fill_report", report)


def may_see_report_file(user: Any, report: Report, attachment: Any) -> bool:
    """The own federation sees every file, everyone else those of a submitted version."""
    return attachment.frozen or report.federation_id in user.scope.at(*ReportQuerySet.FILERS)


def answer_that_names(report: Report, attachment: Any) -> Refused | None:
    """A file that is an answer is taken away in the answer."""
    answers = report.sheet.answers.filter(
        question__kind=Question.Kind.FILE, value__contains=[{"id": str(attachment.pk)}]
    )
    named = answers.select_related("question").first()
    if named is None:
        return None
    return StepNotOpen(
        "is_an_answer",
        _("This file answers “%(question)s”: take it away there.") % {"question": named.question},
    )


def may_change_allowance_files(user: Any, allowance: Allowance) -> bool:
    """Only with the act itself: the papers of a decision do not change afterwards."""
    return bool(user.pk == allowance.by_id)


def may_change_supervision_files(user: Any, record: SupervisionRecord) -> bool:
    """Photos and papers until the report is handed in; those of a call by whoever recorded it."""
    if record.state == SupervisionState.RECORDED:
        return bool(user.pk == record.planned_by_id)
    return record.state in OPEN_TO_WRITING and user.has_perm("reports.supervise", record)


def may_change_work_files(user: Any, statement: WorkStatement) -> bool:
    """Only with the act itself: the evidence of a statement is kept with it."""
    return statement.corrected_at is None and bool(user.pk == statement.stated_by_id)


def may_change_scan_files(user: Any, scan: ReportScan) -> bool:
    """The one file comes with the scan, and stays."""
    return bool(user.pk == scan.by_id) and not Attachment.objects.of(scan).exists()


def no_action_point_yet(user: Any, record: SupervisionRecord) -> Refused | None:
    """Something can be agreed on from the day on which it took place."""
    if record.state in (SupervisionState.PLANNED, SupervisionState.CANCELLED):
        return StepNotOpen(
            "not_held",
            _("It is “%(state)s”: nothing has been agreed on.")
            % {"state": record.get_state_display()},
        )
    return None


def notices_to(notices: QuerySet[Notice], federation: Federation) -> QuerySet[Notice]:
    """Those of which the federation, or one below it, is a recipient."""
    owed = Obligation.objects.filter(federation__in=Federation.objects.below(federation))
    return notices.filter(request__in=owed.values("round__request"))


def notices_asking_with(versions: Iterable[int], user: Any) -> dict[int, list[Use]]:
    """The notices that a reader sees, by the version of the form that they ask with."""
    found: dict[int, list[Use]] = {}
    notices = Notice.objects.visible_to(user).with_request().filter(form_version__in=list(versions))
    for notice in notices.order_by("-issued_at", "-request"):
        use = Use(notice.title, notice.get_state_display(), notice.get_absolute_url())
        found.setdefault(notice.form_version_id, []).append(use)
    return found


def register() -> None:
    kinds.register(kinds.Kind(KIND, _("notice"), lambda pk: reverse("notice-detail", args=[pk])))
    jobs.register()
    uses.register(notices_asking_with)
    for asked in Asks:
        if asked != Asks.NOTHING:
            purposes.register(asked.value, asked.label)
    owners.register(Notice, may_change=may_change_notice_files)
    owners.register(Allowance, may_change=may_change_allowance_files)
    owners.register(
        Report,
        may_change=may_change_report_files,
        visible=may_see_report_file,
        holds=answer_that_names,
    )
    owners.register(SupervisionRecord, may_change=may_change_supervision_files)
    owners.register(ReportScan, may_change=may_change_scan_files)
    owners.register(WorkStatement, may_change=may_change_work_files)
    sources.register(
        sources.Source(
            SupervisionRecord,
            refusal=no_action_point_yet,
            day=lambda record: record.on,
            federation=lambda record: record.federation,
        )
    )
    events.register(Event("notice.issued", _("Notice issued"), Notice, "notices", notices_to))
    events.register(
        Event("notice.round_opened", _("Round of a notice opened"), Notice, "notices", notices_to)
    )
    events.register(Event("report.submitted", _("Report submitted"), Report, "reports"))
    events.register(Event("report.returned", _("Report returned"), Report, "reports"))
    events.register(Event("report.accepted", _("Report accepted"), Report, "reports"))
    for code, label in {
        "reports.notice.import": _("Took the notice over from before the platform"),
        "reports.notice.draft": _("Drafted the notice"),
        "reports.notice.edit": _("Changed the draft"),
        "reports.notice.approve": _("Approved the notice"),
        "reports.notice.send_back": _("Sent the notice back to draft"),
        "reports.notice.issue": _("Issued the notice"),
        "reports.notice.open_round": _("Opened a round of the notice"),
        "reports.notice.move_round": _("Moved the dates of a round ahead"),
        "reports.notice.renew_form": _("Took the newer form for the rounds ahead"),
        "reports.notice.close": _("Closed the notice"),
        "reports.notice.withdraw": _("Withdrew the notice"),
        "obligations.extend": _("Extended the due date"),
        "obligations.waive": _("Waived the report"),
        "obligations.sign_for": _("Signed for the notice"),
        "obligations.pass_down": _("Passed the notice down"),
        "obligations.take_back": _("Took back what was passed down"),
        "reports.report.gather": _("Took in what was gathered from the lower tier"),
        "reports.report.take_over": _("Took figures over from the lower tier"),
        "reports.report.start": _("Began the report"),
        "reports.report.take_in_workbook": _("Filled it in from a workbook"),
        "reports.report.bring_forward": _("Took answers from the last period"),
        "reports.report.sign_off": _("Recorded the sign-off"),
        "reports.report.submit": _("Submitted the report"),
        "reports.report.recall": _("Recalled the report"),
        "reports.report.return": _("Returned the report"),
        "reports.report.accept": _("Accepted the report"),
        "reports.circular.draft": _("Drafted the circular"),
        "reports.circular.edit": _("Changed the circular"),
        "reports.circular.set_line": _("Wrote about a federation in the circular"),
        "reports.circular.approve": _("Approved the circular"),
        "reports.circular.send_back": _("Sent the circular back to draft"),
        "reports.circular.issue": _("Issued the circular"),
        "reports.circular.withdraw": _("Withdrew the circular"),
        "reports.supervisionrecord.record": _("Recorded the telephone exchange"),
        "reports.supervisionrecord.plan": _("Planned the visit"),
        "reports.supervisionrecord.edit": _("Changed the supervision record"),
        "reports.supervisionrecord.hold": _("Recorded that the visit was held"),
        "reports.supervisionrecord.write": _("Handed in the supervision report"),
        "reports.supervisionrecord.accept": _("Accepted the supervision report"),
        "reports.supervisionrecord.return": _("Returned the supervision report"),
        "reports.supervisionrecord.cancel": _("Cancelled the visit"),
        "reports.phoneround.open": _("Opened the phone round"),
        "reports.phoneround.close": _("Closed the phone round"),
        "reports.report.receive_scan": _("Added the scan of the signed paper"),
        "reports.reportscan.attach": _("Attached a stamped scan"),
        "reports.workstatement.state": _("Stated the work system"),
        "reports.workstatement.correct": _("Corrected a statement of the work system"),
        "reports.workstatement.end": _("Ended a statement of the work system"),
        "reports.workconfirmation.confirm": _("Confirmed the work system without change"),
        "reports.workrequest.ask": _("Asked for the work system to be filled in"),
        "reports.handover.open": _("Began the handover"),
        "reports.handover.give": _("Handed over the office"),
        "reports.handover.give_for": _("Handed over the office for its holder"),
        "reports.handover.take_over": _("Took over the office"),
        "reports.handover.cancel": _("Cancelled the handover"),
        "reports.summary.start": _("Began the summary"),
        "reports.summary.edit": _("Changed the summary"),
        "reports.summary.draw": _("Took accepted reports into the summary"),
        "reports.summary.edit_part": _("Wrote a paragraph of the summary"),
        "reports.summary.redraw_part": _("Drew a paragraph of the summary anew"),
        "reports.summary.freeze": _("Froze an edition of the summary"),
    }.items():
        actions.register(code, label)

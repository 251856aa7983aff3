"""The lists of notices, reports and recipients: what each holds, for its page and for its export."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.casework.queries import today
from platform_site.lists import exports, ordering
from platform_site.lists.exports import Column, Export, Selection
from platform_site.obligations.models import Obligation, Round
from platform_site.obligations.periods import label_of
from platform_site.questionnaires.models import Question
from platform_site.text.words import listed

from . import queries
from .filters import CircularFilter, LedgerFilter, NoticeFilter, ReportFilter, SupervisionFilter
from .forms.work_system import WorkForm
from .menu import reads_circulars, reads_notices, reads_obligations, reads_reports
from .models import (
    WORK_COLUMNS,
    Circular,
    Handover,
    Notice,
    PhoneRound,
    Report,
    Summary,
    SupervisionRecord,
    WorkSubject,
)
from .queries.handovers import reads_handovers
from .queries.ledger import ORDER as LEDGER_ORDER
from .queries.ledger import accepted_at, ledger_for, prepare_ledger, step_of
from .queries.supervision import (
    federations_by_contact,
    follows_supervision,
    note_contacts,
    reads_supervision,
)
from .queries.work_system import (
    chosen_federations,
    follows_work_system,
    reads_work_system,
    set_work,
)

#: Who follows what their own federation owes.
OWN_OFFICES = (Role.PROVINCIAL_LEADER, Role.DEPARTMENT_HEAD, Role.LIAISON_OFFICER)
REPORT_ORDERINGS = {"submitted": ("submitted_at",), "-submitted": ("-submitted_at",)}


# --- Notices --------------------------------------------------------------------------------------


def select_notices(user: Any, parameters: QueryDict) -> Selection:
    visible = Notice.objects.visible_to(user).with_request().with_due_date()
    narrowed = NoticeFilter(parameters, queryset=visible)
    # Drafts, which have no day of issue yet, come first.
    return Selection(narrowed.qs, ("-issued_at", "-request"), narrowed.form)


def _newest_rounds(notices: Sequence[Notice]) -> Any:
    """The newest round of each notice: what its line in the list is about."""
    return Round.objects.newest_of(notice.pk for notice in notices).values("pk")


def filed_counts(notices: Sequence[Notice], user: Any) -> dict[Any, dict[str, int]]:
    """For each notice how many owe its newest round and how many filed (one query)."""
    counted = (
        Obligation.objects.counted_for(user)
        .filter(round__in=_newest_rounds(notices), cancelled_at=None)
        .order_by()
        .values("round__request")
        .annotate(
            total=Count("pk"),
            filed=Count("pk", filter=Q(filed_at__isnull=False) | Q(settled_at__isnull=False)),
        )
    )
    no_clock = {notice.pk for notice in notices if notice.due_on is None}
    # Of history whose reports were never recorded nothing is known: blank, not zero.
    return {
        row["round__request"]: row
        for row in counted
        if row["filed"] or row["round__request"] not in no_clock
    }


def own_standings(notices: Sequence[Notice], user: Any) -> dict[Any, queries.Standing]:
    """Where the reader's own federation stands with each of the notices (one query)."""
    owed = (
        Obligation.objects.visible_to(user)
        .filter(
            round__in=_newest_rounds(notices),
            federation__in=user.scope.at(*OWN_OFFICES),
        )
        .select_related("round", "report")
    )
    return {
        each.round.request_id: queries.standing_of(
            each, each.report.state if hasattr(each, "report") else None
        )
        for each in owed
    }


def _prepare_notices(notices: Sequence[Any], user: Any) -> None:
    follows = queries.follows_all(user)
    filed = filed_counts(notices, user) if follows else {}
    ours = {} if follows else own_standings(notices, user)
    for notice in notices:
        counts = filed.get(notice.pk, {})
        notice.filed, notice.recipients = counts.get("filed"), counts.get("total")
        notice.ours = ours.get(notice.pk)


def _notice_columns(user: Any) -> Sequence[Column]:
    columns = [
        Column(_("Title"), lambda notice: notice.title, 50),
        Column(_("Document number"), lambda notice: notice.number, 22),
        Column(_("Business line"), lambda notice: notice.get_business_line_display(), 24),
        Column(_("What is asked for"), lambda notice: notice.get_asks_display()),
        Column(_("Frequency"), lambda notice: notice.get_frequency_display(), 12),
        Column(_("Period"), lambda notice: label_of(notice.period or "") or None, 16),
        Column(_("Issued on"), _issued_on, 14),
        Column(_("Due date"), lambda notice: notice.due_on, 14),
        Column(_("State"), lambda notice: notice.get_state_display(), 12),
    ]
    if queries.follows_all(user):
        return [
            *columns,
            Column(_("Filed"), lambda notice: notice.filed, 10),
            Column(_("Recipients"), lambda notice: notice.recipients, 10),
        ]
    ours = Column(_("Own federation"), lambda notice: notice.ours.label if notice.ours else None)
    return [*columns, ours]


def _issued_on(notice: Notice) -> Any:
    """The day, or in words the month where history knows no more."""
    return notice.dated if notice.month_year else queries.day_of(notice.issued_at)


# --- Reports --------------------------------------------------------------------------------------


def select_reports(user: Any, parameters: QueryDict) -> Selection:
    visible = Report.objects.visible_to(user).with_context()
    narrowed = ReportFilter(parameters or None, queryset=visible, user=user)
    readable = not narrowed.is_bound or narrowed.form.is_valid()
    order = ordering.resolve(parameters.get("ordering"), REPORT_ORDERINGS, "-submitted")
    return Selection(narrowed.qs if readable else visible.none(), order, narrowed.form)


REPORT_COLUMNS = (
    Column(_("Report"), lambda report: report.notice.title, 50),
    Column(_("Federation"), lambda report: report.federation.name, 30),
    Column(_("Code"), lambda report: report.federation.code, 12),
    Column(_("Kind"), lambda report: report.get_kind_display()),
    Column(_("Period"), lambda report: label_of(report.period) or None, 16),
    Column(_("State"), lambda report: report.get_state_display(), 12),
    Column(_("First submitted"), lambda report: report.submitted_at),
    Column(_("Due date"), lambda report: report.obligation.due_on, 14),
    Column(_("late"), lambda report: report.obligation.is_late(today()), 10),
)


# --- Recipients of a notice -----------------------------------------------------------------------


def select_recipients(user: Any, parameters: QueryDict) -> Selection:
    """What the federations owe to the notice that ``notice`` names, as far as the reader sees it."""
    try:
        pk = uuid.UUID(parameters.get("notice", ""))
    except ValueError:
        raise Http404 from None
    notice = Notice.objects.visible_to(user).with_request().filter(pk=pk).first()
    if notice is None:
        raise Http404
    wanted = parameters.get("standing", "")
    # A round that is not there has no rows; the page never asks for one.
    round = queries.round_of(notice, parameters.get("round", ""))
    rows = queries.standing_at(queries.recipient_rows(notice, user, round), wanted)
    owed = (
        Obligation.objects.visible_to(user)
        .filter(pk__in=[row.obligation.pk for row in rows])
        .select_related("federation", "leader", "report")
    )
    about: list[tuple[Any, Any]] = [(_("Notice"), notice.title)]
    if round is not None and round.period:
        about.append((_("Period"), round.period_label))
    if wanted == "late":
        about.append((_("State"), _now("late")))
    elif wanted in queries.MISSING:
        about.append((_("State"), queries.MISSING[wanted]))
    elif wanted in queries.Standing.values:
        about.append((_("State"), queries.Standing(wanted).label))
    return Selection(owed, ("federation__position", "id"), about=tuple(about))


def _standing(owed: Obligation) -> Any:
    report = getattr(owed, "report", None)
    return queries.standing_of(owed, report.state if report else None).label


RECIPIENT_COLUMNS = (
    Column(_("Code"), lambda owed: owed.federation.code, 12),
    Column(_("Federation"), lambda owed: owed.federation.name, 30),
    Column(_("State"), _standing, 12),
    Column(_("Signed for"), lambda owed: queries.day_of(owed.signed_for_at), 14),
    Column(_("Leader in charge"), lambda owed: owed.leader.name if owed.leader else None, 14),
    Column(_("Post title"), lambda owed: owed.leader.title if owed.leader else None),
    Column(_("Department"), lambda owed: owed.department, 24),
    Column(_("Due date"), lambda owed: owed.due_on, 14),
    Column(_("Filed"), lambda owed: queries.day_of(owed.filed_at), 14),
    Column(_("late"), lambda owed: owed.is_late(today()), 10),
)


# --- The lower tier of what was passed down ---------------------------------------------------------


def select_lower_tier(user: Any, parameters: QueryDict) -> Selection:
    """Whom the obligation that ``obligation`` names was passed down to, as far as the reader sees it."""
    owed = _passed_down(user, parameters)
    children = (
        Obligation.objects.visible_to(user)
        .filter(parent=owed, cancelled_at=None)
        .select_related("federation", "leader", "report")
    )
    about: tuple[tuple[Any, Any], ...] = (
        (_("Notice"), owed.round.request.title),
        (_("Passed down by"), owed.federation.name),
    )
    return Selection(children, ("federation__position", "id"), about=about)


def _passed_down(user: Any, parameters: QueryDict) -> Obligation:
    try:
        pk = uuid.UUID(parameters.get("obligation", ""))
    except ValueError:
        raise Http404 from None
    visible = Obligation.objects.visible_to(user).select_related("federation", "round__request")
    owed = visible.filter(pk=pk, pass_down__isnull=False).first()
    if owed is None:
        raise Http404
    return owed


def _prepare_lower_tier(rows: Sequence[Any], user: Any) -> None:
    answers = queries.answers_below(rows)
    for owed in rows:
        owed.answered = answers.get(owed.pk, {})


def _answer_columns(user: Any, parameters: QueryDict) -> Sequence[Column]:
    """A column for each figure and each question that was added; what nobody reported is blank."""
    return [
        Column(
            f"{question} ({question.unit})" if question.unit else str(question),
            partial(_answer_below, question.code),
        )
        for question in queries.table_questions(_passed_down(user, parameters))
    ]


def _answer_below(code: str, owed: Any) -> Any:
    answered = owed.answered.get(code)
    if answered is None or answered["value"] is None:
        return None
    if answered["kind"] in Question.NUMBERS:
        return Decimal(answered["value"])
    return queries.shown_value(answered)


# --- The ledger -------------------------------------------------------------------------------------


def select_ledger(user: Any, parameters: QueryDict) -> Selection:
    narrowed = LedgerFilter(parameters, queryset=ledger_for(user), user=user)
    return Selection(narrowed.qs, LEDGER_ORDER, narrowed.form)


def taken_words(owed: Any) -> str:
    """The editions into which its report went, each with its document number."""
    edition = _now("Edition %(number)s")
    return listed(
        f"{edition % {'number': each.edition}} {each.document_number}".strip()
        for each in owed.taken
    )


def _ledger_columns(user: Any) -> Sequence[Column]:
    columns = [
        Column(_("Document number"), lambda owed: owed.round.request.notice.number, 22),
        Column(_("Notice"), lambda owed: str(owed.round), 50),
        Column(_("Period"), lambda owed: owed.round.period_label, 14),
        Column(_("Issued on"), _ledger_issued_on, 14),
        Column(_("Code"), lambda owed: owed.federation.code, 12),
        Column(_("Federation"), lambda owed: owed.federation.name, 30),
        Column(_("State"), lambda owed: step_of(owed).label, 20),
        Column(_("Due date"), lambda owed: owed.due_on, 14),
        Column(_("Signed for"), lambda owed: queries.day_of(owed.signed_for_at), 14),
        Column(_("Filed"), lambda owed: queries.day_of(owed.filed_at), 14),
        Column(_("late"), lambda owed: owed.is_late(today()), 10),
        Column(_("Accepted"), lambda owed: queries.day_of(accepted_at(owed)), 14),
    ]
    if queries.follows_all(user):
        columns.append(Column(_("In which summary"), taken_words, 40))
    return columns


def _ledger_issued_on(owed: Any) -> Any:
    notice = owed.round.request.notice
    return notice.dated if notice.month_year else queries.day_of(owed.issued_at)


# --- Summaries --------------------------------------------------------------------------------------


def select_summaries(user: Any, parameters: QueryDict) -> Selection:
    summaries = Summary.objects.visible_to(user).with_notice().with_last_edition()
    return Selection(summaries, ("-changed_at", "-id"))


SUMMARY_COLUMNS = (
    Column(_("Title"), lambda summary: summary.title, 50),
    Column(_("Notice"), lambda summary: summary.notice.title, 50),
    Column(_("Period"), lambda summary: summary.round.period_label or None, 16),
    Column(_("Newest edition"), lambda summary: summary.last_edition, 12),
    Column(_("Frozen"), lambda summary: summary.last_frozen_at),
    Column(_("Last changed"), lambda summary: summary.changed_at),
)


# --- Circulars --------------------------------------------------------------------------------------


def select_circulars(user: Any, parameters: QueryDict) -> Selection:
    visible = Circular.objects.visible_to(user).defer("content")
    narrowed = CircularFilter(parameters, queryset=visible)
    # Drafts, which have no day of issue yet, come first.
    return Selection(narrowed.qs, ("-issued_at", "-id"), narrowed.form)


CIRCULAR_COLUMNS = (
    Column(_("Title"), lambda circular: circular.title, 50),
    Column(_("Document number"), lambda circular: circular.number, 22),
    Column(_("As of"), lambda circular: circular.as_of, 14),
    Column(_("Issued on"), lambda circular: queries.day_of(circular.issued_at), 14),
    Column(_("State"), lambda circular: circular.get_state_display(), 12),
)


# --- Supervision ------------------------------------------------------------------------------------


def select_supervision(user: Any, parameters: QueryDict) -> Selection:
    visible = SupervisionRecord.objects.visible_to(user).with_context()
    narrowed = SupervisionFilter(parameters, queryset=visible, user=user)
    return Selection(narrowed.qs, ("-on", "-id"), narrowed.form)


SUPERVISION_COLUMNS = (
    Column(_("Date"), lambda record: record.on, 14),
    Column(_("Kind"), lambda record: record.get_kind_display(), 16),
    Column(_("Federation"), lambda record: record.federation.name, 30),
    Column(_("State"), lambda record: record.get_state_display(), 12),
    Column(_("Findings"), lambda record: record.findings, 60),
    Column(_("Outcome"), lambda record: record.outcome, 60),
    Column(_("Next contact"), lambda record: record.next_contact_on, 14),
)


def select_contacts(user: Any, parameters: QueryDict) -> Selection:
    return Selection(federations_by_contact(user), ("contact_order", "position"))


CONTACT_COLUMNS = (
    Column(_("Federation"), lambda row: row.name, 30),
    Column(_("Last contact"), lambda row: row.last_contact_on, 14),
    Column(_("Days since"), lambda row: row.days, 12),
    Column(_("Next contact"), lambda row: row.next_contact_on, 14),
    Column(_("Action points open"), lambda row: row.actions.running, 18),
    Column(_("Overdue"), lambda row: row.actions.overdue, 12),
)


def select_phone_rounds(user: Any, parameters: QueryDict) -> Selection:
    rounds = PhoneRound.objects.visible_to(user).with_progress()
    return Selection(rounds, ("-starts_on", "-id"))


PHONE_ROUND_COLUMNS = (
    Column(_("Title"), lambda round: round.title, 50),
    Column(_("From"), lambda round: round.starts_on, 14),
    Column(_("Until"), lambda round: round.ends_on, 14),
    Column(_("Federations"), lambda round: round.total, 12),
    Column(_("Called"), lambda round: round.called, 12),
    Column(_("State"), lambda round: round.get_state_display(), 12),
)


# --- The work system and handovers ------------------------------------------------------------------


def select_work_system(user: Any, parameters: QueryDict) -> Selection:
    form = WorkForm(parameters or None, followed=follows_work_system(user))
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {}
    federations = chosen_federations(
        user, **{name: wanted[name] for name in wanted if wanted[name]}
    )
    return Selection(federations, ("level", "position", "id"), form)


def _prepare_work(federations: Sequence[Any], user: Any) -> None:
    set_work(user, federations)


def _work_column(subject: WorkSubject) -> list[Column]:
    def cell(federation: Any) -> Any:
        return federation.work.cell(subject)

    return [
        Column(subject.label, lambda each: cell(each).state.label, 16),
        Column(
            format_lazy(_("{subject}: what there is"), subject=subject.label),
            lambda each: cell(each).words,
            34,
        ),
        Column(
            format_lazy(_("{subject}: since"), subject=subject.label),
            lambda each: cell(each).since,
            14,
        ),
        Column(
            format_lazy(_("{subject}: document number"), subject=subject.label),
            lambda each: cell(each).document_number,
            22,
        ),
    ]


def _yes_no(value: bool | None) -> str:
    return "" if value is None else str(_("Yes") if value else _("No"))


WORK_SYSTEM_COLUMNS = (
    Column(_("Federation"), lambda federation: federation.name, 30),
    Column(_("As of the end of"), lambda federation: federation.as_of, 14),
    Column(_("Gaps"), lambda federation: len(federation.work.gaps), 8),
    *(column for subject in WORK_COLUMNS for column in _work_column(subject)),
    Column(_("Leadership group"), lambda each: _yes_no(each.work.leading_group), 10),
    Column(_("In the union reform plan"), lambda each: _yes_no(each.work.reform_plan), 10),
    Column(_("Last confirmed"), lambda federation: federation.work.confirmed_on, 14),
)


def select_handovers(user: Any, parameters: QueryDict) -> Selection:
    sheets = Handover.objects.visible_to(user).with_context()
    return Selection(sheets, ("-opened_at", "-id"))


HANDOVER_COLUMNS = (
    Column(_("Federation"), lambda sheet: sheet.federation.name, 30),
    Column(_("Office"), lambda sheet: sheet.office.get_role_display(), 20),
    Column(_("Holder"), lambda sheet: sheet.office.user.name, 16),
    Column(_("State"), lambda sheet: sheet.get_state_display(), 12),
    Column(_("Begun"), lambda sheet: sheet.opened_at, 18),
    Column(_("Handed over"), lambda sheet: sheet.given_at, 18),
    Column(_("Taken over by"), lambda sheet: sheet.taken_by_name, 16),
    Column(_("Taken over"), lambda sheet: sheet.taken_at, 18),
)


exports.register(
    Export(
        "notices",
        _("Notices"),
        select=select_notices,
        columns=_notice_columns,
        prepare=_prepare_notices,
        may=reads_notices,
        parameters=frozenset({"search", "state", "business_line", "asks"}),
        private=frozenset({"search"}),
        resource="notices",
    )
)
exports.register(
    Export(
        "reports",
        _("Reports"),
        select=select_reports,
        columns=REPORT_COLUMNS,
        may=reads_reports,
        parameters=frozenset({"search", "state", "kind", "federation", "ordering"}),
        private=frozenset({"search"}),
        resource="reports",
    )
)
exports.register(
    Export(
        "recipients",
        _("Where the recipients stand"),
        select=select_recipients,
        columns=RECIPIENT_COLUMNS,
        may=reads_obligations,
        parameters=frozenset({"notice", "standing", "round"}),
        resource="obligations",
    )
)
exports.register(
    Export(
        "ledger",
        _("Notice ledger"),
        select=select_ledger,
        columns=_ledger_columns,
        prepare=prepare_ledger,
        may=reads_obligations,
        parameters=frozenset({"search", "notice", "year", "business_line", "federation", "step"}),
        private=frozenset({"search"}),
        resource="obligations",
    )
)
exports.register(
    Export(
        "lower-tier",
        _("Where the lower tier stands"),
        select=select_lower_tier,
        columns=RECIPIENT_COLUMNS,
        more=_answer_columns,
        prepare=_prepare_lower_tier,
        may=reads_obligations,
        parameters=frozenset({"obligation"}),
        resource="obligations",
    )
)
exports.register(
    Export(
        "summaries",
        _("Summaries"),
        select=select_summaries,
        columns=SUMMARY_COLUMNS,
        may=queries.follows_all,
        resource="summaries",
    )
)
exports.register(
    Export(
        "circulars",
        _("Circulars"),
        select=select_circulars,
        columns=CIRCULAR_COLUMNS,
        may=reads_circulars,
        parameters=frozenset({"search", "state"}),
        private=frozenset({"search"}),
        resource="circulars",
    )
)
exports.register(
    Export(
        "supervision",
        _("Supervision log"),
        select=select_supervision,
        columns=SUPERVISION_COLUMNS,
        may=reads_supervision,
        parameters=frozenset({"federation", "kind", "state", "since"}),
        resource="supervision-records",
    )
)
exports.register(
    Export(
        "contacts",
        _("Contact with the federations"),
        select=select_contacts,
        columns=CONTACT_COLUMNS,
        may=follows_supervision,
        resource="supervision-records",
        prepare=note_contacts,
    )
)
exports.register(
    Export(
        "phone-rounds",
        _("Phone rounds"),
        select=select_phone_rounds,
        columns=PHONE_ROUND_COLUMNS,
        may=follows_supervision,
        resource="phone-rounds",
    )
)
exports.register(
    Export(
        "work-system",
        _("Work system"),
        select=select_work_system,
        columns=WORK_SYSTEM_COLUMNS,
        prepare=_prepare_work,
        may=reads_work_system,
        parameters=frozenset({"as_of", "subject", "state", "group", "under"}),
        resource="work-system",
    )
)
exports.register(
    Export(
        "handovers",
        _("Handover sheets"),
        select=select_handovers,
        columns=HANDOVER_COLUMNS,
        may=reads_handovers,
        resource="handovers",
    )
)

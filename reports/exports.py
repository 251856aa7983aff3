"""The lists of notices, reports and recipients: what each holds, for its page and for its export."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, QueryDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from platform_site.accounts.roles import Role
from platform_site.casework.queries import today
from platform_site.lists import exports, ordering
from platform_site.lists.exports import Column, Export, Selection
from platform_site.obligations.models import Obligation, ObligationQuerySet

from . import queries
from .filters import NoticeFilter, ReportFilter, SupervisionFilter
from .menu import reads_notices, reads_reports
from .models import Notice, PhoneRound, Report, Summary, SupervisionRecord
from .queries.supervision import (
    federations_by_contact,
    follows_supervision,
    note_contacts,
    reads_supervision,
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


def filed_counts(notices: Sequence[Notice], user: Any) -> dict[Any, dict[str, int]]:
    """For each notice how many obligations there are and how many are filed (one query)."""
    counted = (
        Obligation.objects.counted_for(user)
        .filter(round__request__in=[notice.pk for notice in notices], cancelled_at=None)
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
            round__request__in=[notice.pk for notice in notices],
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
    rows = queries.standing_at(queries.recipient_rows(notice, user), wanted)
    owed = (
        Obligation.objects.visible_to(user)
        .filter(pk__in=[row.obligation.pk for row in rows])
        .select_related("federation", "leader", "report")
    )
    about: list[tuple[Any, Any]] = [(_("Notice"), notice.title)]
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
    if answered["kind"] == "number":
        return Decimal(answered["value"])
    return queries.shown_value(answered)


# --- Summaries --------------------------------------------------------------------------------------


def select_summaries(user: Any, parameters: QueryDict) -> Selection:
    summaries = Summary.objects.visible_to(user).with_notice().with_last_edition()
    return Selection(summaries, ("-changed_at", "-id"))


SUMMARY_COLUMNS = (
    Column(_("Title"), lambda summary: summary.title, 50),
    Column(_("Notice"), lambda summary: summary.notice.title, 50),
    Column(_("Newest edition"), lambda summary: summary.last_edition, 12),
    Column(_("Frozen"), lambda summary: summary.last_frozen_at),
    Column(_("Last changed"), lambda summary: summary.changed_at),
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


def reads_obligations(user: Any) -> bool:
    return bool(user.scope.holds(*ObligationQuerySet.READERS))


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
        parameters=frozenset({"notice", "standing"}),
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

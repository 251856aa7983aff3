"""Tables of the list pages."""

from __future__ import annotations

from typing import Any, ClassVar

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.text import Truncator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from platform_site.casework.queries import today
from platform_site.lists.tables import NOWRAP, KeysetTable
from platform_site.obligations.periods import label_of
from platform_site.web.templatetags.platform import (
    render_tag,
    status_tag,
    table_date,
    table_datetime,
)

from .queries.ledger import accepted_at, step_of
from .workflow import NoticeState


class NoticeTable(KeysetTable):
    """Rows are annotated with ``due_on``; ``progress`` is by notice: filed of all, or the own standing."""

    caption = _("Notices")

    title = tables.Column(verbose_name=_("Title"), linkify=True)
    number = tables.Column(verbose_name=_("Document number"), empty_values=())
    asks = tables.Column(accessor="get_asks_display", verbose_name=_("What is asked for"))
    due_on = tables.Column(verbose_name=_("Due date"), empty_values=())
    state = tables.Column(verbose_name=_("State"))
    filed = tables.Column(
        verbose_name=_("Filed"),
        empty_values=(),
        attrs={"th": {"class": "number"}, "td": {"class": "number"}},
    )
    ours = tables.Column(verbose_name=_("Own federation"), empty_values=())

    def __init__(
        self,
        *args: Any,
        filed: dict[Any, dict[str, int]] | None = None,
        ours: dict[Any, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        self.filed_by_notice, self.ours_by_notice = filed or {}, ours or {}
        hidden = [name for name, given in (("filed", filed), ("ours", ours)) if given is None]
        super().__init__(*args, exclude=hidden, **kwargs)

    def render_number(self, record: Any) -> str:
        # History of which only the month is known shows its month.
        return record.number or (record.dated if record.month_year else "") or "—"

    def render_due_on(self, record: Any) -> str:
        over = record.state in (NoticeState.CLOSED, NoticeState.WITHDRAWN)
        context = {"due_on": record.due_on, "over": over, "period": label_of(record.period or "")}
        return render_to_string("reports/notice_due_cell.html", context)

    def render_state(self, record: Any) -> str:
        return status_tag(record)

    def render_filed(self, record: Any) -> str:
        counts = self.filed_by_notice.get(record.pk)
        if not counts:
            return "—"
        return format_html('<span class="nowrap">{} / {}</span>', counts["filed"], counts["total"])

    def render_ours(self, record: Any) -> Any:
        standing = self.ours_by_notice.get(record.pk)
        return status_tag(standing, label=standing.label) if standing else "—"


class ReportTable(KeysetTable):
    """Rows come ``with_context()``."""

    caption = _("Reports")
    orderings: ClassVar[dict[str, str]] = {"submitted_at": "submitted"}

    notice = tables.Column(
        verbose_name=_("Report"), empty_values=(), linkify=lambda record: record.get_absolute_url()
    )
    federation = tables.Column(verbose_name=_("Federation"))
    kind = tables.Column(accessor="get_kind_display", verbose_name=_("Kind"))
    state = tables.Column(verbose_name=_("State"))
    submitted_at = tables.Column(verbose_name=_("First submitted"), empty_values=())
    due_on = tables.Column(
        accessor="obligation__due_on", verbose_name=_("Due date"), empty_values=()
    )

    def render_notice(self, record: Any) -> str:
        return record.title

    def render_state(self, record: Any) -> str:
        state = status_tag(record)
        if record.obligation.is_late(self.today):
            return format_html("{} {}", state, render_tag("red", gettext("late"), "triangle-alert"))
        return state

    def render_submitted_at(self, value: Any) -> str:
        return table_datetime(value) or "—"

    def render_due_on(self, value: Any) -> str:
        return table_date(value) or "—"

    @cached_property
    def today(self) -> Any:
        return today()


class SummaryTable(KeysetTable):
    """Rows come ``with_notice()`` and ``with_last_edition()``."""

    caption = _("Summaries")

    title = tables.Column(verbose_name=_("Title"), linkify=True)
    notice = tables.Column(accessor="notice__request__title", verbose_name=_("Notice"))
    period = tables.Column(accessor="round__period_label", verbose_name=_("Period"))
    last_edition = tables.Column(
        verbose_name=_("Newest edition"),
        empty_values=(),
        attrs={"th": {"class": "number"}, "td": {"class": "number"}},
    )
    changed_at = tables.Column(verbose_name=_("Last changed"))

    def render_last_edition(self, record: Any) -> str:
        if record.last_edition is None:
            return "—"
        return gettext("Edition %(number)s") % {"number": record.last_edition}

    def render_changed_at(self, record: Any) -> str:
        return f"{table_datetime(record.changed_at)} · {record.changed_by.name}"


class LedgerTable(KeysetTable):
    """Rows come from ``queries.ledger``, prepared; ``summed``: the reader sees summaries."""

    caption = _("Notice ledger")

    number = tables.Column(verbose_name=_("Document number"), empty_values=())
    notice = tables.Column(
        accessor="round__request__title",
        verbose_name=_("Notice"),
        linkify=lambda record: record.round.request.notice.get_absolute_url(),
        attrs={"td": {"class": "wide"}},
    )
    federation = tables.Column(
        accessor="federation__short_name",
        verbose_name=_("Federation"),
        linkify=lambda record: record.get_absolute_url(),
        attrs=NOWRAP,
    )
    signed_for_at = tables.Column(verbose_name=_("Signed for"), empty_values=(), attrs=NOWRAP)
    filed_at = tables.Column(verbose_name=_("Filed"), empty_values=(), attrs=NOWRAP)
    accepted = tables.Column(verbose_name=_("Accepted"), empty_values=(), attrs=NOWRAP)
    taken = tables.Column(verbose_name=_("In which summary"), empty_values=())
    state = tables.Column(verbose_name=_("State"), empty_values=())

    def __init__(self, *args: Any, summed: bool, **kwargs: Any) -> None:
        super().__init__(*args, exclude=() if summed else ("taken",), **kwargs)

    def render_number(self, record: Any) -> str:
        notice = record.round.request.notice
        return notice.number or (notice.dated if notice.month_year else "") or "—"

    def render_notice(self, record: Any, value: Any) -> str:
        return str(record.round)

    def render_signed_for_at(self, value: Any) -> str:
        return table_date(value) or "—"

    def render_filed_at(self, value: Any) -> str:
        return table_date(value) or "—"

    def render_accepted(self, record: Any) -> str:
        return table_date(accepted_at(record)) or "—"

    def render_taken(self, record: Any) -> Any:
        links = [
            (each.url, gettext("Edition %(number)s") % {"number": each.edition}, each.title)
            for each in record.taken
        ]
        return (
            format_html_join(" ", '<a class="nowrap" href="{0}" title="{2}">{1}</a>', links)
            if links
            else "—"
        )

    def render_state(self, record: Any) -> str:
        step = step_of(record)
        shown = status_tag(record, label=step.label)
        if record.is_late(self.today):
            return format_html("{} {}", shown, render_tag("red", gettext("late"), "triangle-alert"))
        return shown

    @cached_property
    def today(self) -> Any:
        return today()


class CircularTable(KeysetTable):
    caption = _("Circulars")

    title = tables.Column(verbose_name=_("Title"), linkify=True)
    number = tables.Column(verbose_name=_("Document number"), empty_values=())
    as_of = tables.Column(verbose_name=_("As of"), attrs=NOWRAP)
    issued_at = tables.Column(verbose_name=_("Issued on"), empty_values=(), attrs=NOWRAP)
    state = tables.Column(verbose_name=_("State"))

    def render_number(self, record: Any) -> str:
        return record.number or "—"

    def render_as_of(self, value: Any) -> str:
        return table_date(value)

    def render_issued_at(self, value: Any) -> str:
        return table_date(value) or "—"

    def render_state(self, record: Any) -> str:
        return status_tag(record)


class SupervisionTable(KeysetTable):
    """Rows come ``with_context()``."""

    caption = _("Supervision log")

    on = tables.Column(verbose_name=_("Date"), linkify=True, attrs=NOWRAP)
    kind = tables.Column(accessor="get_kind_display", verbose_name=_("Kind"))
    federation = tables.Column(accessor="federation__name", verbose_name=_("Federation"))
    outcome = tables.Column(verbose_name=_("Outcome"), empty_values=())
    next_contact_on = tables.Column(verbose_name=_("Next contact"), empty_values=(), attrs=NOWRAP)
    state = tables.Column(verbose_name=_("State"))

    def render_on(self, value: Any) -> str:
        return table_date(value)

    def render_outcome(self, value: Any) -> str:
        return Truncator(value).chars(40) if value else "—"

    def render_next_contact_on(self, value: Any) -> str:
        return table_date(value) or "—"

    def render_state(self, record: Any) -> str:
        return status_tag(record)


class ContactTable(KeysetTable):
    """Federations as ``queries.supervision.federations_by_contact`` gives them, with their notes."""

    caption = _("Contact with the federations")

    name = tables.Column(verbose_name=_("Federation"), linkify=True)
    last_contact_on = tables.Column(verbose_name=_("Last contact"), empty_values=(), attrs=NOWRAP)
    days = tables.Column(verbose_name=_("Days since"), empty_values=(), attrs=NOWRAP)
    next_contact_on = tables.Column(verbose_name=_("Next contact"), empty_values=(), attrs=NOWRAP)
    actions = tables.Column(verbose_name=_("Action points open"))

    def render_last_contact_on(self, value: Any) -> Any:
        return table_date(value) if value else render_tag("amber", gettext("Never contacted"))

    def render_days(self, value: Any) -> Any:
        return "—" if value is None else value

    def render_next_contact_on(self, value: Any) -> str:
        return table_date(value) or "—"

    def render_actions(self, value: Any) -> Any:
        if not value.overdue:
            return value.running
        late = render_tag("red", gettext("%(n)s overdue") % {"n": value.overdue}, "triangle-alert")
        return format_html("{} {}", value.running, late)


class PhoneRoundTable(KeysetTable):
    """Rows are annotated with ``total`` and ``called``."""

    caption = _("Phone rounds")

    title = tables.Column(verbose_name=_("Title"), linkify=True)
    starts_on = tables.Column(verbose_name=_("From"))
    ends_on = tables.Column(verbose_name=_("Until"))
    called = tables.Column(
        verbose_name=_("Called"),
        attrs={"th": {"class": "number"}, "td": {"class": "number"}},
    )
    state = tables.Column(verbose_name=_("State"))

    def render_starts_on(self, value: Any) -> str:
        return table_date(value)

    def render_ends_on(self, value: Any) -> str:
        return table_date(value)

    def render_called(self, record: Any) -> str:
        return format_html('<span class="nowrap">{} / {}</span>', record.called, record.total)

    def render_state(self, record: Any) -> str:
        return status_tag(record)


class HandoverTable(KeysetTable):
    """Rows come ``with_context()``."""

    caption = _("Handover sheets")

    office = tables.Column(
        accessor="office__get_role_display",
        verbose_name=_("Office"),
        linkify=lambda record: record.get_absolute_url(),
    )
    federation = tables.Column(accessor="federation__name", verbose_name=_("Federation"))
    holder = tables.Column(accessor="office__user__name", verbose_name=_("Holder"))
    opened_at = tables.Column(verbose_name=_("Begun"), attrs=NOWRAP)
    taken_by_name = tables.Column(verbose_name=_("Taken over by"), empty_values=())
    state = tables.Column(verbose_name=_("State"))

    def render_opened_at(self, value: Any) -> str:
        return table_date(value)

    def render_taken_by_name(self, value: Any) -> str:
        return value or "—"

    def render_state(self, record: Any) -> str:
        return status_tag(record)

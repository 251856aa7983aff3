"""Long work of this app: chasing (催办), with a line for each federation; building summaries, circulars."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db.models import TextChoices
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from platform_site.casework.models import Nudge, NudgeTarget
from platform_site.casework.queries import today
from platform_site.documents.queries import made
from platform_site.federations.models import Federation
from platform_site.jobs import kinds
from platform_site.jobs import services as jobs
from platform_site.jobs.kinds import Result, Work
from platform_site.jobs.models import Job
from platform_site.lists.exports import words
from platform_site.lists.sheets import Heading, SheetWriter
from platform_site.obligations.models import Obligation
from platform_site.problems import FieldProblem, Invalid, StepNotOpen
from platform_site.questionnaires.models import Indicator
from platform_site.text.words import listed

from . import queries, services
from .documents import (
    FORMS,
    official_of_circular,
    official_of_summary,
    sheet_of_circular,
    sheet_of_summary,
)
from .forms.figures import FiguresForm, YearForm
from .forms.matrix import MatrixForm
from .models import Circular, Notice, Summary
from .queries.circulars import content_for
from .queries.figure_sheets import (
    pivot_sheet,
    progress_sheet,
    ranking_sheet,
    timing_sheet,
    trend_sheet,
)
from .queries.figures import Among, Axis, pivot
from .queries.summaries import summary_content
from .queries.timing import timing
from .queries.trends import progress, ranking, trend

CHASE, BUILD, MATRIX = "reports.chase", "reports.build_summary", "reports.export_matrix"
CIRCULAR = "reports.build_circular"
FIGURES = "reports.export_figures"
#: Notices in one workbook of the overview: more columns than that nobody reads.
MOST_NOTICES = 100


def register() -> None:
    kinds.register(kinds.Kind(CHASE, gettext_lazy("Chasing"), run=chase, may_run=may_chase))
    kinds.register(
        kinds.Kind(
            BUILD,
            gettext_lazy("Building a summary"),
            run=build,
            may_run=may_build,
            read_scope="summaries:read",
        )
    )
    kinds.register(
        kinds.Kind(
            CIRCULAR,
            gettext_lazy("Building a circular"),
            run=build_circular,
            may_run=may_build_circular,
            read_scope="circulars:read",
        )
    )
    kinds.register(
        kinds.Kind(
            MATRIX,
            gettext_lazy("Reporting overview"),
            run=export_matrix,
            read_scope="obligations:read",
        )
    )
    kinds.register(
        kinds.Kind(
            FIGURES,
            gettext_lazy("Statistics"),
            run=export_figures,
            read_scope="figures:read",
        )
    )


# --- Chasing ----------------------------------------------------------------------------------------


def start_chase(
    notice: Notice,
    *,
    by: Any,
    federations: Sequence[str],
    sentence: str,
    up_to: int,
    id: UUID | None = None,
    parent: Obligation | None = None,
) -> Job:
    """Ask that the federations of these codes be reminded; ``id`` comes with the form.

    With ``parent`` they are those that the notice was passed down to from there.
    """
    return jobs.start(
        CHASE,
        by=by,
        title=_("Chase: %(notice)s") % {"notice": notice.title},
        parameters={
            "notice": str(notice.pk),
            "parent": str(parent.pk) if parent else None,
            "federations": list(federations),
            "sentence": sentence,
            "up_to": up_to,
        },
        id=id,
    )


def may_chase(user: Any, parameters: Mapping[str, Any]) -> bool:
    if parameters.get("parent"):
        parent = _parent(user, parameters)
        return parent is not None and user.has_perm("obligations.pass_down", parent)
    notice = _notice(user, parameters)
    return notice is not None and user.has_perm("reports.chase", notice)


def chase(work: Work) -> Result:
    """One act, under the job's own id: begun again after a worker died, it meets the act that was done.

    Whoever filed between the asking and the doing is left out, and named.
    """
    notice = _notice(work.by, work.parameters)
    if notice is None:
        raise Http404
    codes = work.parameters["federations"]
    # Work that was asked for before the cascade was there names no parent.
    passed_down = bool(work.parameters.get("parent"))
    parent = _parent(work.by, work.parameters) if passed_down else None
    if passed_down and parent is None:
        raise Http404
    late = {each.code: each for each in queries.late_federations(notice, parent=parent)}
    chosen = [late[code] for code in codes if code in late]
    act: Callable[..., Nudge]
    if parent is None:
        page, act = reverse("notice-chase", args=[notice.pk]), partial(services.chase, notice)
    else:
        page = reverse("passed-down-chase", args=[parent.pk])
        act = partial(services.chase_lower, parent)
    # The last moment to cancel: what follows is one act.
    work.progress(0, len(codes))
    try:
        nudge = act(
            by=work.by,
            federations=chosen,
            sentence=work.parameters["sentence"],
            up_to=work.parameters["up_to"],
            id=work.job.pk,
        )
    except Invalid:
        if chosen:
            raise
        return Result(url=page, summary=_("Nobody chosen is late any more; nobody was reminded."))
    targets = list(nudge.targets.select_related("federation").order_by("federation__position"))
    reached = {target.federation.code for target in targets}
    _say_who_was_left_out(work, set(codes) - reached)
    for target in targets:
        work.say(
            _("%(federation)s: %(outcome)s")
            % {
                "federation": target.federation.name,
                "outcome": target.get_outcome_display(),
            }
        )
    return Result(
        url=f"{page}#nudge-{nudge.pk}",
        summary=summary_of(nudge),
        facts={"notice": str(notice.pk), "federations": len(targets)},
    )


def summary_of(nudge: Nudge) -> str:
    """How many were reminded, and at how many nobody is in post."""
    outcomes = [target.outcome for target in nudge.targets.all()]
    reminded = outcomes.count(NudgeTarget.Outcome.REMINDED)
    nobody = outcomes.count(NudgeTarget.Outcome.NOBODY)
    lines = [
        ngettext("%(n)s federation was reminded.", "%(n)s federations were reminded.", reminded)
        % {"n": reminded}
    ]
    if nobody:
        lines.append(
            ngettext(
                "At %(n)s federation nobody is in post: call it.",
                "At %(n)s federations nobody is in post: call them.",
                nobody,
            )
            % {"n": nobody}
        )
    return "\n".join(lines)


def _say_who_was_left_out(work: Work, codes: set[str]) -> None:
    gone = Federation.objects.filter(code__in=codes).order_by("position")
    if names := listed(each.name for each in gone):
        work.say(_("%(names)s: not late any more, not reminded.") % {"names": names})


def _notice(user: Any, parameters: Mapping[str, Any]) -> Notice | None:
    visible = Notice.objects.visible_to(user).with_request()
    return visible.filter(pk=parameters.get("notice")).first()


def _parent(user: Any, parameters: Mapping[str, Any]) -> Obligation | None:
    """From where the notice was passed down to those who are chased."""
    return Obligation.objects.visible_to(user).filter(pk=parameters["parent"]).first()


# --- Building a summary -----------------------------------------------------------------------------


def start_build(
    summary: Summary, *, by: Any, form: str, edition: int | None = None, id: UUID | None = None
) -> Job:
    """Ask for the summary as ``docx``, ``pdf`` or ``xlsx``: an edition, or the draft as it stands."""
    if form not in FORMS:
        message = _("A summary is built as %(forms)s.") % {"forms": ", ".join(FORMS)}
        raise Invalid("form_unknown", message, fields=[FieldProblem("/form", "unknown", message)])
    if edition is None and summary.notice.state not in services.SUMMED_UP:
        raise StepNotOpen(
            "notice_not_open", _("The notice was withdrawn; only what was frozen can be built.")
        )
    named = {"summary": summary.title, "form": form.upper()}
    if edition is None:
        title = _("Draft of “%(summary)s” (%(form)s)") % named
    else:
        title = _("“%(summary)s”, edition %(number)s (%(form)s)") % {**named, "number": edition}
    return jobs.start(
        BUILD,
        by=by,
        title=title,
        parameters={"summary": str(summary.pk), "edition": edition, "form": form},
        id=id,
    )


def may_build(user: Any, parameters: Mapping[str, Any]) -> bool:
    return Summary.objects.visible_to(user).filter(pk=parameters.get("summary")).exists()


def build(work: Work) -> Result:
    """The file of an edition, or of the draft as it stands when the work begins."""
    summary = get_object_or_404(
        Summary.objects.visible_to(work.by).with_notice(), pk=work.parameters["summary"]
    )
    number, form = work.parameters["edition"], work.parameters["form"]
    edition = get_object_or_404(summary.editions.all(), number=number) if number else None
    work.progress(0, 2)
    content = edition.content if edition else summary_content(summary)
    work.say(_("Figures and paragraphs are read."))
    work.progress(1, 2)
    name = content["title"] + (f"（第{edition.number}版）" if edition else "（草稿）")
    if form == "xlsx":
        file: Path | bytes = work.folder / "summary.xlsx"
        headings, rows = sheet_of_summary(content)
        about = [
            (_("Exported by"), work.by.name),
            (_("As of"), parse_datetime(content["as_of"])),
            (_("Edition"), edition.number if edition else _("draft")),
        ]
        with SheetWriter(file, title=content["title"], headings=headings, about=about) as sheet:
            for row in rows:
                sheet.write(row)
    else:
        official = official_of_summary(content, summary.federation, edition=edition)
        file = made(official, form)
    work.progress(2, 2)
    return Result(
        file=file,
        name=f"{name}.{form}",
        url=edition.get_absolute_url() if edition else summary.get_absolute_url(),
        summary=_("The file is ready to be downloaded."),
        facts={"summary": str(summary.pk), "edition": number or 0, "form": form},
    )


# --- Building a circular ------------------------------------------------------------------------------


def start_build_circular(circular: Circular, *, by: Any, form: str, id: UUID | None = None) -> Job:
    """Ask for the circular as ``docx``, ``pdf`` or ``xlsx``: as issued, or a draft as it stands."""
    if form not in FORMS:
        message = _("A circular is built as %(forms)s.") % {"forms": ", ".join(FORMS)}
        raise Invalid("form_unknown", message, fields=[FieldProblem("/form", "unknown", message)])
    named = {"circular": circular.title, "form": form.upper()}
    return jobs.start(
        CIRCULAR,
        by=by,
        title=_("Circular “%(circular)s” (%(form)s)") % named,
        parameters={"circular": str(circular.pk), "form": form},
        id=id,
    )


def may_build_circular(user: Any, parameters: Mapping[str, Any]) -> bool:
    return Circular.objects.visible_to(user).filter(pk=parameters.get("circular")).exists()


def build_circular(work: Work) -> Result:
    """The file of what was frozen; of a draft, of what it says when the work begins."""
    circular = get_object_or_404(
        Circular.objects.visible_to(work.by).with_context(), pk=work.parameters["circular"]
    )
    form = work.parameters["form"]
    work.progress(0, 2)
    content = content_for(circular, work.by)
    work.progress(1, 2)
    if form == "xlsx":
        file: Path | bytes = work.folder / "circular.xlsx"
        headings, rows = sheet_of_circular(content)
        about = [
            (_("Exported by"), work.by.name),
            (_("As of"), circular.as_of),
            (_("State"), circular.get_state_display()),
        ]
        with SheetWriter(file, title=_("Circular"), headings=headings, about=about) as sheet:
            for row in rows:
                sheet.write(row)
    else:
        file = made(official_of_circular(circular, content), form)
    work.progress(2, 2)
    name = " ".join(part for part in (circular.number, circular.title) if part)
    return Result(
        file=file,
        name=f"{name}.{form}",
        url=circular.get_absolute_url(),
        summary=_("The file is ready to be downloaded."),
        facts={"circular": str(circular.pk), "form": form},
    )


# --- The reporting overview -------------------------------------------------------------------------


def start_export_matrix(
    *, by: Any, given: Mapping[str, str], lines: bool, id: UUID | None = None
) -> Job:
    """Ask for the overview as ``given`` (the page's own parameters) narrows it, as a workbook.

    ``lines``: a line for each federation and notice, for sorting and counting, instead of the view.
    """
    return jobs.start(
        MATRIX,
        by=by,
        title=_("Reporting overview as lines (XLSX)") if lines else _("Reporting overview (XLSX)"),
        parameters={"given": dict(given), "lines": lines},
        id=id,
    )


def export_matrix(work: Work) -> Result:
    """What its initiator sees: of all federations, or of the own one alone."""
    followed = queries.follows_all(work.by)
    form = MatrixForm(work.parameters["given"], followed=followed)
    if not form.is_valid():
        raise Invalid("bad_filter", _("A filter has a value that cannot be read."))
    work.progress(0, 2)
    view = queries.matrix_for(work.by, form.wanted(), size=MOST_NOTICES)
    make = queries.matrix_lines_sheet if work.parameters["lines"] else queries.matrix_sheet
    sheet = make(view)
    work.progress(1, 2)
    about: list[tuple[Any, Any]] = [
        (_("Exported by"), work.by.name),
        (_("As of"), view.on),
        *(
            (form.fields[name].label, words(form.fields[name], value))
            for name, value in form.cleaned_data.items()
            if value not in ("", None) and name in form.fields
        ),
    ]
    if view.next:
        about.append((_("Left out"), _("Notices before these: narrow the overview to see them.")))
    file = work.folder / "overview.xlsx"
    headings = [
        Heading(label, 24 if number > 7 else 14) for number, label in enumerate(sheet.header)
    ]
    with SheetWriter(file, title=sheet.title, headings=headings, about=about) as writer:
        for row in sheet.rows:
            writer.write(row)
    work.progress(2, 2)
    return Result(
        file=file,
        name=f"{sheet.title} {view.on.isoformat()}.xlsx",
        url=reverse("matrix"),
        summary=_("The file is ready to be downloaded."),
        facts={"rows": len(sheet.rows)},
    )


# --- Figures ----------------------------------------------------------------------------------------


class FigureView(TextChoices):
    """The parts of the area of figures, by what their workbooks are called."""

    TABLE = "table", gettext_lazy("Table")
    TREND = "trend", gettext_lazy("Trend")
    RANKING = "ranking", gettext_lazy("Ranking")
    PROGRESS = "progress", gettext_lazy("Targets")
    TIMING = "timing", gettext_lazy("Timeliness")


def start_export_figures(
    *, by: Any, view: FigureView, given: Mapping[str, Any], id: UUID | None = None
) -> Job:
    """Ask for a part of the area as ``given`` (its page's own parameters) narrows it, as a workbook."""
    return jobs.start(
        FIGURES,
        by=by,
        title=_("Statistics: %(view)s (XLSX)") % {"view": view.label},
        parameters={"view": view.value, "given": dict(given)},
        id=id,
    )


def export_figures(work: Work) -> Result:
    """What its initiator sees, by the scope of that day."""
    view = FigureView(work.parameters["view"])
    work.progress(0, 2)
    sheet, about = _figure_sheet(work.by, view, work.parameters["given"])
    work.progress(1, 2)
    file = work.folder / "figures.xlsx"
    headings = [
        Heading(label, 26 if number < 2 else 16) for number, label in enumerate(sheet.header)
    ]
    told = [(_("Exported by"), work.by.name), (_("As of"), today()), *about]
    with SheetWriter(file, title=sheet.title, headings=headings, about=told) as writer:
        for row in sheet.rows:
            writer.write(row)
    work.progress(2, 2)
    routes = {FigureView.TABLE: "figures"}
    return Result(
        file=file,
        name=f"{sheet.title} {today().isoformat()}.xlsx",
        url=reverse(routes.get(view, f"figure-{view.value}")),
        summary=_("The file is ready to be downloaded."),
        facts={"rows": len(sheet.rows)},
    )


def _figure_sheet(
    by: Any, view: FigureView, given: Mapping[str, Any]
) -> tuple[queries.Sheet, list[tuple[Any, Any]]]:
    """The sheet, and the filters in force in words."""
    if view in (FigureView.PROGRESS, FigureView.TIMING):
        form = YearForm({name: _last(value) for name, value in given.items()}, catalogue=None)
        _check(form)
        year = form.cleaned_data["year"]
        if view == FigureView.TIMING:
            return timing_sheet(timing(by, year)), []
        code = _last(given.get("indicator"))
        one = Indicator.objects.visible_to(by).filter(code=code).first() if code else None
        return progress_sheet(year, progress(by, year, one)), []
    asked = FiguresForm(given, user=by)
    _check(asked)
    choice = asked.choice()
    if choice is None:
        raise Invalid("nothing_to_show", _("No figure has been accepted yet."))
    about = [
        (_("Federations"), Among(choice.group).label),
        (_("Periods"), f"{choice.first.label} – {choice.last.label}"),
    ]
    if view == FigureView.TREND:
        return trend_sheet(trend(by, choice)), about
    if view == FigureView.RANKING:
        return ranking_sheet(ranking(by, choice)), about
    table = pivot(by, choice)
    about.append((Axis(table.held.axis).label, table.held.label))
    return pivot_sheet(table), about


def _last(value: Any) -> Any:
    return value[-1] if isinstance(value, list) and value else value


def _check(form: Any) -> None:
    if not form.is_valid():
        raise Invalid("bad_filter", _("A filter has a value that cannot be read."))

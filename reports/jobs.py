"""Long work of this app: chasing (催办), with a line for each federation; building summaries."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from platform_site.casework.models import Nudge, NudgeTarget
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
from platform_site.text.words import listed

from . import queries, services
from .documents import FORMS, official_of_summary, sheet_of_summary
from .forms.matrix import MatrixForm
from .models import Notice, Summary
from .queries.summaries import summary_content

CHASE, BUILD, MATRIX = "reports.chase", "reports.build_summary", "reports.export_matrix"
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
            MATRIX,
            gettext_lazy("Reporting overview"),
            run=export_matrix,
            read_scope="obligations:read",
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

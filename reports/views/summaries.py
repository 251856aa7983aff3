"""Pages of summing up: the working copy, one paragraph beside its source, editions and their comparison."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platform_site.documents.models import NumberSeries
from platform_site.jobs.answers import follow
from platform_site.lists import keyset
from platform_site.problems import Invalid, Stale, StepNotOpen
from platform_site.text.compare import segments
from platform_site.web.forms import problems_to_form

from .. import services
from ..documents import FORMS
from ..exports.summaries import select_summaries
from ..forms.summaries import ArrangeForm, FreezeForm, PartForm, SummaryForm
from ..jobs import start_build
from ..models import Summary, SummaryEdition, SummaryPart
from ..queries import check_follows_all, editions, tracing
from ..queries import summaries as queries
from ..queries.adding_up import indicators_of
from ..queries.rounds import form_version_of
from ..services.summaries import cannot_sum_up
from ..tables import SummaryTable
from .common import READ_METHODS
from .exhibits import exhibits_by_place
from .reminding import _notice

PAGE_SIZE = 20


def _summaries(user: Any) -> Any:
    return Summary.objects.visible_to(user).with_notice()


def _summary(request: HttpRequest, pk: uuid.UUID) -> Summary:
    return get_object_or_404(_summaries(request.user), pk=pk)


def _require_editor(request: HttpRequest, summary: Summary) -> None:
    refused = cannot_sum_up(summary.notice, request.user)
    if refused and not isinstance(refused, StepNotOpen):
        raise refused


@require_safe
def summary_list(request: HttpRequest) -> HttpResponse:
    check_follows_all(request.user)
    chosen = select_summaries(request.user, request.GET)
    page = keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    context = {"page": page, "table": SummaryTable(page.rows)}
    return render(request, "reports/summary_list.html", context)


@require_POST
def start_summary(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Begin the summary of a notice; begun before, it is opened."""
    notice = _notice(request, pk)
    try:
        summary = services.start_summary(
            notice, by=request.user, period=request.POST.get("period", "")
        )
    except (StepNotOpen, Invalid) as refused:
        messages.warning(request, str(refused.message))
        return redirect(notice)
    return redirect(summary)


@require_safe
def summary_detail(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The working copy: what it adds up to now, each paragraph with its source, the editions so far."""
    summary = _summary(request, pk)
    content = queries.summary_content(summary)
    last = summary.editions.first()
    may_edit = cannot_sum_up(summary.notice, request.user) is None
    waiting = queries.to_draw(content) if may_edit else []
    context = {
        **_shown(content, last),
        "summary": summary,
        "notice": summary.notice,
        "may_edit": may_edit,
        "waiting": len(waiting),
        "editions": summary.editions.defer("content").all(),
    }
    return render(request, "reports/summary_detail.html", context)


def _shown(content: queries.Content, last: SummaryEdition | None = None) -> dict[str, Any]:
    """What the templates of a working copy and of an edition show alike; ``last``: the edition that the
    working copy is compared with."""
    return {
        "content": content,
        "last": last,
        "moved": tracing.moved_totals(last.content, content) if last else {},
        "left_out": queries.named(queries.left_out(content)),
        "exhibits": exhibits_by_place(content),
        # A replay of the form that asks for a file meets the same job.
        "build_ids": {form: uuid.uuid4() for form in FORMS},
        "counts": content["counts"],
        "totals": queries.shown_totals(content),
        "parts": queries.named(content["parts"]),
        "not_filed": queries.named(queries.not_filed(content)),
        "not_accepted": queries.named(queries.not_accepted(content)),
        "waived": queries.named(queries.waived(content)),
    }


@require_http_methods([*READ_METHODS, "POST"])
def edit_summary(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    summary = _summary(request, pk)
    _require_editor(request, summary)
    form = SummaryForm(
        request.POST or None,
        questions=queries.text_questions(form_version_of(summary.notice, summary.round)),
        initial={
            name: getattr(summary, name) for name in ("title", "remark", "questions", "version")
        },
    )
    if form.is_valid() and (
        done := _keep(
            request,
            summary,
            form,
            lambda: services.edit_summary(summary, by=request.user, **form.cleaned_data),
        )
    ):
        messages.success(request, _("The summary is kept."))
        return done
    context = {"summary": summary, "notice": summary.notice, "form": form}
    return render(request, "reports/summary_edit.html", context, status=422 if form.errors else 200)


@require_http_methods([*READ_METHODS, "POST"])
def arrange_summary(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The order of the paragraphs; tables and charts between them."""
    summary = _summary(request, pk)
    _require_editor(request, summary)
    content = queries.summary_content(summary)
    form = ArrangeForm(
        request.POST or None,
        parts=content["parts"],
        shown=summary.exhibits,
        indicators=indicators_of(form_version_of(summary.notice, summary.round)),
        initial={"version": summary.version},
    )
    if form.is_valid():
        done = _keep(
            request,
            summary,
            form,
            lambda: services.edit_summary(summary, by=request.user, **form.service_fields()),
            {"exhibits": "new_indicators"},
        )
        if done:
            messages.success(request, _("The summary is kept."))
            return done
    context = {
        "summary": summary,
        "notice": summary.notice,
        "form": form,
        "left_out": queries.named(queries.left_out(content)),
    }
    return render(
        request, "reports/summary_arrange.html", context, status=422 if form.errors else 200
    )


def _keep(
    request: HttpRequest,
    summary: Summary,
    form: Any,
    act: Callable[[], Any],
    names: Mapping[str, str] | None = None,
) -> HttpResponse | None:
    """Run the act and go on to the summary; a refusal comes back in the form with what was typed."""
    try:
        act()
    except (Invalid, Stale, StepNotOpen) as refused:
        problems_to_form(form, refused, names)
        if isinstance(refused, Stale):  # what was typed stays; saving again takes the newer version
            form.data = form.data.copy()
            form.data["version"] = str(refused.extra.get("version", ""))
        return None
    return redirect(summary)


@require_POST
def draw_parts(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take in what was accepted since."""
    summary = _summary(request, pk)
    _require_editor(request, summary)
    try:
        _fresh, many = services.draw_parts(
            summary, by=request.user, version=_posted_version(request)
        )
    except (Stale, StepNotOpen) as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(
            request,
            ngettext(
                "%(n)s paragraph was drawn from a report.",
                "%(n)s paragraphs were drawn from reports.",
                many,
            )
            % {"n": many},
        )
    return redirect(summary)


def _posted_version(request: HttpRequest) -> int:
    """-1, which is no version, for what is no number."""
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else -1


@require_http_methods([*READ_METHODS, "POST"])
def edit_part(request: HttpRequest, pk: uuid.UUID, code: str) -> HttpResponse:
    """One federation's paragraph, beside what it filed."""
    summary = _summary(request, pk)
    _require_editor(request, summary)
    parts = list(
        summary.parts.select_related("obligation__federation", "source", "edited_by").order_by(
            *queries.PART_ORDER
        )
    )
    place = next(
        (n for n, each in enumerate(parts) if each.obligation.federation.code == code), None
    )
    if place is None:
        raise Http404
    part = parts[place]
    following = parts[place + 1] if place + 1 < len(parts) else None
    form = PartForm(
        request.POST or None,
        initial={"text": part.text, "left_out": part.left_out, "version": part.version},
    )
    if request.method == "POST" and "redraw" in request.POST:
        return _redraw(request, part, code)
    if form.is_valid():
        done = _keep(
            request,
            summary,
            form,
            lambda: services.edit_part(
                part,
                by=request.user,
                version=form.cleaned_data["version"],
                text=form.cleaned_data["text"],
                left_out=form.cleaned_data["left_out"],
            ),
        )
        if done:
            if form.cleaned_data["next"] and following:
                return redirect(
                    "summary-part", pk=summary.pk, code=following.obligation.federation.code
                )
            return done
    context = {
        "summary": summary,
        "notice": summary.notice,
        # As it is kept now: beside what was typed when somebody else was faster.
        "part": part,
        "federation": part.obligation.federation,
        "form": form,
        "answers": queries.source_answers(part.source),
        "following": following,
        "previous": parts[place - 1] if place else None,
        "place": place + 1,
        "many": len(parts),
    }
    return render(request, "reports/summary_part.html", context, status=422 if form.errors else 200)


def _redraw(request: HttpRequest, part: SummaryPart, code: str) -> HttpResponse:
    try:
        services.redraw_part(part, by=request.user, version=_posted_version(request))
    except (Stale, StepNotOpen) as refused:
        messages.warning(request, str(refused.message))
    else:
        messages.success(request, _("The paragraph was drawn from the report again."))
    return redirect("summary-part", pk=part.summary_id, code=code)


def _series_for(user: Any, summary: Summary) -> Any:
    """The series of the body that sums up, for whoever takes its numbers."""
    series = NumberSeries.objects.visible_to(user).active().filter(federation=summary.federation_id)
    mine = [each.pk for each in series if user.has_perm("documents.take_number", each)]
    return series.filter(pk__in=mine)


@require_http_methods([*READ_METHODS, "POST"])
def freeze_summary(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What will be frozen, and the act."""
    summary = _summary(request, pk)
    _require_editor(request, summary)
    form = FreezeForm(
        request.POST or None,
        initial={"version": summary.version},
        series=_series_for(request.user, summary),
    )
    if form.is_valid():
        try:
            edition = services.freeze_summary(summary, by=request.user, **form.cleaned_data)
        except StepNotOpen as refused:
            messages.warning(request, str(refused.message))
            return redirect(summary)
        except (Invalid, Stale) as refused:
            problems_to_form(form, refused)
            form.data = form.data.copy()
            form.data["version"] = str(summary.version)
        else:
            messages.success(
                request, _("Edition %(number)s is frozen.") % {"number": edition.number}
            )
            return redirect(edition)
    content = queries.summary_content(summary)
    context = {
        **_shown(content),
        "summary": summary,
        "notice": summary.notice,
        "form": form,
        "number": summary.editions.count() + 1,
        "untouched": sum(not part["edited_by"] for part in content["parts"]),
    }
    return render(
        request, "reports/summary_freeze.html", context, status=422 if form.errors else 200
    )


@require_POST
def build_summary(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask for DOCX, PDF or the workbook, of an edition or of the draft: a background job."""
    summary = _summary(request, pk)
    given = request.POST.get("edition", "")
    edition = _edition(summary, _number(given)) if given else None
    try:
        job = start_build(
            summary,
            by=request.user,
            form=request.POST.get("form", ""),
            id=_id(request.POST.get("id-" + request.POST.get("form", ""), "")),
            edition=edition.number if edition else None,
        )
    except (Invalid, StepNotOpen) as refused:
        messages.warning(request, str(refused.message))
        return redirect(edition or summary)
    return follow(request, job)


def _id(given: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(given)
    except ValueError:
        return None


def _number(given: str) -> int:
    if not (given.isascii() and given.isdigit() and len(given) < 9):
        raise Http404
    return int(given)


# --- Where a total is from ----------------------------------------------------------------------------


@require_safe
def summary_total(request: HttpRequest, pk: uuid.UUID, indicator: str) -> HttpResponse:
    """Every report that a total is made of, and what changed since the edition before."""
    summary = _summary(request, pk)
    asked = tracing.edition_asked_for(summary, request.GET.get("edition", ""))
    found = asked and tracing.trace_of(asked.content, asked.before, indicator)
    if not asked or not found:
        raise Http404
    [total] = [
        each for each in queries.shown_totals(asked.content) if each["indicator"] == indicator
    ]
    context = {
        "summary": summary,
        "asked": asked,
        "total": total,
        "was": queries.grouped(found["was"]) if found["was"] is not None else None,
        "moved": queries.named(found["moved"]),
        "sources": queries.named(found["sources"]),
        "left_out": queries.named(found["left_out"]),
    }
    return render(request, "reports/summary_total.html", context)


# --- Editions ---------------------------------------------------------------------------------------


def _edition(summary: Summary, number: int) -> SummaryEdition:
    return get_object_or_404(summary.editions.all(), number=number)


@require_safe
def summary_edition(request: HttpRequest, pk: uuid.UUID, number: int) -> HttpResponse:
    """A frozen edition, as it was."""
    summary = _summary(request, pk)
    edition = _edition(summary, number)
    context = {
        **_shown(edition.content),
        "summary": summary,
        "notice": summary.notice,
        "edition": edition,
        "editions": summary.editions.defer("content").all(),
    }
    return render(request, "reports/summary_edition.html", context)


@require_safe
def compare_editions(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Two editions beside each other: figures, paragraphs and standings that differ."""
    summary = _summary(request, pk)
    numbers = sorted(summary.editions.values_list("number", flat=True))
    if len(numbers) < 2:
        raise Http404
    old = _edition(summary, _chosen(request, "from", numbers, numbers[-2]))
    new = _edition(summary, _chosen(request, "to", numbers, numbers[-1]))
    changed = editions.compare_editions(old.content, new.content)
    context = {
        "summary": summary,
        "notice": summary.notice,
        "numbers": numbers,
        "old": old,
        "new": new,
        "totals": editions.shown_changes(changed["totals"]),
        "standings": editions.shown_standings(changed["standings"]),
        "rows": _side_by_side(changed),
    }
    return render(request, "reports/summary_compare.html", context)


def _chosen(request: HttpRequest, name: str, numbers: list[int], default: int) -> int:
    given = request.GET.get(name, "")
    if not given:
        return default
    if (number := _number(given)) not in numbers:
        raise Http404
    return number


def _side_by_side(changed: editions.Changed) -> list[dict[str, Any]]:
    """Texts that differ as rows of the comparison."""
    pairs = [(_("Remark"), *changed["remark"])] if changed["remark"] else []
    pairs += [(queries.name_of(each["of"]), each["old"], each["new"]) for each in changed["parts"]]
    rows = []
    for label, old, new in pairs:
        before, after = segments(old, new)
        rows.append({"label": label, "changed": True, "old": before, "new": after})
    return rows

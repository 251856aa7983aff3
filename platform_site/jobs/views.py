"""Pages of long work: one's own jobs, how far each is, and what came of it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from platform_site.lists import exports, keyset
from platform_site.problems import Stale, StepNotOpen

from . import queries, services
from .answers import follow
from .exporting import start_export
from .forms import CancelForm, StartForm
from .models import Job
from .tables import JobTable

PAGE_SIZE = 20


@require_safe
def job_list(request: HttpRequest) -> HttpResponse:
    """One's own jobs, newest first."""
    page = keyset.page(
        Job.objects.visible_to(request.user).select_related("result"),
        order=("-queued_at", "-id"),
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )
    context = {"page": page, "table": JobTable(page.rows, request=request)}
    return render(request, "jobs/job_list.html", context)


@require_safe
def job_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far it is. While it is not over the page asks for its own middle every two seconds."""
    visible = Job.objects.visible_to(request.user).select_related("result")
    job = get_object_or_404(visible, pk=pk)
    if job.state == Job.State.DONE and not queries.may_read(request.user, job):
        # On this page alone; nothing is written.
        job.result, job.result_url = None, ""
        job.summary = _("The office in which this was made has ended; its result is not shown.")
    fragment = bool(request.headers.get("HX-Request"))
    context = {
        "job": job,
        "log": queries.log_of(job),
        "nobody_works": job.state == Job.State.QUEUED and queries.nobody_works(),
        "fragment": fragment,
    }
    template = "jobs/job_standing.html" if fragment else "jobs/job_detail.html"
    return render(request, template, context)


@require_POST
def cancel_job(request: HttpRequest, pk: UUID) -> HttpResponse:
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    form = CancelForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else 0
    try:
        job = services.cancel(job, by=request.user, version=version)
    except (StepNotOpen, Stale) as refused:
        # It ended meanwhile, or a second click: the page shows how things stand.
        messages.warning(request, str(refused.message))
    else:
        if job.is_over:
            messages.success(request, _("The job was cancelled."))
        else:
            messages.success(request, _("The job ends as soon as it can."))
    return redirect(job)


@require_POST
def start_list_export(request: HttpRequest, name: str) -> HttpResponse:
    """Export the list of this name as its page shows it: the page's address parameters come along."""
    export = exports.find(name)
    if export is None:
        raise Http404
    form = StartForm(request.POST)
    id = form.cleaned_data["id"] if form.is_valid() else None
    return follow(request, start_export(export, request.GET, by=request.user, id=id))

"""The page of the paper bridge: scans come in, each is told where it went or asks where it belongs."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from platform_site.attachments.models import Attachment
from platform_site.attachments.services import upload
from platform_site.problems import NotAllowed, Refused

from .. import services
from ..forms.papers import ChooseForm
from ..models import ReportScan
from ..queries.papers import own_versions
from ..services import Received
from .common import READ_METHODS

#: Files in one go, and how many the page shows of what came before.
MOST_FILES = 20
SHOWN = 10


@dataclass
class Line:
    """What became of one file."""

    name: str
    received: Received | None = None
    problem: str = ""
    #: Asks which report the file belongs to.
    form: ChooseForm | None = None


def _require_filler(request: HttpRequest) -> None:
    if not request.user.has_perm("reports.fill_report"):
        raise NotAllowed("not_yours", _("Only officers of a federation hand in its papers."))


@require_http_methods([*READ_METHODS, "POST"])
def upload_scans(request: HttpRequest) -> HttpResponse:
    """One or many files; each finds its version by its code, or is asked about."""
    _require_filler(request)
    lines: list[Line] = []
    problem = ""
    if request.method == "POST":
        files = request.FILES.getlist("file")
        if not files:
            problem = _("Choose a file first.")
        elif len(files) > MOST_FILES:
            problem = _("At most %(limit)s files at once.") % {"limit": MOST_FILES}
        else:
            lines = [_receive(request, file) for file in files]
    return _page(request, lines, problem)


def _receive(request: HttpRequest, file: Any) -> Line:
    line = Line(file.name or "")
    try:
        kept = upload(file, by=request.user, name=line.name)
    except Refused as refused:
        line.problem = str(refused.message)
        return line
    try:
        line.received = services.receive_scan(kept, by=request.user)
    except Refused as refused:
        line.problem = str(refused.message)
        if refused.code in ("no_code", "forged_code", "several_codes"):
            line.form = _choose_form(request, kept, several=refused.code == "several_codes")
    return line


def _choose_form(request: HttpRequest, file: Attachment, *, several: bool) -> ChooseForm:
    versions = own_versions(request.user)
    if several:
        named = Q()
        for code in services.codes_on(file, reader=request.user):
            named |= Q(report=code.report, number=code.number)
        versions = versions.filter(named)
    return ChooseForm(
        versions=versions, initial={"attachment": file.pk}, auto_id=f"id_%s_{str(file.pk)[:8]}"
    )


@require_POST
def choose_scan(request: HttpRequest) -> HttpResponse:
    """The report was chosen by hand."""
    _require_filler(request)
    form = ChooseForm(request.POST, versions=own_versions(request.user))
    file = _own_loose(request, request.POST.get("attachment", ""))
    line = Line(file.filename, form=form)
    if form.is_valid():
        try:
            line.received = services.attach_scan(
                file, form.cleaned_data["version"], by=request.user
            )
        except Refused as refused:
            form.add_error("version", str(refused.message))
        else:
            messages.success(request, _("The scan is attached."))
            return redirect(line.received.scan or line.received.report)
    return _page(request, [line], "")


def _own_loose(request: HttpRequest, key: str) -> Attachment:
    try:
        pk = uuid.UUID(key)
    except ValueError:
        raise Http404 from None
    found = Attachment.objects.visible_to(request.user).filter(
        pk=pk, owner_id=None, uploaded_by=request.user
    )
    if (file := found.first()) is None:
        raise Http404
    return file


def _page(request: HttpRequest, lines: list[Line], problem: str) -> HttpResponse:
    scans = ReportScan.objects.visible_to(request.user).select_related(
        "version_of__report__federation", "version_of__report__obligation__round__request"
    )
    context = {
        "lines": lines,
        "problem": problem,
        "scans": scans.order_by("-at", "-id")[:SHOWN],
    }
    wrong = problem or any(line.received is None for line in lines)
    return render(request, "reports/scan_upload.html", context, status=422 if wrong else 200)

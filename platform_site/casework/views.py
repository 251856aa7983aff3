"""待办, 已办, 我发起: what waits, what I did, what I gave others to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from platform_site.lists import keyset
from platform_site.lists.exports import Selection
from platform_site.notifications.services import absolute
from platform_site.problems import Refused
from platform_site.web.forms import problems_to_form

from . import exports, queries, services
from .feeds import calendar_of
from .forms import PreferenceForm
from .menu import todo_figures
from .tables import DoneTable, StartedTable, TodoTable

PAGE_SIZE = 50


def _page(request: HttpRequest, select: Callable[[Any, QueryDict], Selection]) -> keyset.Page:
    chosen = select(request.user, request.GET)
    return keyset.page(
        chosen.queryset,
        order=chosen.order,
        size=PAGE_SIZE,
        cursor=request.GET.get("cursor") or None,
    )


@require_safe
def todo(request: HttpRequest) -> HttpResponse:
    """What waits for this person: late first, then the nearest date, what has none last."""
    page = _page(request, exports.select_todo)
    context = {
        "page": page,
        "table": TodoTable(page.rows),
        "figures": todo_figures(request.user),
        "current": "todo",
    }
    return render(request, "casework/todo.html", context)


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    page = _page(request, exports.select_done)
    context = {"page": page, "table": DoneTable(page.rows), "current": "done"}
    return render(request, "casework/done.html", context)


@require_safe
def started(request: HttpRequest) -> HttpResponse:
    page = _page(request, exports.select_started)
    context = {"page": page, "table": StartedTable(page.rows), "current": "started"}
    return render(request, "casework/started.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def reminder_settings(request: HttpRequest) -> HttpResponse:
    """What reminders reach me how, and the address of my calendar."""
    preference = queries.preference_of(request.user)
    form = PreferenceForm(
        request.POST if request.method == "POST" else None,
        initial={"by_mail": preference.by_mail, "chat_address": preference.chat_address},
    )
    if form.is_valid():
        try:
            services.choose(by=request.user, **form.cleaned_data)
        except Refused as refused:
            problems_to_form(form, refused)
        else:
            messages.success(request, _("Your choice is saved."))
            return redirect("reminder-settings")
    return _settings_page(request, form)


def _settings_page(request: HttpRequest, form: PreferenceForm, address: str = "") -> HttpResponse:
    context = {"form": form, "feed": queries.feed_of(request.user), "address": address}
    return render(
        request, "casework/reminder_settings.html", context, status=422 if form.errors else 200
    )


@require_POST
def make_calendar(request: HttpRequest) -> HttpResponse:
    """A new secret address, shown this once; an earlier one ends."""
    _feed, secret = services.make_feed(by=request.user)
    preference = queries.preference_of(request.user)
    form = PreferenceForm(
        initial={"by_mail": preference.by_mail, "chat_address": preference.chat_address}
    )
    return _settings_page(request, form, absolute(reverse("calendar-feed", args=[secret])))


@require_POST
def revoke_calendar(request: HttpRequest) -> HttpResponse:
    services.revoke_feed(by=request.user)
    messages.success(request, _("The address of your calendar is revoked."))
    return redirect("reminder-settings")


@require_safe
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """What a calendar program reads; revoked, unknown and of a disabled account are all the same 404."""
    user = services.reader_of_feed(secret)
    if user is None:
        raise Http404
    with translation.override(user.language):
        answer = HttpResponse(calendar_of(user), content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="duties.ics"'
    answer["Cache-Control"] = "private, no-store"
    return answer

"""The bell list of every person, and the operator's page of messages that could not be sent."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from platform_site.lists import keyset
from platform_site.problems import Refused

from . import exports, services
from .models import Delivery, PortalNotice

PAGE_SIZE = 20


@require_GET
def notification_list(request: HttpRequest) -> HttpResponse:
    """Newest first; ``?show=unread`` leaves out what has been read."""
    notices = PortalNotice.objects.visible_to(request.user)
    unread_only = request.GET.get("show") == "unread"
    chosen = exports.select_messages(request.user, request.GET)
    page = keyset.page(
        chosen.queryset, order=chosen.order, size=PAGE_SIZE, cursor=request.GET.get("cursor")
    )
    context = {
        "page": page,
        "unread": notices.unread().count(),
        "unread_only": unread_only,
        "all_shown": not unread_only,
    }
    return render(request, "notifications/notification_list.html", context)


@require_GET
def open_notification(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Opening it is reading it; it leads to what it is about, or is shown itself."""
    notice = get_object_or_404(PortalNotice.objects.visible_to(request.user), pk=pk)
    notice = services.mark_read(notice, by=request.user)
    if notice.url and url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None):
        return redirect(notice.url)
    return render(request, "notifications/notification_detail.html", {"notice": notice})


@require_POST
def read_notification(request: HttpRequest, pk: UUID) -> HttpResponse:
    notice = get_object_or_404(PortalNotice.objects.visible_to(request.user), pk=pk)
    notice = services.mark_read(notice, by=request.user)
    if request.headers.get("HX-Request"):
        return render(request, "notifications/notification_item.html", {"notice": notice})
    return redirect("notification-list")


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    count = services.mark_all_read(request.user, by=request.user)
    done = ngettext(
        "%(count)s message was marked as read.", "%(count)s messages were marked as read.", count
    )
    messages.success(request, done % {"count": count})
    return redirect("notification-list")


@require_GET
def delivery_list(request: HttpRequest) -> HttpResponse:
    """What could not be delivered, and why. No texts; addresses masked."""
    if not request.user.has_perm("notifications.read_deliveries"):
        raise PermissionDenied
    chosen = exports.select_deliveries(request.user, request.GET)
    page = keyset.page(
        chosen.queryset, order=chosen.order, size=PAGE_SIZE, cursor=request.GET.get("cursor")
    )
    may_resend = request.user.has_perm("notifications.resend_delivery")
    context = {"page": page, "may_resend": may_resend}
    return render(request, "notifications/delivery_list.html", context)


@require_POST
def resend_delivery(request: HttpRequest, pk: UUID) -> HttpResponse:
    delivery = get_object_or_404(Delivery.objects.visible_to(request.user), pk=pk)
    try:
        services.resend_delivery(delivery, by=request.user)
    except Refused as problem:
        messages.error(request, str(problem.message))
    else:
        messages.success(request, _("The message waits to be sent again."))
    return redirect("delivery-list")

"""The pages of `web` and sign-in, and views that fail in every way a view can."""

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.urls import include, path

from platform_site.problems import FieldProblem, Invalid, Stale


def away(request):
    raise OperationalError("the server closed the connection")


def broken(request):
    raise RuntimeError("a fault of ours")


def stale(request):
    raise Stale("stale", "Somebody was faster.")


def invalid(request):
    raise Invalid("invalid", "Two things.", fields=[FieldProblem("/a", "x", "First thing.")])


def denied(request):
    raise PermissionDenied


def gone(request):
    raise Http404


def echo(request):
    return HttpResponse(request.POST.get("text", ""))


urlpatterns = [
    path("", include("platform_site.web.urls")),
    path("accounts/", include("allauth.urls")),
    path("t/away/", away),
    path("t/broken/", broken),
    path("t/stale/", stale),
    path("t/invalid/", invalid),
    path("t/denied/", denied),
    path("t/gone/", gone),
    path("t/echo/", echo),
    path("api/v1/away/", away),
    path("api/v1/stale/", stale),
    path("w/t/gone/", gone),
]
handler400 = "platform_site.web.views.bad_request"
handler403 = "platform_site.web.views.forbidden"
handler404 = "platform_site.web.views.not_found"
handler500 = "platform_site.web.views.server_error"

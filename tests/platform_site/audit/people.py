"""Addresses of the tests alone: under /w/ and /api/, refused and allowed."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import include, path
from rest_framework.views import APIView

from platform_site import urls as platform


def missing(request):
    raise Http404


def forbidden(request):
    raise PermissionDenied


class Hidden(APIView):
    def get(self, request):
        raise Http404


urlpatterns = [
    path("w/missing/", missing),
    path("w/forbidden/", forbidden),
    path("w/fine/", lambda request: HttpResponse("fine")),
    path("public/missing/", missing),
    path("api/v1/hidden/", Hidden.as_view()),
    path("", include(platform.urlpatterns)),
]
handler403 = platform.handler403
handler404 = platform.handler404

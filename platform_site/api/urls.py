from django.urls import include, path, re_path

from . import views
from .docs import DocsView, RedocView, SchemaView
from .router import router

app_name = "api"

urlpatterns = [
    path("", views.index, name="versions"),
    path("v1/openapi.json", SchemaView.as_view(), name="schema"),
    path("v1/docs", DocsView.as_view(), name="docs"),
    path("v1/redoc", RedocView.as_view(), name="redoc"),
    path("v1/problems/<slug:code>", views.explain_problem, name="problem"),
    re_path(r"^(?P<version>v1)/", include(router.urls)),
    re_path(r"^(?P<rest>.*)$", views.not_found),
]

"""Addresses of document numbers and templates, below /w/."""

from django.urls import path

from . import views

urlpatterns = [
    path("document-numbers/", views.number_list, name="number-list"),
    path("document-numbers/series/new/", views.add_series, name="series-add"),
    path("document-numbers/series/<uuid:pk>/", views.change_series, name="series-change"),
    path("document-templates/", views.template_list, name="document-template-list"),
    path(
        "document-templates/versions/<uuid:pk>/",
        views.download_version,
        name="document-template-version",
    ),
    path(
        "document-templates/versions/<uuid:pk>/use/",
        views.use_template,
        name="document-template-use",
    ),
    path(
        "document-templates/<slug:kind>/replace/",
        views.replace_template,
        name="document-template-replace",
    ),
    path(
        "document-templates/<slug:kind>/download/",
        views.download_template,
        name="document-template-download",
    ),
    path(
        "document-templates/<slug:kind>/sample/",
        views.sample_of_template,
        name="document-template-sample",
    ),
    path(
        "document-templates/<slug:kind>/shipped/",
        views.use_shipped_template,
        name="document-template-shipped",
    ),
]

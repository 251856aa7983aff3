from django.urls import path

from . import views

urlpatterns = [
    path("policy/new/", views.draft_document, name="policy-draft"),
    path("policy/<uuid:pk>/edit/", views.edit_document, name="policy-edit"),
]

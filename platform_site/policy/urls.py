"""What everybody reads."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.policy_list, name="policy-list"),
    path("<slug:slug>/", views.policy_page, name="policy-page"),
    path("<slug:slug>.docx", views.policy_document, {"ending": "docx"}, name="policy-docx"),
    path("<slug:slug>.pdf", views.policy_document, {"ending": "pdf"}, name="policy-pdf"),
]

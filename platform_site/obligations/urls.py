"""Addresses of action points, below /w/."""

from django.urls import path

from . import views

urlpatterns = [
    path("action-points/", views.action_point_list, name="action-point-list"),
    path("action-points/new/<str:source>/", views.set_action_point, name="action-point-set"),
    path("action-points/<uuid:pk>/", views.action_point_detail, name="action-point-detail"),
    path("action-points/<uuid:pk>/report/", views.report_action_point, name="action-point-report"),
    path("action-points/<uuid:pk>/verify/", views.verify_action_point, name="action-point-verify"),
    path("action-points/<uuid:pk>/reopen/", views.reopen_action_point, name="action-point-reopen"),
    path("action-points/<uuid:pk>/cancel/", views.cancel_action_point, name="action-point-cancel"),
]

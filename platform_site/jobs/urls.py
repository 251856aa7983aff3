"""Addresses of jobs and exports, below /w/."""

from django.urls import path

from . import views

urlpatterns = [
    path("jobs/", views.job_list, name="job-list"),
    path("jobs/<uuid:pk>/", views.job_detail, name="job-detail"),
    path("jobs/<uuid:pk>/cancel/", views.cancel_job, name="job-cancel"),
    path("exports/<slug:name>/", views.start_list_export, name="export-start"),
]

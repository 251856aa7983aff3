"""Addresses of webhooks, below /w/."""

from django.urls import path

from . import views

urlpatterns = [
    path("webhooks/", views.webhook_list, name="webhook-list"),
    path("webhooks/create/", views.create_webhook, name="webhook-create"),
    path("webhooks/<uuid:pk>/", views.webhook_detail, name="webhook-detail"),
    path("webhooks/<uuid:pk>/edit/", views.change_webhook, name="webhook-edit"),
    path("webhooks/<uuid:pk>/secret/", views.rotate_secret, name="webhook-rotate-secret"),
    path("webhooks/<uuid:pk>/pause/", views.pause_webhook, name="webhook-pause"),
    path("webhooks/<uuid:pk>/resume/", views.resume_webhook, name="webhook-resume"),
    path("webhooks/<uuid:pk>/ping/", views.ping_webhook, name="webhook-ping"),
    path("webhooks/<uuid:pk>/delete/", views.delete_webhook, name="webhook-delete"),
    path(
        "webhook-deliveries/<uuid:pk>/resend/",
        views.resend_delivery,
        name="webhook-delivery-resend",
    ),
]

from django.urls import path

from . import views

urlpatterns = [
    path("attachments/upload/", views.upload, name="attachment-upload"),
    path("attachments/<uuid:pk>/", views.download, name="attachment-download"),
    path("attachments/<uuid:pk>/remove/", views.remove, name="attachment-remove"),
]

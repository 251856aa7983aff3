from django.urls import path

from . import views

urlpatterns = [
    path("attachments/upload/", views.upload, name="attachment-upload"),
    path("attachments/announce/", views.announce, name="attachment-announce"),
    path("attachments/<uuid:pk>/content/", views.put_content, name="attachment-content"),
    path("attachments/<uuid:pk>/", views.download, name="attachment-download"),
    path("attachments/<uuid:pk>/remove/", views.remove, name="attachment-remove"),
]

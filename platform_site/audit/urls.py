from django.urls import path

from . import views

urlpatterns = [path("audit/", views.entry_list, name="audit-list")]

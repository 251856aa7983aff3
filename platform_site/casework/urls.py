"""Addresses of the to-do lists, below /w/."""

from django.urls import path

from . import views

urlpatterns = [
    path("todo/", views.todo, name="todo"),
    path("done/", views.done, name="done"),
    path("started/", views.started, name="started"),
]

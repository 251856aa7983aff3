"""Addresses of the to-do lists, below /w/."""

from django.urls import path

from . import views

urlpatterns = [
    path("todo/", views.todo, name="todo"),
    path("done/", views.done, name="done"),
    path("started/", views.started, name="started"),
    path("reminders/", views.reminder_settings, name="reminder-settings"),
    path("reminders/calendar/make/", views.make_calendar, name="calendar-make"),
    path("reminders/calendar/revoke/", views.revoke_calendar, name="calendar-revoke"),
]

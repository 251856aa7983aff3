"""The address of the calendar feeds: outside the workbench, since calendar programs do not sign in."""

from django.urls import path

from . import views

urlpatterns = [path("<str:secret>.ics", views.calendar_feed, name="calendar-feed")]

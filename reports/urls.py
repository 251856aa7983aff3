"""Addresses of this app, below /w/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

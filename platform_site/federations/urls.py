from django.urls import path

from . import views

urlpatterns = [
    path("federations/", views.federation_list, name="federation-list"),
    path("federations/<str:code>/", views.federation_detail, name="federation-detail"),
    path("federations/<str:code>/appoint/", views.federation_appoint, name="federation-appoint"),
    path("holdings/<uuid:pk>/end/", views.holding_end, name="holding-end"),
]

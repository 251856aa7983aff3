from django.urls import path

from . import views

urlpatterns = [
    path("notifications/", views.notification_list, name="notification-list"),
    path("notifications/read/", views.read_all, name="notification-read-all"),
    path("notifications/<uuid:pk>/", views.open_notification, name="notification-open"),
    path("notifications/<uuid:pk>/read/", views.read_notification, name="notification-read"),
    path("deliveries/", views.delivery_list, name="delivery-list"),
    path("deliveries/<uuid:pk>/resend/", views.resend_delivery, name="delivery-resend"),
]

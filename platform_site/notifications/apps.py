from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "platform_site.notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        from platform_site.audit import actions

        actions.register("notifications.resend_delivery", _("Let a failed message be sent again"))
        from . import metrics

        metrics.register()

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "platform_site.webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        from . import registers

        registers.register()

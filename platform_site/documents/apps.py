from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DocumentsConfig(AppConfig):
    name = "platform_site.documents"
    label = "documents"
    verbose_name = _("Official documents")

    def ready(self) -> None:
        from . import health, registers

        registers.register()
        health.register()

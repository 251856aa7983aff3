from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EditorialConfig(AppConfig):
    name = "platform_site.editorial"
    verbose_name = _("Content")

    def ready(self) -> None:
        from . import registers

        registers.register()

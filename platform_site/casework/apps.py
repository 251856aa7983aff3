from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CaseworkConfig(AppConfig):
    name = "platform_site.casework"
    verbose_name = _("Casework")

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        # Every app's deadlines register their rules, so that a to-do row can be named and linked.
        autodiscover_modules("deadlines")
        from . import health

        health.register()

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "platform_site.jobs"
    verbose_name = _("Background jobs")

    def ready(self) -> None:
        from . import registers

        registers.register()
        # Each app's exports.py says which of its lists can be exported.
        autodiscover_modules("exports")

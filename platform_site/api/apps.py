from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "platform_site.api"
    verbose_name = _("REST API")

    def ready(self) -> None:
        # Each app's api.py registers its resources with the router.
        autodiscover_modules("api")

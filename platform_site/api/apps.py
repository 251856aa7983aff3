from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "platform_site.api"
    verbose_name = _("REST API")

    def ready(self) -> None:
        # Each app's api.py registers its resources with the router.
        autodiscover_modules("api")
        checks.register(_check_rates)


def _check_rates(**_options: Any) -> list[checks.CheckMessage]:
    from .limits import rate_from

    found: list[checks.CheckMessage] = []
    for rate in settings.API_RATES.values():
        try:
            rate_from(str(rate))
        except ImproperlyConfigured as wrong:
            found.append(checks.Error(str(wrong), id="api.E001"))
    return found

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "platform_site.accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        # Each app's permissions.py says which of its acts belong to which office.
        autodiscover_modules("permissions")
        from . import metrics

        metrics.register()

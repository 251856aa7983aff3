from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PolicyConfig(AppConfig):
    name = "platform_site.policy"
    verbose_name = _("Policy guidance")

    def ready(self) -> None:
        from . import registers

        registers.register()

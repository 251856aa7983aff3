from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ObligationsConfig(AppConfig):
    name = "platform_site.obligations"
    verbose_name = _("Obligations")

    def ready(self) -> None:
        from platform_site.webhooks import kinds

        from . import registers
        from .models import Obligation
        from .services import DEADLINE_PASSED

        registers.register()
        kinds.register(kinds.Kind(DEADLINE_PASSED, _("Deadline passed"), Obligation, "obligations"))

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Notices and reports")

    def ready(self) -> None:
        from . import registers, reminding

        registers.register()
        reminding.register()

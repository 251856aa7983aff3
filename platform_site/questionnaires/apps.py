from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuestionnairesConfig(AppConfig):
    name = "platform_site.questionnaires"
    verbose_name = _("Questionnaires")

    def ready(self) -> None:
        from . import registers

        registers.register()

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TextConfig(AppConfig):
    name = "platform_site.text"
    verbose_name = _("Text and its limits")

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class WebConfig(AppConfig):
    name = "platform_site.web"
    verbose_name = _("Pages")

    def ready(self) -> None:
        # The one Celery application, also for management commands: it decides where bells ring.
        from platform_site import celery  # noqa: F401

        # Each app's menu.py says what it adds to the menu and to the workbench's first page.
        autodiscover_modules("menu")

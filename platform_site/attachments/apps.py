from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttachmentsConfig(AppConfig):
    name = "platform_site.attachments"
    verbose_name = _("Attachments")

    def ready(self) -> None:
        from platform_site.audit import actions

        actions.register("attachments.attach_file", _("Added a file"))
        actions.register("attachments.remove_file", _("Took a file off"))

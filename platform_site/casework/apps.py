from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CaseworkConfig(AppConfig):
    name = "platform_site.casework"
    verbose_name = _("Casework")

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        # Every app's deadlines register their rules, so that a to-do row can be named and linked.
        autodiscover_modules("deadlines")
        from platform_site.audit import actions

        actions.register("casework.chase", _("Chased what is late"))
        actions.register("casework.duty_moved", _("Moved a due date"))
        actions.register("casework.feed_made", _("Made an address for the calendar"))
        actions.register("casework.feed_revoked", _("Revoked the address for the calendar"))
        actions.register("casework.ladder_set", _("Set the rules of reminding"))
        from . import health, metrics

        health.register()
        metrics.register()

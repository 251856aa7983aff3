from django.utils.translation import gettext_lazy as _

from platform_site.accounts.menu import GROUP
from platform_site.web.menu import MenuItem

MENU = [MenuItem(_("Webhooks"), "webhook-list", order=895, group=GROUP, icon="send")]

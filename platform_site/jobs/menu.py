from django.utils.translation import gettext_lazy as _

from platform_site.web.menu import MenuItem

MENU = [MenuItem(_("Background jobs"), "job-list", order=30, icon="clock")]

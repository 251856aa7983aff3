"""Policy guidance on the public site."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from platform_site.web.menu import SiteItem

SITE = [SiteItem(_("Policy guidance"), "policy-list", order=10)]

"""Who builds forms and keeps the catalogue of indicators: the centre's officers."""

from platform_site.accounts.permissions import Permission, declare
from platform_site.accounts.roles import Role

declare(Permission("questionnaires.build_forms", roles={Role.NATIONAL_OFFICER}))

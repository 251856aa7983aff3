"""Who builds forms, keeps the catalogue of indicators and sets targets: the centre's officers."""

from platform_site.accounts.permissions import Permission, declare
from platform_site.accounts.roles import Role

declare(Permission("questionnaires.build_forms", roles={Role.NATIONAL_OFFICER}))
declare(Permission("questionnaires.set_targets", roles={Role.NATIONAL_OFFICER}))

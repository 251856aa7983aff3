"""Who keeps templates and series, and who takes a number: officers of the body whose number it is."""

from platform_site.accounts.permissions import Permission, declare
from platform_site.accounts.roles import Role

KEEPERS = {Role.NATIONAL_OFFICER}
TAKERS = {Role.NATIONAL_OFFICER, Role.DEPARTMENT_HEAD, Role.LIAISON_OFFICER}

declare(Permission("documents.replace_template", roles=KEEPERS))
declare(Permission("documents.keep_series", roles=KEEPERS))
declare(Permission("documents.take_number", roles=TAKERS, at="federation_id"))

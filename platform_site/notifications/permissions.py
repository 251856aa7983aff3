"""The operator's two permissions; a person's own notices need none."""

from platform_site.accounts.permissions import Permission, declare
from platform_site.accounts.roles import Role

declare(Permission("notifications.read_deliveries", roles={Role.SYSTEM_ADMINISTRATOR}, at=None))
declare(Permission("notifications.resend_delivery", roles={Role.SYSTEM_ADMINISTRATOR}, at=None))

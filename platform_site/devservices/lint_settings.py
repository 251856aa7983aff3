"""The tests' settings with the migration linter, which only ``make lint`` installs."""

from platform_site.settings.test import *  # noqa: F403
from platform_site.settings.test import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "django_migration_linter"]

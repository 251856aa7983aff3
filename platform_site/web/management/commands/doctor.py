"""``manage.py doctor``: what is wrong with this installation, and how to mend it."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from platform_site.web import health


class Command(BaseCommand):
    """Print a line for each finding; exit 1 when one is not well."""

    help = "Look at everything the platform needs and say how to mend what is wrong."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        ill = 0
        for look in health.DOCTOR:
            try:
                finding = look()
            except Exception as problem:
                # One broken look must not hide the findings after it.
                finding = health.Finding(
                    False,
                    look.__name__.removeprefix("look_at_").replace("_", " "),
                    _("It could not be looked at: %(problem)s")
                    % {"problem": f"{type(problem).__name__}: {problem}".splitlines()[0]},
                )
            ill += not finding.ok
            line = f"{'✔' if finding.ok else '✘'} {finding.label}"
            if not finding.ok and finding.mend:
                line += f"\n    → {finding.mend}"
            self.stdout.write((self.style.SUCCESS if finding.ok else self.style.ERROR)(line))
        if ill:
            self.stdout.write(_("%(count)s things to mend.") % {"count": ill})
            sys.exit(1)
        self.stdout.write(_("All is well."))

"""A token for a program, issued at the machine; the text is printed once."""

from __future__ import annotations

import datetime
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from platform_site.accounts import api_scopes, services
from platform_site.accounts.models import ApiToken, User
from platform_site.problems import Refused

from .create_role_user import _explain


class Command(BaseCommand):
    help = "Issue an API token for an account and print it, once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="command line", help="what the token is for")
        parser.add_argument(
            "--scope", action="append", default=[], help="for example reports:read; repeat for more"
        )
        parser.add_argument("--kind", choices=ApiToken.Kind.values, default=ApiToken.Kind.PERSONAL)
        parser.add_argument("--system", default="", help="of a machine token: where it stands")
        parser.add_argument(
            "--network",
            action="append",
            default=[],
            help="from where it may be used, for example 10.1.0.0/16; repeat for more",
        )
        parser.add_argument("--days", type=int, default=90, help="default: %(default)s")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username__iexact=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']}.")
        if unknown := set(options["scope"]) - api_scopes.known():
            raise CommandError(
                f"No such scope: {', '.join(sorted(unknown))}. "
                f"There are: {', '.join(sorted(api_scopes.known()))}"
            )
        if not 1 <= options["days"] <= 365:
            raise CommandError("--days must lie between 1 and 365.")
        try:
            _token, cleartext = services.issue_token(
                user,
                name=options["name"],
                scopes=options["scope"],
                kind=options["kind"],
                system=options["system"],
                networks=options["network"],
                expires_on=timezone.localdate() + datetime.timedelta(days=options["days"]),
                by=None,
            )
        except Refused as refused:
            raise CommandError(_explain(refused)) from refused
        self.stdout.write(cleartext)

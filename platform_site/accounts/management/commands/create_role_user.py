"""So that an operator can begin: the first security administrator, who then invites the rest."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.dateparse import parse_date

from platform_site.accounts import services
from platform_site.accounts.models import RoleAssignment
from platform_site.accounts.roles import Role
from platform_site.problems import Refused


class Command(BaseCommand):
    help = (
        "Make an account with one office. Prints a link that works once to choose a password, "
        "or takes a password from standard input with --password-stdin."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", required=True, help="the person's name")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--federation", default="ACFTU", help="code; default: %(default)s")
        parser.add_argument("--email", default="")
        parser.add_argument("--language", default="zh-hans", choices=["zh-hans", "en"])
        parser.add_argument("--until", help="last day of the office, YYYY-MM-DD")
        parser.add_argument("--password-stdin", action="store_true")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        federations = RoleAssignment._meta.get_field("federation").related_model.objects
        federation = federations.filter(code=options["federation"]).first()
        if federation is None:
            raise CommandError(
                f"There is no federation {options['federation']}; has load_federations been run?"
            )
        try:
            until = parse_date(options["until"]) if options["until"] else None
        except ValueError as error:
            raise CommandError(f"--until: {error}") from error
        if options["until"] and until is None:
            raise CommandError("--until must look like 2026-12-31")
        password = sys.stdin.readline().rstrip("\n") if options["password_stdin"] else None
        try:
            user = services.create_account(
                username=options["username"],
                name=options["name"],
                email=options["email"],
                language=options["language"],
                password=password,
                by=None,
            )
            services.give_role(
                user, role=options["role"], federation=federation, until=until, by=None
            )
        except Refused as refused:
            raise CommandError(_explain(refused)) from refused
        self.stdout.write(f"{user.username}: {options['role']} at {federation.code}")
        if not password:
            self.stdout.write(f"Choose a password at {services.invitation_link(user)}")


def _explain(refused: Refused) -> str:
    problems = [f"{problem.pointer.strip('/')}: {problem.message}" for problem in refused.fields]
    return "; ".join(problems) or str(refused.message)

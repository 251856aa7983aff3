from __future__ import annotations

import datetime as dt
import json
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from platform_site.accounts import api_scopes
from platform_site.accounts.models import User
from platform_site.accounts.roles import Role
from platform_site.accounts.services import create_account, give_role, issue_token
from platform_site.casework.queries import today
from platform_site.casework.services import load_default_ladder
from platform_site.federations.models import Federation
from platform_site.policy import demo as policy
from reports import demo

#: Role, federation, user name, what their token may do ("read" only, or everything).
ACCOUNTS = (
    (Role.NATIONAL_OFFICER, "ACFTU", "officer", "write"),
    (Role.NATIONAL_OFFICER, "ACFTU", "officer2", "write"),
    (Role.NATIONAL_LEADER, "ACFTU", "leader", "write"),
    (Role.LIAISON_OFFICER, "440000", "440000.liaison", "write"),
    (Role.PROVINCIAL_LEADER, "440000", "440000.leader", "write"),
    (Role.DEPARTMENT_HEAD, "440000", "440000.head", "write"),
    (Role.LIAISON_OFFICER, "430000", "430000.liaison", "write"),
    (Role.PROVINCIAL_LEADER, "430000", "430000.leader", "write"),
    (Role.CASEWORK_OFFICER, "440000", "440000.casework", "read"),
    (Role.EDITOR, "ACFTU", "editor", "write"),
    (Role.AUDITOR, "ACFTU", "auditor", "read"),
    (Role.SYSTEM_ADMINISTRATOR, "ACFTU", "sysadmin", "read"),
    (Role.SECURITY_ADMINISTRATOR, "ACFTU", "secadmin", "read"),
    # Yunnan has passed the monthly notice down, to Kunming among others.
    (Role.LIAISON_OFFICER, "530000", "530000.liaison", "write"),
    (Role.LIAISON_OFFICER, "530100", "530100.liaison", "write"),
)


class Command(BaseCommand):
    help = (
        "Load the demonstration data and write its accounts, with passwords and tokens, to a file."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--accounts-file", type=Path, required=True)

    def handle(self, *args: Any, accounts_file: Path, **options: Any) -> None:
        if not settings.DEMO_MODE:
            raise CommandError("Demonstration data belongs where DEMO_MODE is on, nowhere else.")
        if User.objects.exists():
            self.stdout.write("The demonstration data is there already.")
            return
        for command in ("load_federations", "load_holidays", "load_forms", "load_number_series"):
            call_command(command, stdout=self.stdout)
        # As if the rules had held for long: the demo's dates lie around today.
        load_default_ladder(since=today() - dt.timedelta(days=365))
        with transaction.atomic():
            rows, people = self._accounts()
            cast = self._cast(people)
            demo.load(cast)
            self._content(people)
            accounts_file.write_text(
                json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8"
            )
            accounts_file.chmod(0o600)

    def _accounts(self) -> tuple[list[dict[str, Any]], dict[str, User]]:
        rows, people = [], {}
        known = sorted(api_scopes.known())
        for number, (role, code, username, reach) in enumerate(ACCOUNTS):
            password = f"demo-{secrets.token_hex(4)}"
            user = create_account(
                username=username,
                name=demo.invented_name(number * 3 + 5),
                email=f"{username}@demo.invalid",
                password=password,
                by=None,
            )
            give_role(
                user,
                role=role,
                federation=Federation.objects.get(code=code),
                since=dt.date(2024, 1, 2),
                by=None,
            )
            scopes = [scope for scope in known if reach == "write" or scope.endswith(":read")]
            _token, cleartext = issue_token(
                user,
                name="demo",
                scopes=scopes,
                expires_on=today() + dt.timedelta(days=180),
                by=None,
            )
            people[username] = user
            rows.append(
                {
                    "role": str(role),
                    "federation": code,
                    "username": username,
                    "password": password,
                    "token": cleartext,
                    "scopes": scopes,
                }
            )
        return rows, people

    def _content(self, people: dict[str, User]) -> None:
        centre = policy.Desk(
            Federation.objects.national(),
            writer=people["editor"],
            first=people["officer"],
            second=people["officer2"],
            final=people["leader"],
        )
        policy.load(centre, day=lambda offset: demo.at_hour(demo.working_day(offset), 9))

    def _cast(self, people: dict[str, User]) -> demo.Cast:
        cast = demo.Cast(officer=people["officer"], leader=people["leader"])
        for _role, code, username, _reach in ACCOUNTS:
            federation = Federation.objects.get(code=code)
            if username.endswith(".liaison"):
                cast.officers[federation.pk] = people[username]
            elif username.endswith(".leader"):
                cast.leaders[federation.pk] = people[username]
        return cast

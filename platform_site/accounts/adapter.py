"""How allauth behaves here: nobody signs up, and the throttle counts by account."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse

from platform_site.audit.services import record

from .models import User


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by invitation only."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Sign in by user name or e-mail; django-axes counts failures by ``username`` alone.

        Whatever was typed is therefore turned into the one user name of the account first, so
        that going from the e-mail to the user name, or to capitals, opens no new set of tries,
        and so that signing in clears the count.
        """
        typed = credentials.get("username") or credentials.get("email") or ""
        username = (
            User.objects.filter(username__iexact=typed).values_list("username", flat=True).first()
        )
        if username is None and "@" in typed:
            username = (
                User.objects.filter(email__iexact=typed).values_list("username", flat=True).first()
            )
        # The column of the throttle's table is 255 wide.
        credentials["username"] = (username or typed.casefold())[:255]
        return super().authenticate(request, **credentials)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Who signed in, when and from where is part of the trail (GB/T 22239-2019, 8.1.4.3)."""
        record("account.sign_in", user, by=user)
        return super().post_login(request, user, **kwargs)

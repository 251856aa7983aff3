"""A national officer before the pages of notices."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from platform_site.accounts.models import User
from platform_site.federations.models import Federation


def text_of(response: Any) -> str:
    return response.content.decode()


def provincial() -> list[str]:
    return list(Federation.objects.default_recipients().values_list("code", flat=True))


@pytest.fixture
def officer(client_for, national_officer) -> Client:
    return client_for(national_officer)


def in_english(client: Client) -> None:
    """The language is the account's, and the cookie's before one signs in."""
    User.objects.update(language="en")
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"

"""A cascade: Guangdong has passed the notice down to three cities, two of which have filed."""

from __future__ import annotations

import pytest

from platform_site.accounts.roles import Role
from platform_site.obligations.models import Obligation
from reports import services
from reports.models import PassDown, Report
from tests.cascade import child, file, pass_down
from tests.factories.accounts import user_with


@pytest.fixture
def officers(guangzhou_officer, federation_by_code):
    """A liaison officer of each of the three cities, by its code."""
    return {
        "440100": guangzhou_officer,
        "440300": user_with(Role.LIAISON_OFFICER, federation_by_code("440300"), name="深联"),
        "440600": user_with(Role.LIAISON_OFFICER, federation_by_code("440600"), name="佛联"),
    }


@pytest.fixture
def passed(signed_obligation, guangdong_officer, officers) -> PassDown:
    return pass_down(signed_obligation, guangdong_officer)


@pytest.fixture
def two_filed(passed, officers, guangdong_head):
    """Guangzhou filed and was accepted, Shenzhen filed, Foshan did nothing."""
    first = file(child(passed, "440100"), officers["440100"], pilots_city="2", funds_purchased="10")
    services.accept_report(first, by=guangdong_head, version=first.version)
    file(child(passed, "440300"), officers["440300"], pilots_city="5", funds_purchased="20.5")
    return passed


@pytest.fixture
def own_report(two_filed, guangdong_officer) -> Report:
    owed = Obligation.objects.get(pk=two_filed.pk)
    return services.start_report(owed, by=guangdong_officer)

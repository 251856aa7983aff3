import pytest

from platform_site.accounts.roles import Role
from platform_site.federations.models import Federation
from tests.factories.accounts import user_with


@pytest.fixture
def national(db):
    found = Federation.objects.filter(code="ACFTU").first()
    return found or Federation.objects.create(
        code="ACFTU",
        level=1,
        kind="national",
        name_zh="中华全国总工会",
        name_en="All-China Federation of Trade Unions",
        short_zh="全总",
        short_en="ACFTU",
        sort_key="quanzong",
        search_key="quanzong",
        position=1,
    )


@pytest.fixture
def auditor(national):
    return user_with(Role.AUDITOR, national, username="auditor", name="审计员甲")


@pytest.fixture
def officer(national):
    return user_with(Role.NATIONAL_OFFICER, national, username="officer", name="经办人乙")

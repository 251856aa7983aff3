from types import SimpleNamespace

import pytest
from django.core.cache import cache

from platform_site.accounts.roles import Role
from platform_site.federations.models import Federation
from tests.factories.accounts import user_with


def _federation(code, level, kind, name_zh, name_en, parent=None):
    federation, created = Federation.objects.get_or_create(
        code=code,
        defaults={
            "level": level,
            "kind": kind,
            "parent": parent,
            "name_zh": name_zh,
            "name_en": name_en,
            "short_zh": name_zh[:2],
            "short_en": name_en,
            "sort_key": name_en.lower(),
            "search_key": name_en.lower(),
            "position": level,
        },
    )
    if created:
        federation.first_tier = federation if level == 2 else getattr(parent, "first_tier", None)
        federation.prefecture = federation if level == 3 else getattr(parent, "prefecture", None)
        federation.save()
    return federation


@pytest.fixture(autouse=True)
def no_rate_of_yesterday():
    """The limits that count sign-ins by address live in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def tree(db):
    """One branch down to a county, a second province and an industrial union."""
    acftu = _federation("ACFTU", 1, "national", "中华全国总工会", "All-China Federation")
    guangdong = _federation("440000", 2, "provincial", "广东省总工会", "Guangdong", acftu)
    hunan = _federation("430000", 2, "provincial", "湖南省总工会", "Hunan", acftu)
    union = _federation("IU01", 2, "industrial", "中国教科文卫体工会", "Education Union", acftu)
    shenzhen = _federation("440300", 3, "prefecture", "深圳市总工会", "Shenzhen", guangdong)
    nanshan = _federation("440305", 4, "county", "南山区总工会", "Nanshan", shenzhen)
    return SimpleNamespace(
        acftu=acftu,
        guangdong=guangdong,
        hunan=hunan,
        union=union,
        shenzhen=shenzhen,
        nanshan=nanshan,
    )


@pytest.fixture
def security(tree):
    return user_with(Role.SECURITY_ADMINISTRATOR, tree.acftu, username="security", name="安全员")


@pytest.fixture
def system(tree):
    return user_with(Role.SYSTEM_ADMINISTRATOR, tree.acftu, username="system", name="系统员")


@pytest.fixture
def auditor(tree):
    return user_with(Role.AUDITOR, tree.acftu, username="auditor", name="审计员")


@pytest.fixture
def head(tree):
    return user_with(Role.DEPARTMENT_HEAD, tree.guangdong, username="gdhead", name="广东部长")


@pytest.fixture
def officer(tree):
    return user_with(Role.LIAISON_OFFICER, tree.guangdong, username="gdofficer", name="广东联络员")


@pytest.fixture
def outsider(tree):
    return user_with(Role.LIAISON_OFFICER, tree.hunan, username="hnofficer", name="湖南联络员")

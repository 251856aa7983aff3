"""Who sees the directory and the register of posts, and which telephone number."""

import pytest
from django.contrib.auth.models import AnonymousUser

from platform_site.federations.models import Federation, Holding, mask_phone
from platform_site.federations.queries import may_see_posts, phone_for, posts_of
from tests.factories.accounts import user_with
from tests.factories.federations import HoldingFactory, federation

pytestmark = pytest.mark.django_db

CODES = ("ACFTU", "440000", "440100", "440106", "430000", "430100")


@pytest.fixture(autouse=True)
def holdings():
    return {code: HoldingFactory(federation=federation(code)) for code in CODES}


def seen_by(user):
    return sorted(Holding.objects.visible_to(user).values_list("federation__code", flat=True))


CASES = [
    ("national_officer", "ACFTU", CODES),
    ("national_leader", "ACFTU", CODES),
    ("auditor", "ACFTU", CODES),
    ("liaison_officer", "440000", ("ACFTU", "440000", "440100", "440106")),
    ("liaison_officer", "440100", ("ACFTU", "440000", "440100", "440106")),
    ("liaison_officer", "440106", ("ACFTU", "440000", "440100", "440106")),
    ("provincial_leader", "430000", ("ACFTU", "430000", "430100")),
    ("department_head", "430100", ("ACFTU", "430000", "430100")),
    ("system_administrator", "ACFTU", ()),
    ("security_administrator", "ACFTU", ()),
]


@pytest.mark.parametrize(("role", "code", "seen"), CASES)
def test_posts(role, code, seen):
    user = user_with(role, federation(code))
    assert seen_by(user) == sorted(seen)
    # The rule for a federation without any entry is the same.
    for other in CODES:
        assert may_see_posts(federation(other), user) == (other in seen)


def test_nobody_without_an_office_or_an_active_account():
    user = user_with("liaison_officer", federation("440000"))
    user.is_active = False
    user.save()
    user.forget_scope()
    for person in (user, AnonymousUser()):
        assert list(Holding.objects.visible_to(person)) == []
        assert list(Federation.objects.visible_to(person)) == []


def test_the_directory_is_open_to_whoever_signs_in():
    for role, code in (("liaison_officer", "440106"), ("system_administrator", "ACFTU")):
        user = user_with(role, federation(code))
        assert Federation.objects.visible_to(user).count() == Federation.objects.count()


@pytest.mark.parametrize(
    ("role", "code", "phone"),
    [
        ("liaison_officer", "440000", "13800005678"),
        ("provincial_leader", "440000", "13800005678"),
        ("national_officer", "ACFTU", "13800005678"),
        ("national_leader", "ACFTU", "138****5678"),
        ("auditor", "ACFTU", "138****5678"),
        ("liaison_officer", "440100", "138****5678"),
    ],
)
def test_the_telephone_number(holdings, role, code, phone):
    user = user_with(role, federation(code))
    assert phone_for(user, holdings["440000"]) == phone
    lines = [line for post in posts_of(federation("440000"), user) for line in post.now]
    assert [line.phone for line in lines] == [phone]


def test_the_auditor_of_a_federation_still_sees_a_masked_number(holdings):
    auditor = user_with("auditor", federation("ACFTU"))
    assert phone_for(auditor, holdings["ACFTU"]) == "138****5678"


def test_masks():
    assert mask_phone("") == ""
    assert mask_phone("12345") == "*****"
    assert mask_phone("68591234") == "685***34"
    assert mask_phone("010-68591234") == "010*****1234"

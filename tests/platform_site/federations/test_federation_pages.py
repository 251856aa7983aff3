"""The directory's pages."""

import datetime

import pytest
from django.urls import reverse

from platform_site.federations.models import Federation, Holding
from tests.factories.accounts import user_with
from tests.factories.federations import HoldingFactory, federation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]

MOST_QUERIES = 12


@pytest.fixture
def guangdong():
    return federation("440000")


@pytest.fixture
def officer(guangdong):
    return user_with("liaison_officer", guangdong)


@pytest.fixture
def browser(client, officer):
    client.force_login(officer, backend="platform_site.accounts.backends.SignInBackend")
    return client


def codes_on(response):
    return [row.code for row in response.context["page"].rows]


def test_the_list_begins_with_the_first_tier_in_official_order(browser):
    response = browser.get(reverse("federation-list"))
    assert codes_on(response)[:4] == ["ACFTU", "110000", "120000", "130000"]
    assert codes_on(response)[31:34] == ["650000", "XPCC", "IU01"]
    assert len(codes_on(response)) == 44
    response = browser.get(reverse("federation-list"), {"ordering": "pinyin"})
    assert codes_on(response)[:3] == ["340000", "110000", "XPCC"]  # an, bei, bing


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "guangzhou"}, ["440100"]),
        ({"q": "Guang Zhou"}, ["440100"]),
        ({"q": "gz", "level": "3"}, ["360700", "440100", "513300"]),
        ({"q": "广州"}, ["440100"]),
        ({"q": "44010", "level": "4"}, ["440103", "440104", "440105", "440106"]),
        ({"q": "xjscjsbt"}, ["XPCC"]),
        ({"q": "nowhere"}, []),
    ],
)
def test_search(browser, query, found):
    assert codes_on(browser.get(reverse("federation-list"), query)) == found


@pytest.mark.parametrize(("words", "rows"), [("XPCC14", 1), ("XPCC1", 5)])
def test_the_list_asks_few_questions_whatever_its_rows(
    browser, words, rows, django_assert_max_num_queries
):
    browser.get(reverse("federation-list"))
    with django_assert_max_num_queries(MOST_QUERIES):
        response = browser.get(reverse("federation-list"), {"q": words})
    assert len(codes_on(response)) == rows


def test_the_pages_of_a_long_list_follow_each_other(browser):
    seen, cursor = [], ""
    while cursor is not None:
        page = browser.get(reverse("federation-list"), {"level": "3", "cursor": cursor}).context[
            "page"
        ]
        seen += [row.code for row in page.rows]
        cursor = page.next
    assert len(seen) == len(set(seen)) == 347


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_of_a_federation_asks_few_questions(
    browser, guangdong, count, django_assert_max_num_queries
):
    for n in range(count):
        HoldingFactory(federation=guangdong, post=Holding.Post.LIAISON_OFFICER, name=f"人{n}")
    browser.get(guangdong.get_absolute_url())
    with django_assert_max_num_queries(MOST_QUERIES):
        response = browser.get(guangdong.get_absolute_url())
    assert response.status_code == 200
    assert len(response.context["page"].rows) == 21
    assert "13800005678" in response.content.decode()


def test_a_broken_cursor_and_an_unknown_order_are_400(browser):
    assert browser.get(reverse("federation-list"), {"cursor": "x"}).status_code == 400
    assert browser.get(reverse("federation-list"), {"ordering": "phone"}).status_code == 400
    assert browser.get(reverse("federation-list"), {"level": "9"}).status_code == 200


def test_posts_of_another_province_are_not_shown(browser):
    hunan = federation("430000")
    HoldingFactory(federation=hunan, name="外省人员")
    response = browser.get(hunan.get_absolute_url())
    assert response.status_code == 200
    assert "外省人员" not in response.content.decode()


def test_nobody_unknown(client, browser):
    assert browser.get(reverse("federation-detail", args=["000000"])).status_code == 404
    client.logout()
    assert client.get(reverse("federation-list")).status_code in (302, 401, 404)


def test_recording_a_post_holder(browser, guangdong):
    address = reverse("federation-appoint", args=[guangdong.code])
    assert browser.get(address).status_code == 200
    wrong = browser.post(address, {"post": "leader_in_charge", "name": "", "since": "0000-01-01"})
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"name", "since"}
    absurd = browser.post(
        address, {"post": "leader_in_charge", "name": "王一", "since": "9999-01-01"}
    )
    assert absurd.status_code == 422
    assert "王一" in absurd.content.decode()
    right = {"post": "leader_in_charge", "name": "王一", "since": "2026-03-01"}
    for _twice in range(2):
        assert browser.post(address, right).status_code == 302
    holding = Holding.objects.get()
    assert (holding.name, holding.since) == ("王一", datetime.date(2026, 3, 1))
    assert "王一" in browser.get(guangdong.get_absolute_url()).content.decode()

    end = reverse("holding-end", args=[holding.pk])
    assert browser.get(end).status_code == 200
    assert browser.post(end, {"until": "2026-09-01", "version": 9}).status_code == 422
    assert browser.post(end, {"until": "2026-09-01", "version": 1}).status_code == 302
    holding.refresh_from_db()
    assert holding.until == datetime.date(2026, 9, 1)


def test_the_register_of_others_cannot_be_written(browser):
    hunan = federation("430000")
    address = reverse("federation-appoint", args=[hunan.code])
    data = {"post": "leader_in_charge", "name": "王一", "since": "2026-03-01"}
    assert browser.post(address, data).status_code == 403
    foreign = HoldingFactory(federation=hunan)
    assert browser.get(reverse("holding-end", args=[foreign.pk])).status_code == 404
    above = HoldingFactory(federation=Federation.objects.national())
    assert browser.get(reverse("holding-end", args=[above.pk])).status_code == 403


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_name_follows_the_language(browser, officer, guangdong, language):
    officer.language = language
    officer.save(update_fields=["language"])
    from django.utils import translation

    with translation.override(language):
        name = (
            "Guangdong Provincial Federation of Trade Unions"
            if language == "en"
            else "广东省总工会"
        )
        assert str(guangdong) == name

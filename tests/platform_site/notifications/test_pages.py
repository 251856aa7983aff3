"""The bell list is one's own; the operator's page shows no text and no whole address."""

from __future__ import annotations

import pytest
from django.urls import reverse

from platform_site.accounts.roles import Role
from platform_site.audit.models import Entry
from platform_site.federations.models import Federation
from platform_site.notifications import queries, services
from platform_site.notifications.models import Delivery, PortalNotice
from platform_site.problems import NotAllowed, StepNotOpen
from tests.factories.accounts import office

from .conftest import EVENT

pytestmark = pytest.mark.django_db


@pytest.fixture
def notices(wang, smith):
    for n in range(3):
        services.notify(
            [wang, smith],
            EVENT,
            subject=None,
            context={"matter": f"第{n}件事 <script>"},
            key=f"k:{n}",
            url="/w/notifications/?show=unread",
        )
    return list(PortalNotice.objects.filter(user=wang).order_by("key"))


@pytest.fixture
def operator(smith):
    federation = Federation.objects.filter(kind="national").first() or Federation.objects.create(
        code="ACFTU", level=1, kind="national", name_zh="全总", name_en="ACFTU", position=0
    )
    office(smith, Role.SYSTEM_ADMINISTRATOR, federation)
    return smith


@pytest.fixture
def failed(wang):
    services.notify(
        [wang], EVENT, subject=None, context={"matter": "绝不外露的正文"}, key="failed:1"
    )
    Delivery.objects.update(state="failed", tries=8, failed_reason="550 unknown user")
    return Delivery.objects.get()


def test_the_list_is_ones_own(client, wang, smith, notices):
    client.force_login(wang, backend="platform_site.accounts.backends.SignInBackend")
    answer = client.get(reverse("notification-list"))
    assert answer.status_code == 200
    assert {row.user_id for row in answer.context["page"].rows} == {wang.pk}
    assert b"<script>\n" not in answer.content
    assert "&lt;script&gt;" in answer.content.decode()
    theirs = PortalNotice.objects.filter(user=smith).first()
    assert client.get(reverse("notification-open", args=[theirs.pk])).status_code == 404
    assert client.post(reverse("notification-read", args=[theirs.pk])).status_code == 404
    assert queries.unread_count(smith) == 3


def test_opening_marks_read_and_leads_on(client, wang, notices):
    client.force_login(wang, backend="platform_site.accounts.backends.SignInBackend")
    assert queries.unread_count(wang) == 3
    answer = client.get(reverse("notification-open", args=[notices[0].pk]))
    assert (answer.status_code, answer["Location"]) == (302, "/w/notifications/?show=unread")
    assert queries.unread_count(wang) == 2
    client.post(reverse("notification-read", args=[notices[1].pk]))
    assert queries.unread_count(wang) == 1
    unread = client.get(reverse("notification-list"), {"show": "unread"})
    assert [row.pk for row in unread.context["page"].rows] == [notices[2].pk]
    client.post(reverse("notification-read-all"))
    assert queries.unread_count(wang) == 0
    assert client.get(reverse("notification-read-all")).status_code == 405


def test_a_link_off_the_site_is_not_followed(client, wang, notices):
    client.force_login(wang, backend="platform_site.accounts.backends.SignInBackend")
    PortalNotice.objects.update(url="https://evil.example/")
    assert client.get(reverse("notification-open", args=[notices[0].pk])).status_code == 200


def test_queries_do_not_grow_with_rows(client, wang, notices, django_assert_max_num_queries):
    client.force_login(wang, backend="platform_site.accounts.backends.SignInBackend")
    with django_assert_max_num_queries(12):
        client.get(reverse("notification-list"))


def test_the_operator_sees_failures_without_text_or_address(client, operator, failed):
    client.force_login(operator, backend="platform_site.accounts.backends.SignInBackend")
    answer = client.get(reverse("delivery-list"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "550 unknown user" in page
    assert "w***@union.example" in page
    assert "wang@" not in page
    assert "绝不外露" not in page


def test_sending_again_is_the_operators_and_recorded(client, operator, wang, failed):
    with pytest.raises(NotAllowed):
        services.resend_delivery(failed, by=wang)
    client.force_login(operator, backend="platform_site.accounts.backends.SignInBackend")
    client.post(reverse("delivery-resend", args=[failed.pk]))
    failed.refresh_from_db()
    assert (failed.state, failed.tries) == ("waiting", 0)
    told = Entry.objects.filter(action="notifications.resend_delivery", subject_id=str(failed.pk))
    assert told.count() == 1
    with pytest.raises(StepNotOpen):
        services.resend_delivery(failed, by=operator)


def test_others_have_no_such_page(client, wang, failed):
    client.force_login(wang, backend="platform_site.accounts.backends.SignInBackend")
    assert client.get(reverse("delivery-list")).status_code == 403
    assert client.post(reverse("delivery-resend", args=[failed.pk])).status_code == 404

"""Pages over rows that share their values, hold NULLs, and are ordered both ways."""

import base64
import datetime
import json

import pytest
from django.db import connection, models

from platform_site.lists import keyset, ordering
from platform_site.problems import Unreadable

NOON = datetime.datetime(2026, 9, 14, 4, 0, 0, 123456, tzinfo=datetime.UTC)


class Owner(models.Model):
    label = models.CharField(max_length=20)

    class Meta:
        app_label = "lists"
        db_table = "test_keyset_owner"


class Row(models.Model):
    at = models.DateTimeField()
    due_on = models.DateField(null=True)
    rank = models.IntegerField(default=0)
    owner = models.ForeignKey(Owner, models.CASCADE, null=True)

    class Meta:
        app_label = "lists"
        db_table = "test_keyset_row"


@pytest.fixture
def tables(db):
    """Tables of this test alone: the rollback at its end takes them away."""
    with connection.schema_editor() as editor:
        editor.create_model(Owner)
        editor.create_model(Row)


def walk(queryset, order, size):
    seen, cursor = [], None
    for _ in range(2000):
        page = keyset.page(queryset, order=order, size=size, cursor=cursor)
        seen += [row.pk for row in page.rows]
        if page.next is None:
            return seen, page
        cursor = page.next
    raise AssertionError("the pages have no end")


def walk_back(queryset, order, size, page):
    seen = [row.pk for row in reversed(page.rows)]
    while page.previous:
        page = keyset.page(queryset, order=order, size=size, cursor=page.previous)
        seen += [row.pk for row in reversed(page.rows)]
    return list(reversed(seen))


def test_5000_rows_of_one_time_come_once_each(tables):
    Row.objects.bulk_create(Row(at=NOON) for _ in range(5000))
    seen, last = walk(Row.objects.all(), ("-at",), 100)
    assert seen == list(Row.objects.order_by("-at", "-id").values_list("pk", flat=True))
    assert walk_back(Row.objects.all(), ("-at",), 100, last) == seen


@pytest.mark.parametrize(
    "order",
    [
        ("due_on",),
        ("-due_on",),
        ("due_on", "-id"),
        ("-due_on", "id"),
        ("rank", "-due_on", "id"),
        ("-rank", "due_on", "-at", "id"),
        ("rank", "-id"),
        ("owner__label", "-due_on", "id"),
        ("-owner", "rank"),
    ],
)
def test_mixed_orders_with_nulls_lose_and_repeat_nothing(tables, order):
    owners = [Owner.objects.create(label=label) for label in "甲乙丙"]
    days = [None, datetime.date(2026, 9, 1), datetime.date(2026, 9, 2), None]
    Row.objects.bulk_create(
        Row(
            at=NOON + datetime.timedelta(microseconds=n % 3),
            due_on=days[n % 4],
            rank=n % 5,
            owner=owners[n % 3] if n % 7 else None,
        )
        for n in range(120)
    )
    queryset = Row.objects.select_related("owner")
    seen, last = walk(queryset, order, 7)
    whole = [row.pk for row in keyset.page(queryset, order=order, size=500, cursor=None).rows]
    assert seen == whole
    assert len(set(seen)) == 120
    assert walk_back(queryset, order, 7, last) == seen


def test_annotations_and_values_can_order(tables):
    Row.objects.bulk_create(Row(at=NOON, rank=n % 4) for n in range(30))
    columns = ["double", "id"]
    queryset = Row.objects.annotate(double=models.F("rank") * 2)
    seen, cursor = [], None
    while True:
        page = keyset.page(queryset, order=("-double",), size=7, cursor=cursor, columns=columns)
        seen += [key for _double, key in page]
        cursor = page.next
        if not cursor:
            break
    assert sorted(seen) == sorted(Row.objects.values_list("id", flat=True))


def test_one_way_orders_are_one_row_comparison(tables, django_assert_num_queries):
    Row.objects.bulk_create(Row(at=NOON) for _ in range(30))
    cursor = keyset.page(Row.objects.all(), order=("-at",), size=10, cursor=None).next
    with django_assert_num_queries(1) as queries:
        keyset.page(Row.objects.all(), order=("-at",), size=10, cursor=cursor)
    assert " < (" in queries[0]["sql"]


def test_first_and_last_page_have_open_ends_only_inwards(tables):
    Row.objects.bulk_create(Row(at=NOON) for _ in range(4))
    first = keyset.page(Row.objects.all(), order=("id",), size=2, cursor=None)
    assert first.previous is None
    second = keyset.page(Row.objects.all(), order=("id",), size=2, cursor=first.next)
    assert second.next is None
    again = keyset.page(Row.objects.all(), order=("id",), size=2, cursor=second.previous)
    assert [row.pk for row in again] == [row.pk for row in first]
    assert again.previous is None
    assert again.next == first.next


def test_rows_gone_since_leave_a_way_back(tables):
    Row.objects.bulk_create(Row(at=NOON) for _ in range(4))
    first = keyset.page(Row.objects.all(), order=("id",), size=2, cursor=None)
    Row.objects.filter(pk__gt=first.rows[-1].pk).delete()
    empty = keyset.page(Row.objects.all(), order=("id",), size=2, cursor=first.next)
    assert empty.rows == []
    assert empty.next is None
    assert keyset.page(Row.objects.all(), order=("id",), size=2, cursor=empty.previous).rows


def sealed(content):
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "工会",
        "%%%",
        "a" * 5000,
        sealed([0, "at,id", ["2026-09-14"]]),
        sealed([0, "at,id", ["not a time", 1]]),
        sealed([0, "at,id", [None, 1]]),
        sealed([0, "at,id", ["2026-09-14T00:00:00Z", 10**40]]),
        sealed([0, "at,id", ["2026-09-14T00:00:00Z", {"a": 1}]]),
        sealed([0, "at,id", [NOON.isoformat(), "\x00"]]),
        sealed([2, "at,id", [NOON.isoformat(), 1]]),
        sealed([0, "-at,-id", [NOON.isoformat(), 1]]),
        sealed({"a": 1}),
        sealed(None),
        sealed(float("nan")),
    ],
)
def test_a_broken_cursor_is_unreadable(tables, cursor):
    with pytest.raises(Unreadable) as refusal:
        keyset.page(Row.objects.all(), order=("at", "id"), size=10, cursor=cursor)
    assert refusal.value.code == "broken_cursor"


ALLOWED = {"due": ("due_on", "id"), "newest": ("-at", "-id")}


@pytest.mark.parametrize(
    ("requested", "order"),
    [
        (None, ("-at", "-id")),
        ("", ("-at", "-id")),
        ("due", ("due_on", "id")),
        ("-due", ("-due_on", "-id")),
        ("-newest", ("at", "id")),
    ],
)
def test_orders_have_names(requested, order):
    assert ordering.resolve(requested, ALLOWED, "newest") == order


@pytest.mark.parametrize("requested", ["id", "password", "--due", "due_on"])
def test_an_unknown_order_is_unreadable(requested):
    with pytest.raises(Unreadable) as refusal:
        ordering.resolve(requested, ALLOWED, "newest")
    assert "due, newest" in str(refusal.value.message)

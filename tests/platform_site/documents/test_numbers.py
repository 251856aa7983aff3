"""Numbers from a series: no gap and no repetition, whoever comes at once and whoever gives up."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import DatabaseError, connection, transaction

from platform_site.audit.models import Entry
from platform_site.documents import services
from platform_site.documents.models import DocumentNumber, NumberSeries
from platform_site.documents.numbers import Number
from platform_site.problems import Invalid, NotAllowed, StepNotOpen

DAY = dt.date(2026, 9, 14)


@pytest.fixture
def series(reference) -> NumberSeries:
    return NumberSeries.objects.get(word="总工办发")


def take(series, by, on=DAY) -> str:
    return str(services.take_number(series, by=by, subject="关于某事的通知", on=on))


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_with_some_giving_up(series, national_officer):
    start = Barrier(50)

    class GaveUp(Exception):
        pass

    def taker(place: int) -> int | None:
        start.wait()
        try:
            with transaction.atomic():
                number = services.take_number(
                    series, by=national_officer, subject=f"第{place}件", on=DAY
                )
                if place % 5 == 0:
                    raise GaveUp
            return number.no
        except GaveUp:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        first = [no for no in pool.map(taker, range(50)) if no]
        assert sorted(first) == list(range(1, 41))
        start = Barrier(10)
        rest = list(pool.map(taker, [1] * 10))
    assert sorted(first + rest) == list(range(1, 51))
    held = DocumentNumber.objects.values_list("no", flat=True).order_by("no")
    assert list(held) == list(range(1, 51))


@pytest.mark.django_db
def test_each_series_and_each_year_counts_by_itself(series, national_officer):
    letters = NumberSeries.objects.get(word="总工函")
    assert take(series, national_officer) == "总工办发〔2026〕1号"
    assert take(series, national_officer) == "总工办发〔2026〕2号"
    assert take(letters, national_officer) == "总工函〔2026〕1号"
    assert take(series, national_officer, dt.date(2027, 1, 1)) == "总工办发〔2027〕1号"
    entry = Entry.objects.filter(action="documents.number.take").latest("at")
    assert entry.facts == {"number": "总工办发〔2027〕1号"}


@pytest.mark.django_db
def test_a_number_typed_by_hand_is_never_given_again(series, national_officer, the_day, draft):
    notice = draft(number=("总工办发", 2026, 2))
    assert take(series, national_officer).endswith("〕1号")
    assert take(series, national_officer).endswith("〕3号")
    other = draft(title="另一件通知")
    with pytest.raises(Invalid) as refused:
        services.reserve_number(
            Number("总工办发", 2026, 2), by=national_officer, subject="又一件", of=other
        )
    assert refused.value.code == "number_taken"
    # Given up by its draft it is filled before anything new.
    services.release_number(notice)
    assert take(series, national_officer).endswith("〕2号")
    assert take(series, national_officer).endswith("〕4号")


@pytest.mark.django_db
def test_a_series_begins_where_paper_ended(series, national_officer):
    services.change_series(
        series,
        by=national_officer,
        version=series.version,
        issuer=series.issuer,
        label=series.label,
        layout=series.layout,
        printed_by="",
        active=True,
        first=32,
        year=2026,
    )
    assert take(series, national_officer) == "总工办发〔2026〕32号"
    assert take(series, national_officer, dt.date(2027, 1, 4)) == "总工办发〔2027〕1号"


@pytest.mark.django_db
def test_others_take_no_number_and_a_series_out_of_use_gives_none(
    series, guangdong_officer, national_leader, national_officer
):
    for person in (guangdong_officer, national_leader):
        with pytest.raises(NotAllowed):
            take(series, person)
    NumberSeries.objects.filter(pk=series.pk).update(active=False)
    series.refresh_from_db()
    with pytest.raises(StepNotOpen):
        take(series, national_officer)
    assert not DocumentNumber.objects.exists()


@pytest.mark.django_db
def test_a_number_of_a_series_is_never_deleted(series, national_officer):
    take(series, national_officer)
    with pytest.raises(DatabaseError), transaction.atomic():
        DocumentNumber.objects.all().delete()
    assert DocumentNumber.objects.count() == 1


@pytest.mark.django_db
def test_a_province_has_a_series_of_its_own(national_officer, guangdong, guangdong_officer):
    series = services.add_series(
        by=national_officer, federation=guangdong, word="粤工发", issuer="广东省总工会"
    )
    assert take(series, guangdong_officer) == "粤工发〔2026〕1号"
    with pytest.raises(NotAllowed):
        take(series, national_officer)
    for word, code in (("粤工发", "word_taken"), ("ABC", "word_unreadable")):
        with pytest.raises(Invalid) as refused:
            services.add_series(by=national_officer, federation=guangdong, word=word, issuer="甲")
        assert refused.value.code == code

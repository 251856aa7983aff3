import datetime as dt
import json
import uuid
from decimal import Decimal

from django.utils.translation import gettext_lazy

from platform_site.api.renderers import dumps


def test_instants_carry_the_local_offset_and_decimals_are_strings():
    data = {
        "at": dt.datetime(2026, 9, 14, 1, 30, tzinfo=dt.UTC),
        "on": dt.date(2026, 9, 14),
        "number": Decimal("12345678901234567.8901"),
        "label": gettext_lazy("x"),
        "id": uuid.UUID(int=1),
        1: "key",
    }
    assert json.loads(dumps(data)) == {
        "at": "2026-09-14T09:30:00+08:00",
        "on": "2026-09-14",
        "number": "12345678901234567.8901",
        "label": "x",
        "id": "00000000-0000-0000-0000-000000000001",
        "1": "key",
    }


def test_an_absurd_integer_is_still_written():
    assert json.loads(dumps({"n": 10**30})) == {"n": 10**30}

"""JSON with limits: what is odd is refused with its reason, never guessed at."""

import io

import pytest

from platform_site.api import parsers
from platform_site.problems import TooLarge, Unreadable


def test_plain_json_is_read_as_it_is():
    assert parsers.parse('{"a": [1, 2.5, "中文 😀", null, true]}'.encode()) == {
        "a": [1, 2.5, "中文 😀", None, True]
    }


def test_an_escaped_pair_of_surrogates_is_one_character():
    assert parsers.parse(rb'["\ud83d\ude00"]') == ["😀"]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "not_json"),
        (b"{", "not_json"),
        (b'{"a": 1,}', "not_json"),
        (b"\xef\xbb\xbf{}", "not_json"),
        (b'"\xff"', "not_utf8"),
        ('{"a": 1}'.encode("utf-16"), "not_utf8"),
        (b'["\\u0000"]', "hostile_text"),
        (b'{"\\u0000": 1}', "hostile_text"),
        (b'[["\\ud800"]]', "hostile_text"),
        (b'{"a": {"\\udc00": 1}}', "hostile_text"),
        (b"[NaN]", "not_a_number"),
        (b"[-Infinity]", "not_a_number"),
        (b"[1e999]", "number_out_of_range"),
        (b"[" + b"9" * 5000 + b"]", "number_out_of_range"),
        (b'{"a": 1, "a": 2}', "duplicate_member"),
        (b'[{"b": {"a": 1, "a": 1}}]', "duplicate_member"),
        (b"[" * 51 + b"]" * 51, "too_deep"),
        (b'{"a":' * 51 + b"1" + b"}" * 51, "too_deep"),
        (b"[" * 200_000, "too_deep"),
    ],
)
def test_what_is_refused(raw, code):
    with pytest.raises(Unreadable) as refused:
        parsers.parse(raw)
    assert refused.value.code == code
    assert refused.value.status == 400


def test_fifty_levels_are_allowed():
    assert parsers.parse(b"[" * 50 + b"]" * 50)


def test_a_body_over_the_limit_is_413():
    body = io.BytesIO(b'"' + b"a" * parsers.MAX_BYTES + b'"')
    with pytest.raises(TooLarge) as refused:
        parsers.StrictJSONParser().parse(body)
    assert refused.value.status == 413


def test_a_body_at_the_limit_is_read():
    body = io.BytesIO(b'"' + b"a" * (parsers.MAX_BYTES - 2) + b'"')
    assert len(parsers.StrictJSONParser().parse(body)) == parsers.MAX_BYTES - 2

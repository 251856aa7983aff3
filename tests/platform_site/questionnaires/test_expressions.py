"""Sums of questions: read as people write them, and whether rules can hold."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from platform_site.questionnaires.expressions import in_words, parse
from platform_site.questionnaires.rules import reach, wanted


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a + b", 5),
        ("a+b-1", 4),
        ("-a + 10", 8),
        ("2 * a + b*3", 13),
        ("２×ａ".replace("ａ", "a"), 4),
        ("a － b ＋ 0.5", Decimal("-0.5")),
        ("a + a", 4),
    ],
)
def test_sums_are_reckoned(text, value):
    assert parse(text).of({"a": Decimal(2), "b": Decimal(3)}) == value


@pytest.mark.parametrize("text", ["", "a +", "a b", "a * b", "1..5", "a / 2", "(a)", "2a", "a--b"])
def test_what_is_no_sum_is_refused(text):
    with pytest.raises(ValidationError):
        parse(text)


def test_too_long_a_sum_is_refused():
    with pytest.raises(ValidationError):
        parse("+".join(["a"] * 41))


def test_in_words():
    assert in_words("2*a+b", {"a": "甲", "b": "乙"}) == "2 × “甲” + “乙”"


def holds_at_all(left, comparison, right, **bounds):
    shape, span = wanted(parse(left), comparison, parse(right))
    limits = {
        code: tuple(None if end is None else Decimal(end) for end in ends)
        for code, ends in bounds.items()
    }
    return not span.meets(reach(shape, limits)).is_empty()


def test_whether_a_rule_can_hold():
    assert holds_at_all("a", "gt", "5", a=(0, 10))
    assert not holds_at_all("a", "gt", "10", a=(0, 10))
    assert holds_at_all("a", "ge", "10", a=(0, 10))
    assert not holds_at_all("a - b", "eq", "11", a=(0, 10), b=(0, 5))
    assert not holds_at_all("-a", "gt", "0", a=(0, None))
    assert holds_at_all("a", "eq", "b")

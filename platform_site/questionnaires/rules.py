"""Rules across questions: whether they hold in a sheet, and whether they can hold at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .expressions import Sum, parse
from .models import Question, Rule

_HOLDS = {
    Rule.Comparison.EQUAL: lambda left, right: left == right,
    Rule.Comparison.AT_MOST: lambda left, right: left <= right,
    Rule.Comparison.AT_LEAST: lambda left, right: left >= right,
    Rule.Comparison.LESS: lambda left, right: left < right,
    Rule.Comparison.MORE: lambda left, right: left > right,
}


def broken(
    rules: Iterable[Rule],
    questions: Sequence[Question],
    numbers: Mapping[str, Decimal],
    asked: Collection[str],
) -> Iterator[tuple[Rule, Question]]:
    """The rules that do not hold, each with the question beside which that is said: the first asked one.

    ``numbers`` by code of what is answered, totals of tables too. A rule is looked at once all of its questions that are
    asked are answered: what is left open is blank, never zero. One that is not asked adds nothing; a
    rule whose left or right side has questions, and none of them is asked, says nothing.
    """
    by_code = {question.code: question for question in questions}
    for rule in rules:
        left, right = parse(rule.left), parse(rule.right)
        sides = [[code for code in side.terms if _of(code) in asked] for side in (left, right)]
        if any(side.terms and not here for side, here in zip((left, right), sides, strict=True)):
            continue
        involved = [*sides[0], *sides[1]]
        if not involved or any(code not in numbers for code in involved):
            continue
        known = {code: numbers[code] for code in involved}
        if not _HOLDS[Rule.Comparison(rule.comparison)](left.of(known), right.of(known)):
            yield rule, by_code[_of(involved[0])]


def _of(code: str) -> str:
    """The question of a number: a total is named ``table.column``."""
    return code.partition(".")[0]


# --- Whether rules can hold -------------------------------------------------------------------------
@dataclass(frozen=True)
class Span:
    """The numbers between two ends; None is no end, and ``open`` ends do not belong to it."""

    low: Decimal | None = None
    high: Decimal | None = None
    low_open: bool = False
    high_open: bool = False

    def is_empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    def meets(self, other: Span) -> Span:
        low, low_open = self.low, self.low_open
        if other.low is not None and (low is None or other.low > low):
            low, low_open = other.low, other.low_open
        elif other.low == low:
            low_open = low_open or other.low_open
        high, high_open = self.high, self.high_open
        if other.high is not None and (high is None or other.high < high):
            high, high_open = other.high, other.high_open
        elif other.high == high:
            high_open = high_open or other.high_open
        return Span(low, high, low_open, high_open)


#: A sum without its number, scaled so that its first question counts once.
Shape = tuple[tuple[str, Decimal], ...]


def wanted(left: Sum, comparison: str, right: Sum) -> tuple[Shape, Span] | None:
    """The rule as “this sum lies in that span”; None where no question is left in it."""
    whole = left.minus(right)
    if not whole.terms:
        return None
    terms = sorted(whole.terms.items())
    scale = terms[0][1]
    shape = tuple((code, factor / scale) for code, factor in terms)
    limit = -whole.constant / scale
    kind = Rule.Comparison(comparison)
    if kind == Rule.Comparison.EQUAL:
        return shape, Span(limit, limit)
    strict = kind in (Rule.Comparison.LESS, Rule.Comparison.MORE)
    below = kind in (Rule.Comparison.LESS, Rule.Comparison.AT_MOST)
    if below == (scale > 0):
        return shape, Span(high=limit, high_open=strict)
    return shape, Span(low=limit, low_open=strict)


def reach(shape: Shape, bounds: Mapping[str, tuple[Decimal | None, Decimal | None]]) -> Span:
    """Between which numbers the sum lies, given the hard range of each question."""
    low: Decimal | None = Decimal(0)
    high: Decimal | None = Decimal(0)
    for code, factor in shape:
        least, most = bounds.get(code, (None, None))
        if factor < 0:
            least, most = most, least
        low = None if low is None or least is None else low + factor * least
        high = None if high is None or most is None else high + factor * most
    return Span(low, high)


@dataclass(frozen=True)
class Limit:
    """``more - less <= most`` (below it, where ``strict``); "" is nought. ``rule`` is the place of the rule
    that says so, None for the hard range of a question."""

    more: str
    less: str
    most: Decimal
    strict: bool
    rule: int | None


def limits_of(shape: Shape, span: Span, rule: int | None) -> list[Limit]:
    """What a rule about one number, or the difference of two, says; nothing of any other sum."""
    factors = [factor for _code, factor in shape]
    if factors == [1]:
        more, less = shape[0][0], ""
    elif factors == [1, -1]:
        more, less = shape[0][0], shape[1][0]
    else:
        return []
    found = []
    if span.high is not None:
        found.append(Limit(more, less, span.high, span.high_open, rule))
    if span.low is not None:
        found.append(Limit(less, more, -span.low, span.low_open, rule))
    return found


def circle(limits: Sequence[Limit]) -> set[int]:
    """The rules of a circle that cannot hold, by place; empty where there is none.

    Shortest ways from nowhere in particular (Bellman and Ford): a way that still gets shorter after as many
    steps as there are numbers goes round, and adds up to less than nothing. Strictness counts after the limit.
    """
    numbers = {each.more for each in limits} | {each.less for each in limits}
    way = {number: (Decimal(0), 0) for number in numbers}
    by: dict[str, Limit] = {}
    shortened: str | None = None
    for _step in range(len(numbers)):
        shortened = None
        for each in limits:
            length, strict = way[each.less]
            through = (length + each.most, strict - each.strict)
            if through < way[each.more]:
                way[each.more], by[each.more] = through, each
                shortened = each.more
        if shortened is None:
            return set()
    if shortened is None:
        return set()
    for _step in range(len(numbers)):  # back onto the circle
        shortened = by[shortened].less
    found: set[int] = set()
    number = shortened
    while True:
        if (rule := by[number].rule) is not None:
            found.add(rule)
        number = by[number].less
        if number == shortened:
            return found

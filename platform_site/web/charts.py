"""What a chart is before it is drawn: words and numbers. ``{% bar_chart chart %}`` and
``{% line_chart chart %}`` draw it.

Drawn on the server as a table whose rows carry their bars, so that every chart is its own table and
its own text (decision 0012). A number that is not known is None: a blank, never a zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from .menu import Text

#: A tone is a colour *and* a pattern, so that a bar can be read without seeing colours:
#: green solid, blue dotted, amber with level lines, red hatched, grey outlined.
TONES = ("green", "blue", "amber", "red", "grey")


@dataclass(frozen=True)
class Series:
    """One kind of part of every bar."""

    label: Text
    tone: str

    def __post_init__(self) -> None:
        if self.tone not in TONES:
            raise ValueError(f"a chart has no tone {self.tone}")


@dataclass(frozen=True)
class Part:
    """A drawn part: where it begins and how wide it is, as SVG takes it ("12.5%")."""

    tone: str
    x: str
    width: str


@dataclass(frozen=True)
class Bar:
    """One row: its name, a value for each series (None: not known), and where it leads.

    ``note`` stands in place of the bar where there is nothing to draw.
    """

    label: Text
    values: tuple[int | Decimal | None, ...]
    url: str = ""
    note: Text = ""

    @property
    def total(self) -> int | Decimal:
        return sum((value or 0 for value in self.values), 0)


@dataclass(frozen=True)
class BarChart:
    """Stacked bars that lie.

    ``code`` is unique on its page (it names the patterns); ``category`` heads the column of the bars'
    names; ``unit`` says what is counted and ``hint`` how to read it. With ``shares`` every bar is as long as the others and its
    parts are shares of its own total; without, lengths compare.
    """

    code: str
    title: Text
    category: Text
    unit: Text
    series: tuple[Series, ...]
    bars: tuple[Bar, ...]
    shares: bool = False
    hint: Text = ""

    def __post_init__(self) -> None:
        for bar in self.bars:
            if len(bar.values) != len(self.series):
                raise ValueError(f"{bar.label}: one value for each series")

    @property
    def is_narrow(self) -> bool:
        """Few enough columns to stay a table on a phone."""
        return len(self.series) <= 2

    def parts_of(self, bar: Bar) -> list[Part]:
        whole = bar.total if self.shares else max((each.total for each in self.bars), default=0)
        parts, start = [], 0.0
        for series, value in zip(self.series, bar.values, strict=True):
            if value and value > 0:
                width = float(100 * value / whole)
                parts.append(Part(series.tone, f"{start:.2f}%", f"{width:.2f}%"))
                start += width
        return parts


@dataclass(frozen=True)
class Point:
    """One place on a line: its name, its number (None: not known) and the number in words; ``cells``
    stand beside it in the table."""

    label: Text
    number: Decimal | None
    word: str = ""
    cells: tuple[Text, ...] = ()
    url: str = ""


@dataclass(frozen=True)
class Mark:
    """A drawn point, as SVG takes it, and the line that leads to it from the point before."""

    x: str
    y: str
    from_x: str = ""
    from_y: str = ""


@dataclass(frozen=True)
class LineChart:
    """One number over time, drawn above the table it is from: ``{% line_chart chart %}``.

    ``heading`` heads the column of the numbers, ``headings`` those of the points' further cells. The
    line begins at zero and is broken where nothing is known. ``low`` and ``high`` are the words at its edges.
    """

    code: str
    title: Text
    category: Text
    heading: Text
    points: tuple[Point, ...]
    headings: tuple[Text, ...] = ()
    low: str = "0"
    high: str = ""

    def _height_of(self, number: Decimal) -> str:
        """A place between the edges, with a little room so that no point is cut off."""
        known = [each.number for each in self.points if each.number is not None]
        floor, ceiling = min(Decimal(0), *known), max(Decimal(0), *known)
        whole = ceiling - floor
        share = float((number - floor) / whole) if whole else 0.0
        return f"{95 - 90 * share:.2f}%"

    @property
    def zero(self) -> str:
        """Where the line of zero lies."""
        return self._height_of(Decimal(0))

    def marks(self) -> list[Mark]:
        step = 100 / max(len(self.points), 1)
        marks: list[Mark] = []
        before: tuple[str, str] | None = None
        for place, each in enumerate(self.points):
            if each.number is None:
                before = None
                continue
            x, y = f"{step * (place + 0.5):.2f}%", self._height_of(each.number)
            marks.append(Mark(x, y, *(before or ("", ""))))
            before = (x, y)
        return marks

    def ticks(self) -> list[tuple[str, Text]]:
        """Names below the line: the first and the last, and between them as many as there is room for."""
        many = len(self.points)
        step = max(1, -(-many // 6))
        shown = [place for place in range(0, many, step) if many - 1 - place >= step or not place]
        if many > 1:
            shown.append(many - 1)
        return [(f"{100 * (place + 0.5) / many:.2f}%", self.points[place].label) for place in shown]

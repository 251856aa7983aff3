"""What an official document says, apart from how it looks: plain data, JSON both ways.

The builders (``docx``, ``pdf``) lay the same :class:`Official` out to GB/T 9704-2012. An edition is
frozen by keeping ``to_json()``; ``Official.from_json()`` gives the same document again.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

from .numbers import Number

Kind = Literal["notice", "letter", "summary", "circular"]
KINDS: tuple[Kind, ...] = ("notice", "letter", "summary", "circular")
Align = Literal["left", "center", "right"]
#: 公开 and 内部 are all this platform may hold; anything above is refused.
CLASSIFICATIONS = ("公开", "内部")

SAMPLE_MARK = "样例"
DRAFT_MARK = "草稿"


@dataclass(frozen=True)
class Heading:
    """A heading of level 1 to 4: 一、 黑体, （一） 楷体, 1. and （1） 仿宋.

    The builder numbers headings; one whose text brings its own number keeps it and the count goes
    on from there. ``rest`` is what follows in the same paragraph, in the face of the body.
    """

    level: int
    text: str
    rest: str = ""

    def __post_init__(self) -> None:
        if self.level not in (1, 2, 3, 4):
            raise ValueError(f"headings have the levels 1 to 4, not {self.level}")


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Column:
    """``width`` counts only against the other columns' widths."""

    title: str
    width: float = 1.0
    align: Align = "left"


@dataclass(frozen=True)
class Table:
    """Its first row is repeated on every page. ``landscape`` None: as many columns decide."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    landscape: bool | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", tuple(self.columns))
        object.__setattr__(self, "rows", tuple(tuple(map(str, row)) for row in self.rows))
        if not self.columns:
            raise ValueError("a table needs a column")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("every row of a table has a cell for every column")

    @property
    def is_wide(self) -> bool:
        return len(self.columns) > 6 if self.landscape is None else self.landscape


@dataclass(frozen=True)
class Bar:
    """``share`` of the longest bar, 0 to 1; None: not known, nothing is drawn."""

    label: str
    value: str
    share: float | None

    def __post_init__(self) -> None:
        if self.share is not None and not 0 <= self.share <= 1:
            raise ValueError("a bar is a share of the longest one")


@dataclass(frozen=True)
class Bars:
    """A bar chart that lies: a name, its bar, its number; in grey, so that it can be copied."""

    bars: tuple[Bar, ...]
    caption: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "bars", tuple(self.bars))


Block = Heading | Paragraph | Table | Bars
_BLOCKS: dict[str, type[Any]] = {
    "heading": Heading,
    "paragraph": Paragraph,
    "table": Table,
    "bars": Bars,
}


@dataclass(frozen=True)
class Attachment:
    """附件: named below the body. With ``body`` it is printed behind it, on a page of its own."""

    name: str
    body: tuple[Block, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "body", tuple(self.body))

    @property
    def is_wide(self) -> bool:
        return any(isinstance(block, Table) and block.is_wide for block in self.body)


@dataclass(frozen=True)
class Official:
    """One official document. Empty parts are left out; a seal is never drawn, only given room.

    ``issuer_mark`` is the red head (发文机关标志); without it there is no red head at all, as on a
    summary for use inside the house. ``made_on`` is 成文日期. ``notes`` stand in brackets below it
    (附注), such as the contact. ``sample`` marks every page 样例, ``draft`` marks it 草稿.
    """

    kind: Kind
    title: str
    body: tuple[Block, ...] = ()
    issuer: str = ""
    issuer_mark: str = ""
    number: Number | None = None
    addressee: str = ""
    attachments: tuple[Attachment, ...] = ()
    signed_by_name: str = ""
    made_on: dt.date | None = None
    #: What stands for a day of which only the month is known.
    made_on_text: str = ""
    notes: str = ""
    copies_to: str = ""
    printed_by: str = ""
    printed_on: dt.date | None = None
    classification: str = "公开"
    sample: bool = False
    draft: bool = False
    #: Names that a line break in the title must not cut, beside the shipped words.
    names: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no kind of document is called {self.kind!r}")
        if self.classification not in CLASSIFICATIONS:
            raise ValueError("the platform holds public and internal documents only")
        for name in ("body", "attachments", "names"):
            object.__setattr__(self, name, tuple(getattr(self, name)))

    @property
    def mark(self) -> str:
        """What is said on every page: 样例 in a demonstration, 草稿 before issue."""
        return "·".join([SAMPLE_MARK] * self.sample + [DRAFT_MARK] * self.draft)

    @property
    def dated(self) -> str:
        """成文日期 in Arabic figures without leading zeros."""
        return chinese_date(self.made_on) if self.made_on else self.made_on_text

    def numbered(self) -> Official:
        """The same document with the headings numbered, in each attachment anew."""
        return dataclasses.replace(
            self,
            body=tuple(number_headings(self.body)),
            attachments=tuple(
                dataclasses.replace(each, body=tuple(number_headings(each.body)))
                for each in self.attachments
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """Values that JSON knows, nothing else."""
        data = {
            each.name: getattr(self, each.name)
            for each in dataclasses.fields(self)
            if each.name not in ("body", "attachments")
        }
        data["number"] = dataclasses.asdict(self.number) if self.number else None
        for name in ("made_on", "printed_on"):
            data[name] = data[name].isoformat() if data[name] else None
        data["names"] = list(self.names)
        data["body"] = [block_to_json(block) for block in self.body]
        data["attachments"] = [
            {"name": each.name, "body": [block_to_json(block) for block in each.body]}
            for each in self.attachments
        ]
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        given = dict(data)
        if given.get("number"):
            given["number"] = Number(**given["number"])
        for name in ("made_on", "printed_on"):
            if given.get(name):
                given[name] = dt.date.fromisoformat(given[name])
        given["body"] = [block_from_json(block) for block in given.get("body", [])]
        given["attachments"] = [
            Attachment(each["name"], tuple(block_from_json(block) for block in each["body"]))
            for each in given.get("attachments", [])
        ]
        return cls(**given)


def block_to_json(block: Block) -> dict[str, Any]:
    name = next(name for name, kind in _BLOCKS.items() if isinstance(block, kind))
    data = {"block": name, **dataclasses.asdict(block)}
    if isinstance(block, Table):
        data["columns"] = [dataclasses.asdict(column) for column in block.columns]
        data["rows"] = [list(row) for row in block.rows]
    if isinstance(block, Bars):
        data["bars"] = [dataclasses.asdict(bar) for bar in block.bars]
    return data


def block_from_json(data: Mapping[str, Any]) -> Block:
    given = dict(data)
    kind = _BLOCKS[given.pop("block")]
    if kind is Table:
        given["columns"] = tuple(Column(**column) for column in given["columns"])
    if kind is Bars:
        given["bars"] = tuple(Bar(**bar) for bar in given["bars"])
    return kind(**given)


def chinese_date(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


# --- The numbers of headings ----------------------------------------------------------------------

_FIGURES = "零一二三四五六七八九"


def chinese_number(number: int) -> str:
    """1 → 一, 12 → 十二, 20 → 二十, 105 → 一百零五; up to 999."""
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    text = f"{_FIGURES[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else _FIGURES[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (_FIGURES[ones] if ones else "")


def _label(level: int, number: int) -> str:
    if level == 1:
        return f"{chinese_number(number)}、"
    if level == 2:
        return f"（{chinese_number(number)}）"
    return f"{number}." if level == 3 else f"（{number}）"


def number_headings(blocks: Iterable[Block]) -> list[Block]:
    """Each heading with its number before its text; a lower level begins anew below a higher one."""
    counts = [0, 0, 0, 0, 0]
    done: list[Block] = []
    for block in blocks:
        if isinstance(block, Heading):
            counts[block.level] += 1
            counts[block.level + 1 :] = [0] * (4 - block.level)
            if heading_level(block.text) is None:
                label = _label(block.level, counts[block.level])
                block = dataclasses.replace(block, text=label + block.text)
        done.append(block)
    return done


_FIGURE_CHARACTERS = frozenset("一二三四五六七八九十百零〇")


def heading_level(line: str) -> int | None:
    """The level of a line that begins with the number of a heading; None when it is plain text."""
    head = line[:8]
    for before, after, level in (("", "、", 1), ("（", "）", 2), ("(", ")", 2)):
        if head.startswith(before) and after in head:
            figure = head[len(before) : head.index(after)]
            if figure and set(figure) <= _FIGURE_CHARACTERS:
                return level
            if before and figure.isascii() and figure.isdecimal():
                return 4
    for after in (".", "．"):
        figure, found, rest = line[:4].partition(after)
        # 3.5% is a number, not a heading.
        if found and figure.isascii() and figure.isdecimal() and rest and not rest[0].isdecimal():
            return 3
    return None


#: A line longer than this is no heading but a paragraph whose first sentence is one.
HEADING_LENGTH = 40


def blocks_of(text: str) -> list[Block]:
    """Plain text, a paragraph a line, as blocks; numbered lines become headings.

    The first sentence of a numbered line is the heading, what follows is its ``rest``. One that
    does not end within :data:`HEADING_LENGTH` characters is body text with a number before it.
    """
    blocks: list[Block] = []
    for line in (each.strip() for each in text.splitlines()):
        if not line:
            continue
        level = heading_level(line)
        first, stop, rest = line.partition("。")
        if level is None or len(first) > HEADING_LENGTH or (stop and level > 2):
            blocks.append(Paragraph(line))
        else:
            blocks.append(Heading(level, first + stop, rest))
    return blocks

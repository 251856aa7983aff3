"""Where each provincial federation stands on the tile map: places in a grid, no borders drawn.

A map of real outlines needs an approved drawing with its number (审图号); squares of one size need
none and give a small province the same room as a large one. Taiwan, Hong Kong and Macao are part of
the country and have their tiles, but no federation in this tree: their tiles are inactive.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

#: Columns and rows of the grid.
COLUMNS, ROWS = 8, 8


@dataclass(frozen=True)
class Place:
    """A square of the map: column and row from 1; ``letters`` are those of ISO 3166-2:CN."""

    code: str
    column: int
    row: int
    letters: str


PLACES: dict[str, Place] = {
    code: Place(code, column, row, letters)
    for code, column, row, letters in (
        ("230000", 8, 1, "HL"),
        ("650000", 1, 2, "XJ"),
        ("150000", 6, 2, "NM"),
        ("220000", 8, 2, "JL"),
        ("XPCC", 1, 3, "XPCC"),
        ("640000", 4, 3, "NX"),
        ("140000", 5, 3, "SX"),
        ("130000", 6, 3, "HE"),
        ("110000", 7, 3, "BJ"),
        ("210000", 8, 3, "LN"),
        ("630000", 2, 4, "QH"),
        ("620000", 3, 4, "GS"),
        ("610000", 4, 4, "SN"),
        ("410000", 5, 4, "HA"),
        ("370000", 6, 4, "SD"),
        ("120000", 7, 4, "TJ"),
        ("540000", 1, 5, "XZ"),
        ("510000", 3, 5, "SC"),
        ("500000", 4, 5, "CQ"),
        ("420000", 5, 5, "HB"),
        ("340000", 6, 5, "AH"),
        ("320000", 7, 5, "JS"),
        ("530000", 3, 6, "YN"),
        ("520000", 4, 6, "GZ"),
        ("430000", 5, 6, "HN"),
        ("360000", 6, 6, "JX"),
        ("330000", 7, 6, "ZJ"),
        ("310000", 8, 6, "SH"),
        ("450000", 4, 7, "GX"),
        ("440000", 5, 7, "GD"),
        ("350000", 6, 7, "FJ"),
        ("460000", 4, 8, "HI"),
    )
}

#: Tiles without a federation: name in Chinese and English beside the place.
INACTIVE: tuple[tuple[Place, str, str], ...] = (
    (Place("710000", 7, 7, "TW"), "台湾", "Taiwan"),
    (Place("810000", 6, 8, "HK"), "香港", "Hong Kong"),
    (Place("820000", 5, 8, "MO"), "澳门", "Macao"),
)


@dataclass(frozen=True)
class Tile:
    """A square with what it says: a word and an icon, never the colour alone."""

    place: Place
    name: str
    word: str
    tone: str = ""
    icon: str = ""
    url: str = ""

    @property
    def is_active(self) -> bool:
        return self.place.code in PLACES

    @property
    def label(self) -> str:
        """What stands on the square: the short name in Chinese, the letters in English."""
        return self.place.letters if (get_language() or "").startswith("en") else self.name


def inactive() -> list[Tile]:
    """The three tiles that have no federation in this tree."""
    english = (get_language() or "").startswith("en")
    return [
        Tile(place, name_en if english else name_zh, str(_("no federation in this tree")))
        for place, name_zh, name_en in INACTIVE
    ]


def in_reading_order(tiles: list[Tile]) -> list[Tile]:
    return sorted(tiles, key=lambda tile: (tile.place.row, tile.place.column))

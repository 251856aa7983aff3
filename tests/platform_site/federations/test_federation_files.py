"""The files that the project ships: how many federations, whose child each is, how they sort."""

import re
from collections import Counter

import pytest

from platform_site.federations.management.commands.load_federations import DATA, FILES, read

ROWS = [row for name in FILES for row in read(DATA / name)]
BY_CODE = {row["code"]: row for row in ROWS}


def test_counts_by_level_and_kind():
    assert Counter(row["level"] for row in ROWS) == {"1": 1, "2": 43, "3": 347, "4": 2841}
    assert Counter(row["kind"] for row in ROWS) == {
        "national": 1,
        "provincial": 31,
        "corps": 1,
        "industrial": 10,
        "central_organs": 1,
        "prefecture": 333,
        "division": 14,
        "county": 2841,
    }


def test_kinds_of_prefectures():
    kinds = Counter(
        re.search("(市|自治州|盟|地区)总工会$", row["name_zh"])[1]
        for row in ROWS
        if row["kind"] == "prefecture"
    )
    assert kinds == {"市": 293, "自治州": 30, "地区": 7, "盟": 3}


def test_codes_are_unique_and_well_formed():
    assert len(BY_CODE) == len(ROWS)
    own = re.compile(r"ACFTU|XPCC|XPCC(0[1-9]|1[0-4])|IU(0[1-9]|10)|CSO")
    assert [c for c in BY_CODE if not re.fullmatch(r"[1-6]\d{5}", c) and not own.fullmatch(c)] == []


def test_every_parent_exists_and_stands_above():
    for row in ROWS:
        if row["level"] == "1":
            assert row["parent"] == ""
        else:
            assert int(BY_CODE[row["parent"]]["level"]) < int(row["level"])


def test_a_child_bears_its_parents_code_or_hangs_on_the_province():
    for row in ROWS:
        if row["kind"] in ("prefecture", "county"):
            assert row["parent"] in (f"{row['code'][:4]}00", f"{row['code'][:2]}0000")


@pytest.mark.parametrize(
    ("code", "parent"),
    [
        ("110105", "110000"),  # a district of a municipality
        ("500229", "500000"),  # a county of Chongqing
        ("429004", "420000"),  # administered by the province itself
        ("659001", "650000"),
        ("440106", "440100"),
        ("XPCC08", "XPCC"),
        ("440100", "440000"),
        ("440000", "ACFTU"),
        ("IU10", "ACFTU"),
    ],
)
def test_parents(code, parent):
    assert BY_CODE[code]["parent"] == parent


def test_headings_and_zones_are_left_out():
    for code in ("429000", "440101", "130171", "350681", "232761"):
        assert code not in BY_CODE
    names = {row["name_zh"] for row in ROWS}
    assert not names & {"市辖区总工会", "县总工会"}
    assert [name for name in names if "开发区" in name] == []


def test_parents_without_children_are_the_four_cities_without_districts():
    parents = {row["parent"] for row in ROWS}
    prefectures = [row for row in ROWS if row["kind"] == "prefecture"]
    childless = {row["short_zh"] for row in prefectures if row["code"] not in parents}
    # Sansha's districts are missing in the source; Jiayuguan has none there either.
    assert childless == {"东莞", "中山", "儋州", "三沙", "嘉峪关"}


@pytest.mark.parametrize(
    ("code", "zh", "en"),
    [
        ("440100", "广州市总工会", "Guangzhou Federation of Trade Unions"),
        (
            "222400",
            "延边朝鲜族自治州总工会",
            "Yanbian Korean Autonomous Prefecture Federation of Trade Unions",
        ),
        ("150100", "呼和浩特市总工会", "Hohhot Federation of Trade Unions"),
        ("540100", "拉萨市总工会", "Lhasa Federation of Trade Unions"),
        ("653100", "喀什地区总工会", "Kashgar Prefecture Federation of Trade Unions"),
        ("152500", "锡林郭勒盟总工会", "Xilingol League Federation of Trade Unions"),
        ("610000", "陕西省总工会", "Shaanxi Provincial Federation of Trade Unions"),
        ("610100", "西安市总工会", "Xi'an Federation of Trade Unions"),
        ("440106", "天河区总工会", "Tianhe District Federation of Trade Unions"),
        (
            "150522",
            "科尔沁左翼后旗总工会",
            "Horqin Left Wing Rear Banner Federation of Trade Unions",
        ),
    ],
)
def test_names(code, zh, en):
    assert (BY_CODE[code]["name_zh"], BY_CODE[code]["name_en"]) == (zh, en)


@pytest.mark.parametrize(
    ("code", "pinyin", "initials"),
    [
        ("110000", "bei jing", "bj"),
        ("500000", "chong qing", "cq"),
        ("430100", "chang sha", "cs"),
        ("350200", "xia men", "xm"),
        ("341500", "lu an", "la"),
        ("340300", "beng bu", "bb"),
        ("341600", "bo zhou", "bz"),
        ("331000", "tai zhou", "tz"),
        ("331100", "li shui", "ls"),
        ("511100", "le shan", "ls"),
        ("411100", "luo he", "lh"),
        ("211300", "chao yang", "cy"),
        ("140428", "zhang zi xian", "zzx"),
        ("141100", "lv liang", "ll"),
    ],
)
def test_pinyin(code, pinyin, initials):
    row = BY_CODE[code]
    assert row["sort_key"] == pinyin
    assert row["search_key"].split() == [pinyin.replace(" ", ""), initials]


def test_official_order_and_pinyin_order_of_the_first_tier():
    first = [row for row in ROWS if row["level"] == "2"]
    assert [row["short_zh"] for row in first[:4]] == ["北京", "天津", "河北", "山西"]
    assert [row["code"] for row in first[30:]] == [
        "650000", "XPCC", *(f"IU{n:02}" for n in range(1, 11)), "CSO",
    ]  # fmt: skip
    assert [int(row["position"]) for row in first] == list(range(1, 44))
    provinces = sorted(first[:31], key=lambda row: row["sort_key"])
    assert [row["short_zh"] for row in provinces[:6]] == [
        "安徽", "北京", "重庆", "福建", "甘肃", "广东",
    ]  # fmt: skip

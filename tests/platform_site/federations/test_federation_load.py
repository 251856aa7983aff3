"""load_federations: idempotent, set-wise, never deletes."""

import csv
import shutil

import pytest
from django.core.management import call_command
from django.utils import timezone

from platform_site.documents.models import NumberSeries
from platform_site.federations.management.commands.load_federations import DATA
from platform_site.federations.models import Federation

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty(db):
    """Without the tree that the session has loaded, so that a load has something to do."""
    NumberSeries.objects.all()._raw_delete("default")  # what the session's data hangs on the tree
    # One statement: row by row the keys of the tree protect each other.
    Federation.objects.all()._raw_delete("default")


def load(**options):
    call_command("load_federations", **options)


def test_the_whole_tree_loads_set_wise_and_once(capsys, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        load()
    assert "3232 added, 0 changed, 0 ended" in capsys.readouterr().out
    load()
    assert "0 added, 0 changed, 0 ended" in capsys.readouterr().out
    assert Federation.objects.count() == 3232
    assert set(Federation.objects.values_list("version", flat=True)) == {1}

    # Each row knows the ancestors at the two levels, itself included.
    tianhe = Federation.objects.get(code="440106")
    assert (tianhe.first_tier.code, tianhe.prefecture.code) == ("440000", "440100")
    chaoyang = Federation.objects.get(code="110105")
    assert (chaoyang.first_tier.code, chaoyang.prefecture) == ("110000", None)
    guangdong = Federation.objects.get(code="440000")
    assert (guangdong.first_tier, guangdong.prefecture) == (guangdong, None)
    guangzhou = Federation.objects.get(code="440100")
    assert (guangzhou.first_tier, guangzhou.prefecture) == (guangdong, guangzhou)
    national = Federation.objects.national()
    assert (national.parent, national.first_tier, national.prefecture) == (None, None, None)

    assert Federation.objects.first_tier().count() == 43
    assert [f.code for f in Federation.objects.default_recipients()][-2:] == ["650000", "XPCC"]
    assert Federation.objects.default_recipients().count() == 32
    assert Federation.objects.below(national).count() == 3232
    assert Federation.objects.below(guangzhou).count() == 12
    assert Federation.objects.below(tianhe).get() == tianhe
    assert [f.code for f in Federation.objects.matching("gz").filter(level=3).order_by("code")][
        :2
    ] == ["360700", "440100"]
    for words in ("440100", "广州市", "guangzhou", "Guang Zhou", "guangzhou fed"):
        assert guangzhou in Federation.objects.matching(words)


def test_a_row_that_changed_is_changed_and_one_that_left_is_ended(tmp_path, capsys):
    for name in ("first_tier.csv", "prefectures.csv", "counties.csv"):
        shutil.copy(DATA / name, tmp_path / name)
    for name in ("prefectures.csv", "counties.csv"):
        head = (tmp_path / name).read_text("utf-8").splitlines()[:3]
        (tmp_path / name).write_text("\n".join(head[: 3 if name.startswith("p") else 1]) + "\n")
    load(data=tmp_path)
    capsys.readouterr()
    with (tmp_path / "prefectures.csv").open(encoding="utf-8", newline="") as file:
        first, second = csv.DictReader(file)
    first["name_en"] = "Another Name"
    with (tmp_path / "prefectures.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(first))
        writer.writeheader()
        writer.writerow(first)
    load(data=tmp_path)
    assert "0 added, 1 changed, 1 ended" in capsys.readouterr().out
    changed = Federation.objects.get(code=first["code"])
    assert (changed.name_en, changed.version, changed.prefecture) == ("Another Name", 2, changed)
    ended = Federation.objects.get(code=second["code"])
    assert ended.valid_to == timezone.localdate()
    assert ended not in Federation.objects.current()

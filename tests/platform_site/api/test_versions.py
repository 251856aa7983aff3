"""ETag, If-None-Match, If-Match."""

from types import SimpleNamespace

import pytest

from platform_site.api import versions
from platform_site.problems import Stale, VersionMissing

OBJ = SimpleNamespace(version=7)


def test_the_tag_names_the_version_and_the_body():
    tag = versions.etag(OBJ, {"days_left": 5})
    assert tag.startswith('"v7-')
    assert tag.endswith('"')
    assert tag == versions.etag(OBJ, {"days_left": 5})
    assert tag != versions.etag(OBJ, {"days_left": 4})


def test_the_tag_comes_back_as_the_version():
    assert versions.version_from(versions.etag(OBJ, {"a": 1})) == 7


def test_the_bare_version_will_do():
    assert versions.version_from('"v3"') == 3


@pytest.mark.parametrize("missing", [None, "", "  ", "*"])
def test_no_version_is_428(missing):
    with pytest.raises(VersionMissing) as refused:
        versions.version_from(missing)
    assert refused.value.status == 428


@pytest.mark.parametrize(
    "odd", ['W/"v3"', "v3", '"v3", "v4"', '"v-1"', '"3"', '"v3-xyz"', '"v99999999999"', '"v３"']
)
def test_what_is_no_tag_of_ours_is_412(odd):
    with pytest.raises(Stale) as refused:
        versions.version_from(odd)
    assert refused.value.status == 412


def test_unchanged():
    tag = versions.etag(OBJ, {})
    assert versions.is_unchanged(tag, tag)
    assert versions.is_unchanged(f'"v1", W/{tag}', tag)
    assert versions.is_unchanged("*", tag)
    assert not versions.is_unchanged('"v7"', tag)

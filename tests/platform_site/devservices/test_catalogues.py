"""The extractor finds every kind of text; the compiled catalogue is what Django reads."""

import gettext
import os
import re

import pytest

from platform_site.devservices import catalogues

PAGE = """{% load i18n %}
<h1>{% translate "Notices" %}</h1>
{% blocktranslate count n=rows|length %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}
{% translate "May" context "month" %}
<c-empty-state text="{% translate 'Nothing here' %}" />
"""
CODE = """
from django.utils.translation import gettext_lazy as _, pgettext
LABEL = _("Pilot plan")
def f(n): return pgettext("month", "March")
"""
CATALOGUE = 'msgid ""\nmsgstr ""\n"Language: zh_Hans\\n"\n\nmsgid "Notices"\nmsgstr "通知"\n'


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(PAGE)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "models.py").write_text(CODE)
    folder = tmp_path / "locale" / "zh_Hans" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(CATALOGUE + '\nmsgid "Gone"\nmsgstr "没有了"\n')
    monkeypatch.setattr(catalogues, "CHECKOUT", tmp_path)
    monkeypatch.setattr(catalogues, "LOCALE", tmp_path / "locale")
    monkeypatch.setattr(catalogues, "SOURCES", ("app", "templates"))
    monkeypatch.setattr(catalogues, "texts_of_the_api", set)
    return folder


WRITTEN = re.compile(r'"POT-Creation-Date: .*"\n')


def test_every_kind_of_text_is_extracted_and_translations_stay(checkout):
    assert catalogues.extract() == ["locale/zh_Hans/LC_MESSAGES/django.po: 6 texts, 5 untranslated"]
    text = (checkout / "django.po").read_text()
    for found in ('"Pilot plan"', '"Nothing here"', '"%(n)s row"', '"%(n)s rows"', "通知"):
        assert found in text
    assert text.count('msgctxt "month"') == 2
    assert "Gone" not in text
    assert "fuzzy" not in text.split("\n\n", 1)[1]
    catalogues.extract()
    # All but the minute at which it was written.
    again = (checkout / "django.po").read_text()
    assert WRITTEN.sub("", again) == WRITTEN.sub("", text)


def test_only_a_changed_catalogue_is_compiled(checkout):
    assert len(catalogues.compile_catalogues()) == 1
    with (checkout / "django.mo").open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Notices") == "通知"
    assert catalogues.compile_catalogues() == []
    os.utime(checkout / "django.mo", (1, 1))
    assert len(catalogues.compile_catalogues()) == 1

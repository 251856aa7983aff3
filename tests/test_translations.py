"""The Chinese catalogue is complete, up to the code, and the only language of a Chinese page."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from platform_site.devservices import catalogues

PLACEHOLDER = re.compile(r"%\([a-zA-Z_]+\)[sd]")
PO = catalogues.LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po"


@pytest.fixture(scope="module")
def catalogue():
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans", domain="django")


def ids(message) -> tuple[str, ...]:
    return message.id if isinstance(message.id, tuple | list) else (message.id,)


def strings(message) -> tuple[str, ...]:
    return message.string if isinstance(message.string, tuple | list) else (message.string,)


def test_nothing_is_untranslated_or_doubtful(catalogue):
    missing = [ids(each) for each in catalogue if each.id and not all(strings(each))]
    assert missing == []
    assert [ids(each) for each in catalogue if each.id and each.fuzzy] == []


def test_placeholders_are_those_of_the_text(catalogue):
    wrong = [
        ids(each)
        for each in catalogue
        if each.id
        and any(
            set(PLACEHOLDER.findall(string)) - set(PLACEHOLDER.findall(" ".join(ids(each))))
            for string in strings(each)
        )
    ]
    assert wrong == []


def test_the_catalogue_is_up_to_the_code(catalogue):
    known = {(each.context, ids(each)[0]) for each in catalogue if each.id}
    found = set()
    for folder in catalogues.SOURCES:
        for _name, _line, message, _comments, context in extract_from_dir(
            catalogues.CHECKOUT / folder, catalogues.METHODS, keywords=catalogues.KEYWORDS
        ):
            found.add((context, message[0] if isinstance(message, tuple) else message))
    assert found - known == set(), "run make messages, and translate what is new"
    assert known - found == set(), "run make messages: these texts are gone"


class Words(HTMLParser):
    """The words of a page that a reader sees or hears; data in ``<code>`` is left out."""

    SILENT = frozenset({"script", "style", "code", "pre", "textarea"})
    HEARD = frozenset({"alt", "title", "aria-label", "placeholder"})

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag, attrs):
        self.depth += tag in self.SILENT
        self.words += [value for name, value in attrs if name in self.HEARD and value]

    def handle_endtag(self, tag):
        self.depth -= tag in self.SILENT

    def handle_data(self, data):
        if not self.depth:
            self.words.append(data)


def leaks(html: str, pattern: str) -> set[str]:
    reader = Words()
    reader.feed(html)
    return {found for text in reader.words for found in re.findall(pattern, text)}


#: Latin words that are Chinese usage, and data of the tests (ids, names of accounts, scopes).
USUAL = re.compile(
    r"(?i)^(english|pdf|docx?|xlsx?|pptx?|ofd|wps|et|txt|csv|jpe?g|png|api|rest|json|token|url|ip|"
    r"mb|kb|gb|totp|curl|xpcc\d*|acftu|iu\d*|cso|get|post|patch|delete|head|app|"
    r"[0-9a-f]{3,}|[a-z_.\d]+@[a-z.]+|[a-z_]+\.[\w.]*|[a-z_]+:(read|write))$"
)
PAGES = {
    "national_officer": [
        "/w/",
        "/w/todo/",
        "/w/done/",
        "/w/started/",
        "/w/notices/",
        "/w/notices/new/",
        "/w/notices/{notice}/",
        "/w/notices/{notice}/withdraw/",
        "/w/reports/",
        "/w/reports/{report}/",
        "/w/reports/{report}/?tab=history",
        "/w/reports/{report}/review/",
        "/w/notifications/",
        "/w/settings/",
        "/w/federations/",
        "/w/federations/440000/",
        "/w/missing/",
    ],
    "guangdong_officer": [
        "/w/",
        "/w/notices/{notice}/",
        "/w/reports/{report}/",
        "/w/reports/{report}/submitted/",
        "/w/reports/{report}/recall/",
        "/w/federations/440000/appoint/",
    ],
    "security_administrator": ["/w/", "/w/accounts/", "/w/accounts/invite/"],
    "system_administrator": ["/w/deliveries/"],
    "auditor": ["/w/audit/", "/w/reports/{report}/"],
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_a_chinese_page_is_chinese(name, request, submitted_report, client_for):
    client = client_for(request.getfixturevalue(name))
    found = {}
    for page in PAGES[name]:
        address = page.format(notice=submitted_report.notice.pk, report=submitted_report.pk)
        html = client.get(address).content.decode()
        # Data: receipt numbers, addresses, and the federation's English name beside its Chinese one.
        html = re.sub(r"\d{4}-[0-9A-F]{8}-\d+|https?://[^\s<]+", "", html)
        html = html.replace("Guangdong Provincial Federation of Trade Unions", "")
        words = leaks(html, r"[A-Za-z][A-Za-z.:_@\d]{2,}")
        words = {each for each in words if not USUAL.match(each.strip(".:"))}
        if words:
            found[page] = words
    assert found == {}


@pytest.mark.django_db
def test_the_frame_of_an_english_page_is_english(national_officer, client_for):
    national_officer.language = "en"
    national_officer.save(update_fields=["language"])
    client = client_for(national_officer)
    for page in ("/w/settings/", "/w/tokens/"):
        html = client.get(page).content.decode()
        mine = {"中文", "林国章", "简体中文"}
        chinese = leaks(html, r"[\u4e00-\u9fff]+")
        assert chinese - mine == set(), page

"""Rich text: which HTML may be kept, cleaned once for forms, models, the REST interface and imports.

What is kept is a small set of elements for reading: headings, paragraphs, lists, tables, links, emphasis.
Styles, classes, scripts and whatever a word processor pastes along are lost, their words stay. It is
cleaned when it comes in and again when it goes out (:class:`Rich`), by nh3 (ammonia).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import nh3
from django.utils.html import escape
from lxml import html as lxml_html

from .clean import clean_prose, refuse_too_long

TAGS = frozenset(
    {
        *("p", "br", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "strong", "em", "u", "sup", "sub"),
        *("a", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    }
)  # fmt: skip
ATTRIBUTES = {
    "a": {"href"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
}
#: Their words go too: they are no text.
_GONE = frozenset(
    {"script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"}
)
#: What a page of ours puts on headings and articles when it is shown; nothing that is typed.
_ANCHORED = {**ATTRIBUTES, **{tag: {"id"} for tag in ("h2", "h3", "h4", "p")}}
_ANCHOR = re.compile(r"(sec|art)-\d{1,4}")
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_SPANS = re.compile(r"[1-9]\d?")
#: The page's own title is the only heading of the first level; older names of emphasis.
_RENAMED = (
    (re.compile(r"<(/?)h1(?=[\s>/])", re.I), r"<\1h2"),
    (re.compile(r"<(/?)(?:h5|h6)(?=[\s>/])", re.I), r"<\1h4"),
    (re.compile(r"<(/?)b(?=[\s>/])", re.I), r"<\1strong"),
    (re.compile(r"<(/?)i(?=[\s>/])", re.I), r"<\1em"),
    (re.compile(r"<(/?)div(?=[\s>/])", re.I), r"<\1p"),
)
_INLINE = frozenset({"a", "br", "em", "strong", "sub", "sup", "u"})
_EMPTY = re.compile(r"<(p|h2|h3|h4|li|strong|em|u)>(?:\s|&nbsp;|<br>)*</\1>")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百千零〇\d]{1,9}条(?=[\s\u3000、：:]|$)")


def clean_html(value: str, *, max_length: int) -> str:
    """The same text with nothing but :data:`TAGS`; refuses what no text may hold (``clean.py``)."""
    value = clean_prose(value, max_length=max_length)
    for old, new in _RENAMED:
        value = old.sub(new, value)
    value = _sanitize(value, ATTRIBUTES)
    while (shorter := _EMPTY.sub("", value)) != value:
        value = shorter
    value = _in_blocks(value)
    value = unicodedata.normalize("NFC", value).strip()
    refuse_too_long(value, max_length)
    return value


def _sanitize(value: str, attributes: dict[str, set[str]]) -> str:
    return nh3.clean(
        value,
        tags=set(TAGS),
        attributes=attributes,
        url_schemes=set(_SCHEMES),
        clean_content_tags=set(_GONE),
        attribute_filter=_wanted,
        link_rel="noopener noreferrer",
    )


def _wanted(_tag: str, name: str, value: str) -> str | None:
    if name == "id":
        return value if _ANCHOR.fullmatch(value) else None
    if name in {"colspan", "rowspan", "start"}:
        return value if _SPANS.fullmatch(value) else None
    if name == "scope":
        return value if value in {"row", "col"} else None
    return value


class Rich(str):
    """Rich text on its way to a page: cleaned once more where a template writes it."""

    __slots__ = ()

    def __html__(self) -> str:
        return _sanitize(str(self), _ANCHORED)


@dataclass(frozen=True)
class Entry:
    """A line of the contents: ``level`` 2 to 4 for headings, 5 for an article of a rule."""

    anchor: str
    text: str
    level: int


def _parsed(value: str) -> lxml_html.HtmlElement:
    return lxml_html.fragment_fromstring(value, create_parent="div")


def _written(root: lxml_html.HtmlElement) -> str:
    inner = (root.text or "") + "".join(
        lxml_html.tostring(child, encoding="unicode") for child in root
    )
    return inner.strip()


def text_of(value: str) -> str:
    """The words alone, a line for each block: for comparing, counting and searching."""
    if not value:
        return ""
    lines: list[str] = []
    for block in _parsed(value):
        if block.tag == "table":
            lines += [
                " | ".join(" ".join(cell.text_content().split()) for cell in row.iter("td", "th"))
                for row in block.iter("tr")
            ]
        elif block.tag in ("ul", "ol"):
            lines += ["· " + " ".join(item.text_content().split()) for item in block.iter("li")]
        else:
            lines.append(" ".join(block.text_content().split()))
    return "\n".join(line for line in lines if line)


def anchored(value: str) -> tuple[Rich, list[Entry]]:
    """With an anchor on each heading and on each article of a rule (“第三条”), and the contents of it."""
    if not value:
        return Rich(""), []
    root, contents, headings, articles = _parsed(value), [], 0, 0
    for block in root:
        words = " ".join(block.text_content().split()) if isinstance(block.tag, str) else ""
        if block.tag in ("h2", "h3", "h4"):
            headings += 1
            block.set("id", f"sec-{headings}")
            contents.append(Entry(f"sec-{headings}", words, int(block.tag[1])))
        elif block.tag == "p" and (found := _ARTICLE.match(words)):
            articles += 1
            block.set("id", f"art-{articles}")
            contents.append(Entry(f"art-{articles}", found[0], 5))
    return Rich(_written(root)), contents


def _in_blocks(value: str) -> str:
    """Words beside the blocks become paragraphs, a line each: who types plain text loses no line end."""
    root = _parsed(value) if value else None
    if root is None or not (
        (root.text or "").strip()
        or any(child.tag in _INLINE or (child.tail or "").strip() for child in root)
    ):
        return value
    built: list[str] = []
    run = [escape(root.text or "")]
    for child in root:
        tail, child.tail = escape(child.tail or ""), None
        written = lxml_html.tostring(child, encoding="unicode")
        if child.tag in _INLINE:
            run.append(written)
        else:
            built += [*_paragraphs("".join(run)), written]
            run = []
        run.append(tail)
    return "".join([*built, *_paragraphs("".join(run))])


def _paragraphs(run: str) -> list[str]:
    return [f"<p>{line.strip()}</p>" for line in run.split("\n") if line.strip()]


Block = tuple[str, object]


def blocks_of(value: str) -> list[Block]:
    """("heading", (level, text)), ("paragraph", text), ("table", rows of cells): for documents."""
    found: list[Block] = []
    for block in _parsed(value) if value else ():
        words = " ".join(block.text_content().split()) if isinstance(block.tag, str) else ""
        if block.tag in ("h2", "h3", "h4"):
            found.append(("heading", (int(block.tag[1]) - 1, words)))
        elif block.tag == "table":
            rows = [
                [" ".join(cell.text_content().split()) for cell in row.iter("td", "th")]
                for row in block.iter("tr")
            ]
            if rows:
                width = max(len(row) for row in rows)
                found.append(("table", [row + [""] * (width - len(row)) for row in rows]))
        elif block.tag in ("ul", "ol"):
            found += [
                ("paragraph", " ".join(item.text_content().split())) for item in block.iter("li")
            ]
        elif words:
            found.append(("paragraph", words))
    return found

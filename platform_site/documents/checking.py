"""Is an uploaded file a template that documents can be made with? Refused with the reason, in plain words.

A template comes from a person's computer, is run here and opened by every reader of a document, so
it may do little: print fields and test them. It holds no macro, no embedded object and nothing that is
fetched from elsewhere. What is read here is what docxtpl and Word read: XML that is parsed, never
bytes that are searched, and the very strings that docxtpl renders.
"""

from __future__ import annotations

import copy
import datetime as dt
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils.translation import gettext as _
from docxtpl import DocxTemplate
from jinja2 import TemplateError, nodes
from jinja2.meta import find_undeclared_variables
from lxml import etree

from platform_site.problems import FieldProblem, Invalid

from .content import Attachment, Column, Heading, Kind, Official, Paragraph, Table
from .docx import STYLES, build_docx, environment
from .numbers import Number

MOST_BYTES = 2 * 1024 * 1024
UNPACKED_BYTES = 20 * 1024 * 1024
MEMBERS = 300
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

#: What every template must print somewhere, and what the mark of every page needs.
REQUIRED: dict[Kind, tuple[str, ...]] = {
    "notice": (
        "issuer_mark",
        "number",
        "title",
        "addressee",
        "body",
        "attachment_list",
        "signature",
        "attachments",
    ),
    "summary": ("title", "body", "attachments", "signature"),
}
REQUIRED["letter"] = REQUIRED["circular"] = REQUIRED["notice"]
#: All that a template may name (``docx.fields_of``).
KNOWN = {
    "issuer",
    "issuer_mark",
    "number",
    "title",
    "addressee",
    "body",
    "attachment_list",
    "signature",
    "signed_by_name",
    "made_on",
    "notes",
    "attachments",
    "imprint",
    "copies_to",
    "classification",
    "mark",
}
_ALLOWED = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.If,
    nodes.Not,
    nodes.And,
    nodes.Or,
    nodes.Compare,
    nodes.Operand,
    nodes.Const,
)
#: How deep fields and conditions may lie in one another.
DEPTH = 50
#: docxtpl searches on from every brace: so many of them times so many characters take seconds.
MOST_SEARCHED = 200_000_000

_WORD = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
}
_EMBEDDING = {"altChunk", "subDoc", "object", "control"}
_EMBEDDING_RELATIONS = {"achunk", "afchunk", "control", "oleobject", "package", "subdocument"}
_LINKING_RELATIONS = {"attachedtemplate", "mailmergesource", "mailmergeheadersource"}
_OUTSIDE = re.compile(r"\s*([a-z][a-z0-9+.-]*:|//|\\\\)", re.IGNORECASE)
_HEAD_OR_FOOT = re.compile(r"/word/(header|footer)\d*\.xml")
#: The beginning or the end of something that docxtpl would run; ``{_{`` becomes ``{{`` afterwards.
_JINJA = re.compile(r"\{_?[{%#]|[}%#]_\}")
#: The fields of Word that a template may hold, whole: what is left of one after any cut fetches nothing.
_WORD_FIELD = re.compile(
    r"""\s*(PAGE|NUMPAGES|SECTION|SECTIONPAGES|DATE|TIME)
    (\s*\\(
        \*\s*(MERGEFORMAT|CHARFORMAT|ARABIC|ARABICDASH|ROMAN|ALPHABETIC|CHINESENUM[1-3]|DBNUM[1-4]|GB[1-4])
        |[@\#]\s*("[-yMdHhmsEOAP0\#,.:/\ 年月日时分秒]*"|[-yMdHhms0\#,.:/年月日]+)
    )){0,3}\s*""",
    re.IGNORECASE | re.VERBOSE,
)
_FETCHING = re.compile(r"INCLUDE|DDE|LINK|IMPORT|DATABASE|QUOTE|\bRD\b", re.IGNORECASE)
#: Stands for what a field prints and for the ends of a condition.
_GAP = "\ufdd0"


def sample_document(kind: Kind) -> Official:
    """A document with every part, to try a template with and to show what it makes."""
    return Official(
        kind=kind,
        title="关于报送劳动关系领域社会组织联系引导工作试点方案的通知",
        issuer="中华全国总工会",
        issuer_mark={"letter": "中华全国总工会", "summary": ""}.get(kind, "中华全国总工会文件"),
        number=Number("样例发", 2026, 1),
        addressee="各省、自治区、直辖市总工会，新疆生产建设兵团总工会",
        body=(
            Paragraph("这是一份样例，用来查看模板的效果，不是公文。现将有关事项通知如下。"),
            Heading(1, "总体要求"),
            Paragraph("正文为三号仿宋，每面二十二行，每行二十八个字，段首空二字。"),
            Heading(1, "主要任务"),
            Heading(2, "摸清底数。", "二级标题为楷体，后面可以直接接正文。"),
            Heading(3, "三级标题为仿宋"),
            Heading(4, "四级标题为仿宋"),
            Table(
                (Column("序号", 0.5, "center"), Column("省份"), Column("件数", align="right")),
                (("1", "北京市", "12"), ("2", "天津市", "8")),
                caption="表1　样例",
            ),
        ),
        attachments=(
            Attachment("试点方案编制要点", (Paragraph("附件另面编排。"),)),
            Attachment(
                "报送情况汇总表",
                (
                    Table(
                        tuple(Column(f"栏目{place}") for place in range(1, 9)),
                        tuple(
                            tuple(f"{row}.{place}" for place in range(1, 9)) for row in range(1, 4)
                        ),
                    ),
                ),
            ),
        ),
        signed_by_name="中华全国总工会",
        made_on=dt.date(2026, 1, 4),
        notes="联系人：样例，联系电话：010-00000000",
        copies_to="各全国产业工会",
        printed_by="中华全国总工会办公厅",
        printed_on=dt.date(2026, 1, 5),
        sample=True,
    )


def _refuse(code: str, message: str) -> Invalid:
    return Invalid(code, message, fields=[FieldProblem("/file", code, message)])


def check_template(kind: Kind, content: bytes) -> None:
    """Pass, or raise :class:`Invalid` that says what to change."""
    if len(content) > MOST_BYTES:
        raise _refuse(
            "template_too_large",
            _("The file is larger than 2 MB. Take pictures out of it and try again."),
        )
    parts = _unpack(content)
    trees = _check_parts(parts)
    rendered, others = _rendered(content)
    others += [
        text
        for name, tree in trees.items()
        if f"/{name}" not in rendered
        for text in (parts[name].decode("utf-8"), "".join(tree.itertext()))
    ]
    # docxtpl renders footnotes once for each section and each property on its own: no fields there.
    if any(_JINJA.search(text) or _JINJA.search(re.sub("<[^>]*>", "", text)) for text in others):
        raise _does_more()
    used = {name: _fields(source) for name, source in rendered.items()}
    heads = [f"/{name}" for name, tree in trees.items() if etree.QName(tree).localname == "hdr"]
    _check_fields(kind, used, heads)
    _check_styles(parts)
    try:
        build_docx(sample_document(kind), content)
    except Exception as error:  # whatever it is, the file is no template we can use
        raise _fails() from error


def _fails() -> Invalid:
    return _refuse(
        "template_fails",
        _(
            "A sample document could not be made with this file. "
            "Download the template in use, change that one, and upload it again."
        ),
    )


def _does_more() -> Invalid:
    return _refuse(
        "template_does_more",
        _("A template may only print fields and leave parts out; this one does more."),
    )


def _not_as_word() -> Invalid:
    return _refuse("not_a_document", _("The file is not built as Word builds documents."))


def _embeds() -> Invalid:
    return _refuse("embedded", _("The file holds embedded objects. Take them out and try again."))


def _links() -> Invalid:
    return _refuse(
        "external_links",
        _(
            "The file links to something outside of it (a link, a picture or a template). "
            "Take the links out and try again."
        ),
    )


# --- The package ----------------------------------------------------------------------------------
def _unpack(content: bytes) -> dict[str, bytes]:
    not_word = _refuse(
        "not_a_document", _("This is no Word document (.docx). Save it as .docx and try again.")
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MEMBERS or sum(each.file_size for each in members) > UNPACKED_BYTES:
                raise _refuse("template_too_large", _("The file unpacks to more than 20 MB."))
            parts = {each.filename: _read(archive, each) for each in members}
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ) as error:
        raise not_word from error
    if "word/document.xml" not in parts or "[Content_Types].xml" not in parts:
        raise not_word
    if len({name.lower() for name in parts}) < len(members):
        raise _not_as_word()  # two readers could take two different parts
    return parts


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """A member that is as long as it says; Word packs in these two ways only."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile
    longer = copy.copy(member)
    longer.file_size += 1
    with archive.open(longer) as stream:
        content = stream.read(longer.file_size)
    if len(content) != member.file_size:
        raise zipfile.BadZipFile
    return content


def _check_parts(parts: dict[str, bytes]) -> dict[str, Any]:
    """No macros, no embedded objects, no declarations of types, nothing from outside. All that is XML."""
    types = parts["[Content_Types].xml"].decode("utf-8", "replace")
    names = " ".join(parts).lower()
    if "vbaproject" in names or "macroenabled" in types.lower() or MAIN not in types:
        raise _refuse(
            "macros", _("The file holds macros. Save it as .docx without them and try again.")
        )
    if re.search(r"word/(embeddings|activex)/|\.(ole|exe|bin)\b", names):
        raise _embeds()
    trees = {name: tree for name, part in parts.items() if (tree := _xml(name, part)) is not None}
    for name, tree in trees.items():
        if name.lower().endswith(".rels"):
            _check_relations(tree)
        _check_tree(tree)
    mains = [
        each.get("Target")
        for each in trees.get("_rels/.rels", ())
        if str(each.get("Type")).endswith("/officeDocument")
    ]
    if mains not in (["word/document.xml"], ["/word/document.xml"]):
        raise _not_as_word()
    return trees


def _xml(name: str, part: bytes) -> Any:
    """The root of a part, nothing where it is a picture; refused unless it is plain UTF-8."""
    named = name.lower().endswith((".xml", ".rels"))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False
    )
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise _not_as_word()
    try:
        root = etree.fromstring(part, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        if named:
            raise _not_as_word() from error
        return None
    told = root.getroottree().docinfo
    try:
        part.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_as_word() from error
    if (
        b"\0" in part
        or told.doctype
        or (told.encoding or "UTF-8").upper() not in ("UTF-8", "ASCII")
    ):
        raise _not_as_word()
    return root


def _check_relations(tree: Any) -> None:
    for relation in tree.iter("*"):
        given = {etree.QName(key).localname.lower(): value for key, value in relation.items()}
        kind = given.get("type", "").rpartition("/")[2].lower()
        if (
            given.get("targetmode", "Internal").strip().lower() != "internal"
            or _OUTSIDE.match(given.get("target", ""))
            or kind in _LINKING_RELATIONS
        ):
            raise _links()
        if kind in _EMBEDDING_RELATIONS:
            raise _embeds()


def _check_tree(tree: Any) -> None:
    """Nothing embedded, nothing fetched, and of Word's own fields page numbers and dates alone."""
    for element in tree.iter("*"):
        name = etree.QName(element)
        if name.localname == "OLEObject" or (
            name.namespace in _WORD and name.localname in _EMBEDDING
        ):
            raise _embeds()
        if name.namespace in _WORD and name.localname == "mailMerge":
            raise _links()
        for key, value in element.items():
            if etree.QName(key).localname in ("src", "href", "althref") and _OUTSIDE.match(value):
                raise _links()
    for instruction in _word_fields(tree):
        if _FETCHING.search(instruction):
            raise _links()
        if not _WORD_FIELD.fullmatch(instruction):
            raise _does_more()


def _word_fields(tree: Any) -> Iterator[str]:
    """What each field of Word says to do, put together from its runs; a gap where another lies in it."""
    open_fields: list[list[str] | None] = []  # None: past what it says to do, in what it shows

    def say(text: str | None) -> None:
        if text and open_fields and open_fields[-1] is not None:
            open_fields[-1].append(text)

    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        if event != "start":
            say(element.tail if element is not tree else None)
            continue
        name = etree.QName(element)
        here = name.localname if name.namespace in _WORD else ""
        given = {etree.QName(key).localname: value for key, value in element.items()}
        if here == "fldSimple":
            say(_GAP)
            yield given.get("instr", "")
        elif here in ("instrText", "delInstrText") and not open_fields:
            yield _GAP + (element.text or "")
        elif here == "fldChar":
            kind = given.get("fldCharType")
            if kind == "begin":
                say(_GAP)
                open_fields.append([])
            else:
                said = open_fields.pop() if open_fields else [_GAP]
                if said is not None:
                    yield "".join(said)
                if kind == "separate":
                    open_fields.append(None)
        elif here in ("instrText", "delInstrText") and open_fields[-1] is None:
            yield _GAP + (element.text or "")
        say(element.text)
    yield from ("".join(said) for said in open_fields if said is not None)


# --- What docxtpl runs ----------------------------------------------------------------------------
def _rendered(content: bytes) -> tuple[dict[str, str], list[str]]:
    """As docxtpl takes them: the document, heads and feet, by name; then footnotes and properties."""
    template = DocxTemplate(io.BytesIO(content))
    try:
        template.init_docx()
        document = template.docx.part
        sources = {str(document.partname): template.get_xml()}
        for uri in (template.HEADER_URI, template.FOOTER_URI):
            for _key, part in template.get_headers_footers(uri):
                if not _HEAD_OR_FOOT.fullmatch(part.partname):
                    raise _not_as_word()
                sources[str(part.partname)] = template.get_part_xml(part)
        others = [
            part.blob.decode("utf-8", "replace")
            for part in document.package.parts
            if part.content_type.endswith("footnotes+xml")
        ]
        properties = template.docx.core_properties
        others += [
            str(getattr(properties, name))
            for name in ("author", "comments", "identifier", "language", "subject", "title")
        ]
    except Invalid:
        raise
    except Exception as error:  # whatever it is, documents cannot be made with it
        raise _fails() from error
    return sources, others


def _fields(source: str) -> set[str]:
    """The fields that one part of the template prints; refused where it does more than that."""
    if source.count("{") * len(source) > MOST_SEARCHED:
        raise _does_more()
    try:
        # Word scatters a tag over several runs; docxtpl puts it together.
        patched = DocxTemplate(None).patch_xml(source)
        tree = environment().parse(patched)
        if not _is_plain(tree):
            raise _does_more()
        unknown = find_undeclared_variables(tree) - KNOWN
        flat = "".join(_flat(tree.body))
    except TemplateError as error:
        raise _refuse(
            "template_syntax",
            _("A field is not written as it must be: %(told)s") % {"told": error.message or ""},
        ) from error
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise _does_more() from error  # a number of thousands of digits, brackets without end
    if unknown:
        raise _refuse(
            "unknown_field",
            _("There is no field %(names)s.") % {"names": ", ".join(sorted(unknown))},
        )
    _check_made(flat)
    return {
        node.name
        for output in tree.find_all(nodes.Output)
        for node in output.nodes
        if isinstance(node, nodes.Name)
    }


def _is_plain(node: nodes.Node, depth: int = 0) -> bool:
    return (
        isinstance(node, _ALLOWED)
        and depth <= DEPTH
        and all(_is_plain(child, depth + 1) for child in node.iter_child_nodes())
    )


def _flat(body: Iterable[nodes.Node]) -> Iterator[str]:
    """All that can come out, whatever the conditions say."""
    for node in body:
        if isinstance(node, nodes.Output):
            for each in node.nodes:
                yield each.data if isinstance(each, nodes.TemplateData) else _GAP
        elif isinstance(node, nodes.If):
            for branch in (node.body, node.elif_, node.else_):
                yield _GAP
                yield from _flat(branch)
            yield _GAP


def _check_made(flat: str) -> None:
    """docxtpl unescapes and cuts: the rules of parts hold for what comes out of it, too."""
    if _JINJA.search(flat) or "<!" in flat or "<?" in flat:
        raise _does_more()
    try:
        made = etree.fromstring(
            flat.encode(), etree.XMLParser(resolve_entities=False, no_network=True)
        )
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _fails() from error
    _check_tree(made)
    for element in made.iter("*"):
        around = element.getparent()
        names = around.nsmap if around is not None else {}
        if any(names.get(prefix, uri) != uri for prefix, uri in element.nsmap.items()) or any(
            _GAP in value for value in element.values()
        ):
            raise _does_more()


def _check_fields(kind: Kind, used: dict[str, set[str]], heads: list[str]) -> None:
    everywhere = set().union(*used.values())
    missing = [name for name in REQUIRED[kind] if name not in everywhere]
    if missing:
        raise _refuse(
            "field_missing",
            _("The template lacks the field %(names)s. Write it in double braces.")
            % {"names": ", ".join(missing)},
        )
    if not heads or any("mark" not in used.get(name, ()) for name in heads):
        raise _refuse(
            "mark_missing",
            _(
                "Every page header needs the field {{ mark }}: "
                "it says on samples and drafts that they are none of the real documents."
            ),
        )


def _check_styles(parts: dict[str, bytes]) -> None:
    text = parts.get("word/styles.xml", b"").decode("utf-8", "replace")
    missing = [name for name in STYLES.values() if f'w:name w:val="{name}"' not in text]
    if missing:
        raise _refuse(
            "style_missing",
            _("The template lacks the style %(names)s.") % {"names": "、".join(missing)},
        )

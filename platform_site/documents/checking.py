"""Is an uploaded file a template that documents can be made with? Refused with the reason, in plain words.

A template comes from a person's computer and is run here, so it may do little: print fields, repeat
and test them. It holds no macro, no embedded object and nothing that is fetched from elsewhere.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
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
_TEXT_PARTS = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_HEADERS = re.compile(r"word/header\d*\.xml")


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
    _check_parts(parts)
    used: dict[str, set[str]] = {}
    for name, part in parts.items():
        if _TEXT_PARTS.fullmatch(name):
            used[name] = _fields(name, part)
    _check_fields(kind, used)
    _check_styles(parts)
    try:
        build_docx(sample_document(kind), content)
    except Exception as error:  # whatever it is, the file is no template we can use
        raise _refuse(
            "template_fails",
            _(
                "A sample document could not be made with this file. "
                "Download the template in use, change that one, and upload it again."
            ),
        ) from error


def _unpack(content: bytes) -> dict[str, bytes]:
    not_word = _refuse(
        "not_a_document", _("This is no Word document (.docx). Save it as .docx and try again.")
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MEMBERS or sum(each.file_size for each in members) > UNPACKED_BYTES:
                raise _refuse("template_too_large", _("The file unpacks to more than 20 MB."))
            parts = {each.filename: archive.read(each) for each in members}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise not_word from error
    if "word/document.xml" not in parts or "[Content_Types].xml" not in parts:
        raise not_word
    return parts


def _check_parts(parts: dict[str, bytes]) -> None:
    """No macros, no embedded objects, no declarations of types, nothing from outside."""
    types = parts["[Content_Types].xml"].decode("utf-8", "replace")
    names = " ".join(parts).lower()
    if "vbaproject" in names or "macroenabled" in types.lower() or MAIN not in types:
        raise _refuse(
            "macros", _("The file holds macros. Save it as .docx without them and try again.")
        )
    if re.search(r"word/(embeddings|activex)/|\.(ole|exe|bin)\b", names):
        raise _refuse(
            "embedded", _("The file holds embedded objects. Take them out and try again.")
        )
    for name, part in parts.items():
        if not name.endswith((".xml", ".rels")):
            continue
        if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
            raise _refuse("not_a_document", _("The file is not built as Word builds documents."))
        if name.endswith(".rels") and re.search(rb"TargetMode\s*=\s*[\"']External", part):
            raise _refuse(
                "external_links",
                _(
                    "The file links to something outside of it (a link, a picture or a template). "
                    "Take the links out and try again."
                ),
            )


def _fields(name: str, part: bytes) -> set[str]:
    """The fields that one part of the template prints; refused where it does more than that."""
    try:
        # Word scatters a tag over several runs; docxtpl puts it together.
        source = DocxTemplate(None).patch_xml(part.decode("utf-8"))
        tree = environment().parse(source)
    except (TemplateError, UnicodeDecodeError, etree.XMLSyntaxError) as error:
        told = getattr(error, "message", None) or ""
        raise _refuse(
            "template_syntax",
            _("A field is not written as it must be: %(told)s") % {"told": told},
        ) from error
    for node in _walk(tree):
        if not isinstance(node, _ALLOWED):
            raise _refuse(
                "template_does_more",
                _("A template may only print fields and leave parts out; this one does more."),
            )
    if unknown := find_undeclared_variables(tree) - KNOWN:
        raise _refuse(
            "unknown_field",
            _("There is no field %(names)s.") % {"names": ", ".join(sorted(unknown))},
        )
    return {
        node.name
        for output in tree.find_all(nodes.Output)
        for node in output.nodes
        if isinstance(node, nodes.Name)
    }


def _walk(node: nodes.Node) -> Any:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)


def _check_fields(kind: Kind, used: dict[str, set[str]]) -> None:
    everywhere = set().union(*used.values())
    missing = [name for name in REQUIRED[kind] if name not in everywhere]
    if missing:
        raise _refuse(
            "field_missing",
            _("The template lacks the field %(names)s. Write it in double braces.")
            % {"names": ", ".join(missing)},
        )
    heads = [fields for name, fields in used.items() if _HEADERS.fullmatch(name)]
    if not heads or any("mark" not in fields for fields in heads):
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

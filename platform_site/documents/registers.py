"""What the trail calls this app's acts."""

from django.utils.translation import gettext_lazy as _

from platform_site.audit import actions


def register() -> None:
    for code, label in {
        "documents.number.take": _("Took a document number"),
        "documents.series.add": _("Added a series of numbers"),
        "documents.series.change": _("Changed a series of numbers"),
        "documents.template.replace": _("Replaced a document template"),
        "documents.template.use": _("Went back to an earlier template"),
        "documents.template.shipped": _("Went back to the shipped template"),
    }.items():
        actions.register(code, label)

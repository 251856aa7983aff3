"""What the trail calls this app's acts."""

from django.utils.translation import gettext_lazy as _

from platform_site.audit import actions


def register() -> None:
    for code, label in {
        "questionnaires.form.make": _("Made a form"),
        "questionnaires.form.change": _("Changed the names of a form"),
        "questionnaires.version.begin": _("Began the next version of a form"),
        "questionnaires.version.change": _("Changed the draft of a form"),
        "questionnaires.version.publish": _("Published a version of a form"),
        "questionnaires.version.extend": _("Added questions to a form that is passed down"),
        "questionnaires.version.discard": _("Discarded the draft of a form"),
        "questionnaires.indicator.add": _("Added an indicator"),
        "questionnaires.indicator.change": _("Changed an indicator"),
        "questionnaires.indicator.set_targets": _("Set the targets of an indicator"),
    }.items():
        actions.register(code, label)

"""Addresses of the form builder and the catalogue of indicators, below /w/."""

from django.urls import path

from .views import drafts, forms, indicators

VERSION = "forms/<slug:code>/versions/<int:number>/"

urlpatterns = [
    path("forms/", forms.form_list, name="form-list"),
    path("forms/new/", forms.make_form, name="form-make"),
    path("forms/<slug:code>/", forms.form_detail, name="form-detail"),
    path("forms/<slug:code>/change/", forms.change_form, name="form-change"),
    path("forms/<slug:code>/begin-version/", forms.begin_version, name="form-begin-version"),
    # forms/<code>/versions/<number>/
    path(VERSION, drafts.form_version, name="form-version"),
    path(VERSION + "publish/", drafts.publish_version, name="form-version-publish"),
    path(VERSION + "discard/", drafts.discard_version, name="form-version-discard"),
    path(VERSION + "sections/new/", drafts.section, name="form-section-add"),
    path(VERSION + "sections/<slug:section>/", drafts.section, name="form-section-change"),
    path(VERSION + "sections/<slug:section>/move/", drafts.move_section, name="form-section-move"),
    path(
        VERSION + "sections/<slug:section>/remove/",
        drafts.remove_section,
        name="form-section-remove",
    ),
    path(VERSION + "questions/new/", drafts.question, name="form-question-add"),
    path(VERSION + "questions/<slug:question>/", drafts.question, name="form-question-change"),
    path(
        VERSION + "questions/<slug:question>/move/",
        drafts.move_question,
        name="form-question-move",
    ),
    path(
        VERSION + "questions/<slug:question>/remove/",
        drafts.remove_question,
        name="form-question-remove",
    ),
    path(VERSION + "rules/new/", drafts.rule, name="form-rule-add"),
    path(VERSION + "rules/<int:rule>/", drafts.rule, name="form-rule-change"),
    path(VERSION + "rules/<int:rule>/remove/", drafts.remove_rule, name="form-rule-remove"),
    # indicators/
    path("indicators/", indicators.indicator_list, name="indicator-list"),
    path("indicators/new/", indicators.add_indicator, name="indicator-add"),
    path("indicators/<slug:code>/", indicators.change_indicator, name="indicator-change"),
]

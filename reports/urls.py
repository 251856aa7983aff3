"""Addresses of notices, obligations and reports, below /w/."""

from django.urls import path

from .views import (
    allowances,
    cascade,
    documents,
    form_preview,
    gathering,
    matrix,
    notices,
    phone_rounds,
    reminding,
    reports,
    summaries,
    supervision,
)

urlpatterns = [
    path("matrix/", matrix.matrix, name="matrix"),
    path("matrix/export/", matrix.export_matrix, name="matrix-export"),
    # notices/
    path("notices/", notices.notice_list, name="notice-list"),
    path("notices/new/", notices.draft_notice, name="notice-draft"),
    path("notices/due-preview/", notices.due_preview, name="notice-due-preview"),
    path("notices/<uuid:pk>/", notices.notice_detail, name="notice-detail"),
    path("notices/<uuid:pk>/edit/", notices.edit_notice, name="notice-edit"),
    path("notices/<uuid:pk>/approve/", notices.approve_notice, name="notice-approve"),
    path("notices/<uuid:pk>/send-back/", notices.send_back_notice, name="notice-send-back"),
    path("notices/<uuid:pk>/issue/", notices.issue_notice, name="notice-issue"),
    path("notices/<uuid:pk>/close/", notices.close_notice, name="notice-close"),
    path("notices/<uuid:pk>/withdraw/", notices.withdraw_notice, name="notice-withdraw"),
    path("notices/<uuid:pk>/reminders/", reminding.set_reminders, name="notice-set-reminders"),
    path("notices/<uuid:pk>/chase/", reminding.chase, name="notice-chase"),
    path("notices/<uuid:pk>/punctuality/", reminding.notice_punctuality, name="notice-punctuality"),
    path(
        "notices/<uuid:pk>/document.docx",
        documents.notice_document,
        {"ending": "docx"},
        name="notice-docx",
    ),
    path(
        "notices/<uuid:pk>/document.pdf",
        documents.notice_document,
        {"ending": "pdf"},
        name="notice-pdf",
    ),
    path(
        "forms/<slug:code>/versions/<int:number>/preview/",
        form_preview.preview_form,
        name="form-preview",
    ),
    # obligations/
    path("obligations/<uuid:pk>/", notices.obligation_detail, name="obligation-detail"),
    path("obligations/<uuid:pk>/sign-for/", notices.sign_for, name="obligation-sign-for"),
    path("obligations/<uuid:pk>/extend/", allowances.extend_obligation, name="obligation-extend"),
    path("obligations/<uuid:pk>/waive/", allowances.waive_obligation, name="obligation-waive"),
    path("obligations/<uuid:pk>/pass-down/", cascade.pass_down, name="pass-down"),
    path("obligations/<uuid:pk>/passed-down/", cascade.passed_down, name="passed-down"),
    path("obligations/<uuid:pk>/passed-down/chase/", cascade.chase_lower, name="passed-down-chase"),
    path("obligations/<uuid:pk>/take-back/", cascade.take_back, name="obligation-take-back"),
    path("obligations/<uuid:pk>/start/", reports.start_report, name="report-start"),
    path(
        "obligations/<uuid:pk>/document.docx",
        documents.obligation_document,
        {"ending": "docx"},
        name="obligation-docx",
    ),
    path(
        "obligations/<uuid:pk>/document.pdf",
        documents.obligation_document,
        {"ending": "pdf"},
        name="obligation-pdf",
    ),
    # reports/
    path("reports/", reports.report_list, name="report-list"),
    path("reports/<uuid:pk>/", reports.report_detail, name="report-detail"),
    path("reports/<uuid:pk>/fill/", reports.fill_report, name="report-fill"),
    path("reports/<uuid:pk>/fill/<slug:section>/", reports.fill_section, name="report-section"),
    path("reports/<uuid:pk>/workbook/", reports.fill_by_workbook, name="report-workbook"),
    path(
        "reports/<uuid:pk>/workbook/download/",
        reports.download_workbook,
        name="report-workbook-download",
    ),
    path(
        "reports/<uuid:pk>/workbook/marked/",
        reports.marked_workbook,
        name="report-workbook-marked",
    ),
    path(
        "reports/<uuid:pk>/workbook/take-in/",
        reports.take_in_workbook,
        name="report-workbook-take-in",
    ),
    path("reports/<uuid:pk>/roll-up/", cascade.roll_up, name="report-roll-up"),
    path("reports/<uuid:pk>/gathering/", gathering.gather, name="report-gather"),
    path(
        "reports/<uuid:pk>/gathering/download/",
        gathering.download_gathering,
        name="report-gather-download",
    ),
    path(
        "reports/<uuid:pk>/gathering/marked/",
        gathering.marked_gathering,
        name="report-gather-marked",
    ),
    path(
        "reports/<uuid:pk>/gathering/take-in/",
        gathering.take_in_gathering,
        name="report-gather-take-in",
    ),
    path("reports/<uuid:pk>/answers/", reports.save_answers, name="report-answers"),
    path("reports/<uuid:pk>/sign-off/", reports.sign_off_report, name="report-sign-off"),
    path("reports/<uuid:pk>/submit/", reports.submit_report, name="report-submit"),
    path("reports/<uuid:pk>/submitted/", reports.report_submitted, name="report-submitted"),
    path("reports/<uuid:pk>/recall/", reports.recall_report, name="report-recall"),
    path("reports/<uuid:pk>/review/", reports.review_report, name="report-review"),
    path("reports/<uuid:pk>/return/", reports.return_report, name="report-return"),
    path("reports/<uuid:pk>/accept/", reports.accept_report, name="report-accept"),
    path("reports/<uuid:pk>/compare/", reports.compare_versions, name="report-compare"),
    path("reports/<uuid:pk>/versions/<int:number>/", reports.report_version, name="report-version"),
    path("reports/<uuid:pk>/comments/", reports.add_comment, name="comment-add"),
    path("comments/<uuid:pk>/edit/", reports.edit_comment, name="comment-edit"),
    path("comments/<uuid:pk>/remove/", reports.remove_comment, name="comment-remove"),
    path("comments/<uuid:pk>/reply/", reports.reply_to_comment, name="comment-reply"),
    # summaries/
    path("notices/<uuid:pk>/summary/start/", summaries.start_summary, name="summary-start"),
    path("summaries/", summaries.summary_list, name="summary-list"),
    path("summaries/<uuid:pk>/", summaries.summary_detail, name="summary-detail"),
    path("summaries/<uuid:pk>/edit/", summaries.edit_summary, name="summary-edit"),
    path("summaries/<uuid:pk>/draw/", summaries.draw_parts, name="summary-draw"),
    path("summaries/<uuid:pk>/parts/<slug:code>/", summaries.edit_part, name="summary-part"),
    path("summaries/<uuid:pk>/freeze/", summaries.freeze_summary, name="summary-freeze"),
    path(
        "summaries/<uuid:pk>/editions/<int:number>/",
        summaries.summary_edition,
        name="summary-edition",
    ),
    path("summaries/<uuid:pk>/build/", summaries.build_summary, name="summary-build"),
    path("summaries/<uuid:pk>/compare/", summaries.compare_editions, name="summary-compare"),
    # supervision-records/
    path("supervision-records/", supervision.supervision_list, name="supervision-list"),
    path("supervision-records/contacts/", supervision.contacts, name="supervision-contacts"),
    path("supervision-records/call/", supervision.record_call, name="supervision-call"),
    path("supervision-records/plan/", supervision.plan_visit, name="supervision-plan"),
    path(
        "supervision-records/<uuid:pk>/", supervision.supervision_detail, name="supervision-detail"
    ),
    path(
        "supervision-records/<uuid:pk>/edit/", supervision.edit_supervision, name="supervision-edit"
    ),
    path("supervision-records/<uuid:pk>/hold/", supervision.hold_visit, name="supervision-hold"),
    path(
        "supervision-records/<uuid:pk>/write/", supervision.write_report, name="supervision-write"
    ),
    path(
        "supervision-records/<uuid:pk>/accept/",
        supervision.accept_supervision,
        name="supervision-accept",
    ),
    path(
        "supervision-records/<uuid:pk>/return/",
        supervision.return_supervision,
        name="supervision-return",
    ),
    path(
        "supervision-records/<uuid:pk>/cancel/", supervision.cancel_visit, name="supervision-cancel"
    ),
    # phone-rounds/
    path("phone-rounds/", phone_rounds.phone_round_list, name="phone-round-list"),
    path("phone-rounds/new/", phone_rounds.open_round, name="phone-round-open"),
    path("phone-rounds/<uuid:pk>/", phone_rounds.phone_round_detail, name="phone-round-detail"),
    path(
        "phone-rounds/<uuid:pk>/calls/<slug:code>/",
        phone_rounds.record_call_of_round,
        name="phone-round-call",
    ),
    path("phone-rounds/<uuid:pk>/close/", phone_rounds.close_round, name="phone-round-close"),
]

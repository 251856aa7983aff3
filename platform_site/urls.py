"""The composition root: which app answers which address. Included by name, so it imports no app."""

from django.urls import include, path

urlpatterns = [
    path("api/", include("platform_site.api.urls")),
    path("", include("platform_site.web.urls")),
    path("accounts/", include("allauth.urls")),
    path("policy/", include("platform_site.policy.urls")),
    path("calendar/", include("platform_site.casework.feed_urls")),
    path(
        "w/",
        include(
            [
                path("", include("reports.urls")),
                path("", include("platform_site.policy.desk_urls")),
                path("", include("platform_site.editorial.urls")),
                path("", include("platform_site.questionnaires.urls")),
                path("", include("platform_site.obligations.urls")),
                path("", include("platform_site.casework.urls")),
                path("", include("platform_site.webhooks.urls")),
                path("", include("platform_site.documents.urls")),
                path("", include("platform_site.jobs.urls")),
                path("", include("platform_site.attachments.urls")),
                path("", include("platform_site.notifications.urls")),
                path("", include("platform_site.accounts.urls")),
                path("", include("platform_site.federations.urls")),
                path("", include("platform_site.audit.urls")),
            ]
        ),
    ),
]

handler400 = "platform_site.web.views.bad_request"
handler403 = "platform_site.web.views.forbidden"
handler404 = "platform_site.web.views.not_found"
handler500 = "platform_site.web.views.server_error"

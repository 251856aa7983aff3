from django.urls import path

from . import views

urlpatterns = [
    path("accounts/", views.list_accounts, name="account-list"),
    path("accounts/invite/", views.invite, name="account-invite"),
    path("accounts/<uuid:pk>/", views.account_detail, name="account-detail"),
    path("accounts/<uuid:pk>/disable/", views.disable, name="account-disable"),
    path("accounts/<uuid:pk>/enable/", views.enable, name="account-enable"),
    path("accounts/<uuid:pk>/invitation/", views.send_invitation, name="account-invitation"),
    path("accounts/<uuid:pk>/offices/give/", views.give_role, name="office-give"),
    path("accounts/offices/<uuid:pk>/end/", views.end_role, name="office-end"),
    path("accounts/offices/<uuid:pk>/substitute/", views.substitute, name="office-substitute"),
    path("grants/", views.list_grants, name="grant-list"),
    path("grants/give/<str:on>/", views.grant, name="grant-give"),
    path("grants/<uuid:pk>/revoke/", views.revoke, name="grant-revoke"),
    path("tokens/", views.list_tokens, name="token-list"),
    path("tokens/create/", views.issue_token, name="token-create"),
    path("tokens/<uuid:pk>/rotate/", views.rotate_token, name="token-rotate"),
    path("tokens/<uuid:pk>/revoke/", views.revoke_token, name="token-revoke"),
    path("settings/", views.change_settings, name="settings"),
]

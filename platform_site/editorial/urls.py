from django.urls import path

from . import views

urlpatterns = [
    path("content/", views.piece_list, name="piece-list"),
    path("content/<uuid:pk>/", views.piece_detail, name="piece-detail"),
    path("content/<uuid:pk>/preview/", views.piece_preview, name="piece-preview"),
    path("content/<uuid:pk>/compare/", views.compare_revisions, name="piece-compare"),
    path("content/<uuid:pk>/submit/", views.submit_piece, name="piece-submit"),
    path("content/<uuid:pk>/recall/", views.recall_piece, name="piece-recall"),
    path("content/<uuid:pk>/pass-first/", views.pass_first_review, name="piece-pass-first"),
    path("content/<uuid:pk>/pass-second/", views.pass_second_review, name="piece-pass-second"),
    path("content/<uuid:pk>/approve/", views.approve_piece, name="piece-approve"),
    path("content/<uuid:pk>/return/", views.return_piece, name="piece-return"),
    path("content/<uuid:pk>/publish/", views.publish_piece, name="piece-publish"),
    path("content/<uuid:pk>/stop/", views.stop_piece, name="piece-stop"),
    path("content/<uuid:pk>/revise/", views.revise_piece, name="piece-revise"),
    path("content/<uuid:pk>/discard/", views.discard_changes, name="piece-discard"),
    path("content/<uuid:pk>/withdraw/", views.withdraw_piece, name="piece-withdraw"),
    path("content/<uuid:pk>/drop/", views.drop_piece, name="piece-drop"),
]

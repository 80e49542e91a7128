"""Addresses of the pages of seats."""

from django.urls import path

from seats import answer_views, leaving_views, limit_views, reclamation_views, views

app_name = "seats"
urlpatterns = [
    path("it/seats/", views.pool_list, name="pools"),
    path("it/seats/rules/", leaving_views.rules, name="group-rules"),
    path("it/seats/rules/<uuid:rule_id>/", leaving_views.group_rule, name="group-rule"),
    path("it/seats/claims/<uuid:claim_id>/withdraw/", leaving_views.withdraw, name="withdraw-claim"),
    path("it/leavers/", leaving_views.leavers, name="leavers"),
    path("it/leavers/policy/", leaving_views.policy, name="leaving-policy"),
    path("my/products/", leaving_views.own_products, name="own-products"),
    path("it/seats/reclamation/", reclamation_views.board, name="reclamation"),
    path("it/seats/reclamation/rules/new/", reclamation_views.new_rule, name="reclamation-rule-new"),
    path("it/seats/reclamation/rules/<uuid:rule_id>/", reclamation_views.rule_page, name="reclamation-rule"),
    path("it/seats/reclamation/rules/<uuid:rule_id>/stop/", reclamation_views.stop, name="reclamation-rule-stop"),
    path("it/seats/reclamation/rules/<uuid:rule_id>/resume/", reclamation_views.resume, name="reclamation-rule-resume"),
    path("it/seats/reclamation/exemptions/", reclamation_views.exemption_list, name="exemptions"),
    path("it/seats/reclamation/exemptions/<uuid:exemption_id>/end/", reclamation_views.end, name="exemption-end"),
    path("it/seats/reclamation/<uuid:candidate_id>/", reclamation_views.candidate_page, name="removal-candidate"),
    path("seat-answer/<str:token>/", answer_views.answer_page, name="answer"),
    path("it/seats/<uuid:pool_id>/", views.pool_page, name="pool"),
    path("it/seats/<uuid:pool_id>/assign/", views.assign_seat, name="assign"),
    path("it/seats/<uuid:pool_id>/candidates/", views.candidate_list, name="candidates"),
    path("it/seats/<uuid:pool_id>/limits/", limit_views.limits, name="limits"),
    path("it/seats/<uuid:pool_id>/cut/", limit_views.cut, name="cut"),
    path("it/seats/<uuid:pool_id>/cut/confirm/", limit_views.confirm, name="confirm_cut"),
    path("it/seats/<uuid:pool_id>/cut/cancel/", limit_views.cancel, name="cancel_cut"),
    path("it/seats/<uuid:pool_id>/reserve/", limit_views.reserve, name="reserve"),
    path("it/seats/assignments/<uuid:assignment_id>/transfer/", limit_views.transfer_seat, name="transfer"),
    path("it/seats/assignments/<uuid:assignment_id>/release/", views.release_seat, name="release"),
]

"""Addresses of the pages of seats."""

from django.urls import path

from seats import leaving_views, limit_views, views

app_name = "seats"
urlpatterns = [
    path("it/seats/", views.pool_list, name="pools"),
    path("it/seats/rules/", leaving_views.rules, name="group-rules"),
    path("it/seats/rules/<uuid:rule_id>/", leaving_views.group_rule, name="group-rule"),
    path("it/seats/claims/<uuid:claim_id>/withdraw/", leaving_views.withdraw, name="withdraw-claim"),
    path("it/leavers/", leaving_views.leavers, name="leavers"),
    path("it/leavers/policy/", leaving_views.policy, name="leaving-policy"),
    path("my/products/", leaving_views.own_products, name="own-products"),
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

"""Addresses of the pages of seats."""

from django.urls import path

from seats import views

app_name = "seats"
urlpatterns = [
    path("it/seats/", views.pool_list, name="pools"),
    path("it/seats/<uuid:pool_id>/", views.pool_page, name="pool"),
    path("it/seats/<uuid:pool_id>/assign/", views.assign_seat, name="assign"),
    path("it/seats/<uuid:pool_id>/candidates/", views.candidate_list, name="candidates"),
    path("it/seats/assignments/<uuid:assignment_id>/release/", views.release_seat, name="release"),
]

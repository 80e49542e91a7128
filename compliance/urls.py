"""Addresses of the pages of violations and change requests."""

from django.urls import path

from compliance import change_views, my_views, views

app_name = "compliance"
urlpatterns = [
    path("my/", my_views.my_software, name="my"),
    path("my/requests/<uuid:request_id>/withdraw/", my_views.withdraw, name="my-withdraw"),
    path("my/data/", my_views.my_data, name="my-data"),
    path("my/seats/<uuid:assignment_id>/give-back/", my_views.give_back, name="give-back"),
    path("violations/", views.violation_list, name="violations"),
    path("violations/scan/", views.scan_now, name="scan"),
    path("violations/<uuid:violation_id>/", views.violation, name="violation"),
    path("changes/", change_views.change_list, name="changes"),
    path("changes/<uuid:request_id>/", change_views.change, name="change"),
]

"""Addresses of the pages of violations and change requests."""

from django.urls import path

from compliance import change_views, views

app_name = "compliance"
urlpatterns = [
    path("violations/", views.violation_list, name="violations"),
    path("violations/scan/", views.scan_now, name="scan"),
    path("violations/<uuid:violation_id>/", views.violation, name="violation"),
    path("changes/", change_views.change_list, name="changes"),
    path("changes/<uuid:request_id>/", change_views.change, name="change"),
]

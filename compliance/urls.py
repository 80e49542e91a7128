"""Addresses of the pages of violations."""

from django.urls import path

from compliance import views

app_name = "compliance"
urlpatterns = [
    path("violations/", views.violation_list, name="violations"),
    path("violations/scan/", views.scan_now, name="scan"),
    path("violations/<uuid:violation_id>/", views.violation, name="violation"),
]

"""Addresses of the organisation's own settings."""

from django.urls import path

from identity.views import provisioning

app_name = "organization"
urlpatterns = [
    path("provisioning/", provisioning.provisioning, name="provisioning"),
    path("provisioning/tokens/<uuid:token_id>/rotate/", provisioning.rotate_token, name="provisioning-rotate"),
    path("provisioning/tokens/<uuid:token_id>/revoke/", provisioning.revoke_token, name="provisioning-revoke"),
]

"""Addresses of what an organisation settles for itself."""

from django.urls import path

from identity.views import api_clients

app_name = "organization"
urlpatterns = [
    path("api-clients/", api_clients.client_list, name="api-clients"),
    path("api-clients/new/", api_clients.new_client, name="api-client-new"),
    path("api-clients/<uuid:client_id>/secret/", api_clients.rotate_secret, name="api-client-secret"),
    path("api-clients/<uuid:client_id>/revoke/", api_clients.revoke, name="api-client-revoke"),
]

"""Addresses of the authorisation server."""

from django.urls import path

from identity.views import consent, oauth

app_name = "oauth"
urlpatterns = [
    path("token/", oauth.token, name="token"),
    path("revoke/", oauth.revoke, name="revoke"),
    path("introspect/", oauth.introspect, name="introspect"),
    path("authorize/", consent.authorize, name="authorize"),
]

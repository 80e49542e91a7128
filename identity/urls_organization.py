"""Addresses of the organisation's own settings."""

from django.urls import path

from identity.views import sign_in_policy

app_name = "organization"
urlpatterns = [
    path("sign-in/", sign_in_policy.sign_in_policy, name="sign-in"),
]

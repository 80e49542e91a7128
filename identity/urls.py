"""Addresses of the local sign-in."""

from django.urls import path

from identity import views

app_name = "identity"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("organizations/", views.organizations, name="organizations"),
]

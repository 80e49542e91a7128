"""Addresses of the local sign-in."""

from django.urls import path

from identity.views import company, joining, signing_in

app_name = "identity"
urlpatterns = [
    path("sign-in/", signing_in.sign_in, name="sign-in"),
    path("sign-out/", signing_in.sign_out, name="sign-out"),
    path("company/", company.company, name="company"),
    path("link/<uuid:request_id>/", company.link, name="link"),
    path("organizations/", signing_in.organizations, name="organizations"),
    path("invitation/", joining.invitation, name="invitation"),
]

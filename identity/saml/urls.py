"""Addresses of one SAML connection; a contract with identity providers."""

from django.urls import path

from identity.saml import views, views_out

app_name = "saml"
urlpatterns = [
    path("metadata/", views.metadata, name="metadata"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("acs/", views.acs, name="acs"),
    path("slo/", views_out.slo, name="slo"),
]

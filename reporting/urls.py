"""Addresses of the dashboards, of the audit centre and of audit packages."""

from django.urls import path

from reporting.views import finance, home, it, ledger, packages, procurement

app_name = "reporting"
urlpatterns = [
    path("", home.home, name="home"),
    path("it/", it.it, name="it"),
    path("finance/", finance.finance, name="finance"),
    path("procurement/", procurement.procurement, name="procurement"),
    path("audit/", ledger.audit, name="audit"),
    path("audit/verify/", ledger.verify_now, name="verify-now"),
    path("audit/verification/", ledger.verification, name="verification"),
    path("audit/entries/<int:sequence>/", ledger.event, name="event"),
    path("audit/packages/", packages.packages, name="packages"),
    path("audit/packages/<uuid:package_id>/", packages.package, name="package"),
    path("audit/packages/<uuid:package_id>/progress/", packages.package_progress, name="package-progress"),
    path("audit/packages/<uuid:package_id>/retry/", packages.package_retry, name="package-retry"),
    path("audit/packages/<uuid:package_id>/download/", packages.package_download, name="package-download"),
]

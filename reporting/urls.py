"""Addresses of the dashboards and of the audit centre."""

from django.urls import path

from reporting.views import finance, home, it, ledger, procurement

app_name = "reporting"
urlpatterns = [
    path("", home.home, name="home"),
    path("it/", it.it, name="it"),
    path("finance/", finance.finance, name="finance"),
    path("procurement/", procurement.procurement, name="procurement"),
    path("audit/", ledger.audit, name="audit"),
    path("audit/entries/<int:sequence>/", ledger.event, name="event"),
]

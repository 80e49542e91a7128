"""Addresses under `/compat/keygen/<organisation>/v1/`. A fingerprint may hold slashes, hence `path`."""

from django.urls import path

from licensing.compat import licenses, machines
from licensing.compat.answering import address, nowhere

app_name = "keygen"
urlpatterns = [
    path("me", address(GET=licenses.me)),
    path("licenses/actions/validate-key", address(POST=licenses.validate_key)),
    path("licenses/<str:license>", address(GET=licenses.show)),
    path("licenses/<str:license>/actions/validate", address(POST=licenses.validate)),
    path("licenses/<str:license>/actions/check-out", address(POST=licenses.check_out_license)),
    path("licenses/<str:license>/entitlements", address(GET=licenses.entitlements)),
    path("licenses/<str:license>/machines", address(GET=machines.listed)),
    path("machines", address(GET=machines.listed, POST=machines.create)),
    path("machines/<path:machine>/actions/ping", address(POST=machines.ping_machine)),
    path("machines/<path:machine>/actions/check-out", address(POST=machines.check_out_machine)),
    path("machines/<path:machine>", address(GET=machines.show, DELETE=machines.remove)),
    path("<path:rest>", address(ANY=nowhere)),
]

"""All addresses; docs/architecture.md says which are a contract."""

from django.urls import include, path
from django.views.i18n import set_language
from django_prometheus.exports import ExportToDjangoView

from config import health
from config.composition import site

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", ExportToDjangoView, name="metrics"),
    path("accounts/", include("identity.urls")),
    path("language/", set_language, name="set_language"),
    path("admin/", site.urls),
    path("api/v1/", include("config.api")),
    path("", include("licensing.urls")),
    path("", include("reporting.urls")),
]

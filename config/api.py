"""REST routes of all apps, under /api/v1/. Each app lists its own as (resource, viewset)."""

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

import audit.rest
import compliance.rest
import identity.rest
import licensing.rest
import reporting.rest
import seats.rest

router = SimpleRouter(use_regex_path=False)
for _routes in (
    identity.rest.ROUTES,
    audit.rest.ROUTES,
    licensing.rest.ROUTES,
    seats.rest.ROUTES,
    compliance.rest.ROUTES,
    reporting.rest.ROUTES,
):
    for _resource, _viewset in _routes:
        router.register(_resource, _viewset, basename=_resource.replace("/", "-"))

urlpatterns = [
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="openapi"), name="api-docs"),
    path("audit/events/", audit.rest.EventList.as_view(), name="audit-events"),
    path("audit/verification/", reporting.rest.VerificationView.as_view(), name="audit-verification"),
    path("", include(router.urls)),
]

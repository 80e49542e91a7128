"""REST routes of all apps, under /api/v1/."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from audit.rest import CheckpointViewSet, EventList
from identity.rest import DeviceViewSet, OrganizationViewSet, PersonViewSet

router = SimpleRouter(use_regex_path=False)
router.register("organizations", OrganizationViewSet, basename="organization")
router.register("people", PersonViewSet, basename="person")
router.register("devices", DeviceViewSet, basename="device")
router.register("audit/checkpoints", CheckpointViewSet, basename="checkpoint")

urlpatterns = [
    path("openapi.json", SpectacularAPIView.as_view(), name="openapi"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="openapi"), name="api-docs"),
    path("audit/events/", EventList.as_view(), name="audit-events"),
    path("", include(router.urls)),
]

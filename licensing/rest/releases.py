"""REST of releases: prepared, published, taken back; which of them licences may run, and what keeps them from newer
ones."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.clock import DatabaseClock
from kernel.rest import TenantViewSet
from licensing.models import License, Product, Release, ReleaseChannel
from licensing.operations.releases import NewRelease, draft_release, publish_release, yank_release
from licensing.queries.license_facts import RELATED
from licensing.queries.releases import Judged, upgrades

CATALOGUE = "licensing.catalogue.view"
MANAGE = "licensing.catalogue.manage"
VIEW = "licensing.license.view"


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    class Meta:
        model = Release
        fields = [
            "id",
            "product",
            "version",
            "channel",
            "status",
            "required_features",
            "released_at",
            "yanked_at",
            "yanked_reason",
            "created_at",
        ]
        read_only_fields = fields


class NewReleaseSerializer(serializers.Serializer[Any]):
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all())
    version = serializers.CharField(max_length=200)
    channel = serializers.ChoiceField(choices=ReleaseChannel.choices, default=ReleaseChannel.STABLE)
    required_features = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, default=list, max_length=50
    )


class PublicationSerializer(serializers.Serializer[Any]):
    """When the release was published; left out: now."""

    released_at = serializers.DateTimeField(required=False, default=None, allow_null=True)


class YankSerializer(serializers.Serializer[Any]):
    """Why a release is taken back."""

    reason = serializers.CharField(max_length=500)


class ReleaseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Releases of products. POST prepares one; `publish` and `yank` change its state."""

    serializer_class = ReleaseSerializer
    queryset = Release.objects.all()
    filterset_fields = ["product", "version", "channel", "status"]
    permissions = {"list": CATALOGUE, "retrieve": CATALOGUE, "create": MANAGE, "publish": MANAGE, "yank": MANAGE}

    @extend_schema(request=NewReleaseSerializer, responses={201: ReleaseSerializer})
    def create(self, request: Request) -> Response:
        given = NewReleaseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = draft_release(release=NewRelease(**given.validated_data), trail=self.trail)
        return Response(ReleaseSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=PublicationSerializer, responses=ReleaseSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str | None = None) -> Response:
        row = self.get_object()
        given = PublicationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(
            ReleaseSerializer(publish_release(release_id=row.id, trail=self.trail, **given.validated_data)).data
        )

    @extend_schema(request=YankSerializer, responses=ReleaseSerializer)
    @action(detail=True, methods=["post"])
    def yank(self, request: Request, pk: str | None = None) -> Response:
        row = self.get_object()
        given = YankSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(
            ReleaseSerializer(yank_release(release_id=row.id, trail=self.trail, **given.validated_data)).data
        )


class JudgedReleaseSerializer(serializers.Serializer[Judged]):
    """A release; `codes` are those of docs/validation-codes.md that keep the licence from running it."""

    id = serializers.UUIDField(source="row.id")
    version = serializers.CharField(source="row.version")
    channel = serializers.CharField(source="row.channel")
    released_at = serializers.DateTimeField(source="row.released_at")
    yanked_at = serializers.DateTimeField(source="row.yanked_at", allow_null=True)
    eligible = serializers.BooleanField(source="verdict.is_eligible")
    codes = serializers.ListField(child=serializers.CharField(), source="verdict.codes")


class LicenseReleasesSerializer(serializers.Serializer[Any]):
    """`eligible_until` null: releases of every date are covered."""

    eligible_until = serializers.DateTimeField(source="until", allow_null=True)
    releases = JudgedReleaseSerializer(many=True)


class UpgradeSerializer(serializers.Serializer[Any]):
    """The highest version that a licence may run, and the highest that there is, with the codes in between."""

    license = serializers.UUIDField(source="license.id")
    number = serializers.CharField(source="license.number")
    licensee = serializers.UUIDField(source="license.licensee_id")
    product = serializers.UUIDField(source="license.product_id")
    eligible_until = serializers.DateTimeField(source="until", allow_null=True)
    eligible_version = serializers.CharField(source="reachable.version", default=None, allow_null=True)
    newest_version = serializers.CharField(source="newest.version", default=None, allow_null=True)
    codes = serializers.ListField(child=serializers.CharField())


class UpgradeViewSet(TenantViewSet):
    """The report of eligible upgrades: one row for each licence, newest first."""

    serializer_class = UpgradeSerializer
    queryset = License.objects.all()
    filterset_fields = ["licensee", "product", "license_type", "status"]
    permissions = {"list": VIEW}

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset().select_related(*RELATED)))
        found = upgrades(licenses=page or [], at=DatabaseClock().now())
        return self.get_paginated_response(UpgradeSerializer(found, many=True).data)


ROUTES = (("releases", ReleaseViewSet), ("license-upgrades", UpgradeViewSet))

"""REST of the catalogue: reference rows, each write with its ledger entry."""

from typing import Any

from rest_framework import mixins, serializers

from kernel.rest import OwnedSerializer, TenantViewSet
from licensing.models import Edition, Metric, Product, Publisher

VIEW = "licensing.catalogue.view"
MANAGE = "licensing.catalogue.manage"


class RecordedViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.CreateModelMixin, mixins.UpdateModelMixin, TenantViewSet
):
    """Reference rows that need no operation of their own: each write leaves its ledger entry, nothing is deleted."""

    http_method_names = ["get", "post", "patch", "head", "options"]
    permissions = {"list": VIEW, "retrieve": VIEW, "create": MANAGE, "update": MANAGE}
    event_prefix = ""

    def perform_create(self, serializer: Any) -> None:
        row = serializer.save(organization_id=self.trail.organization_id, created_at=self.trail.clock.now())
        self.trail.record(f"{self.event_prefix}.created", subject=row, details={"fields": _given(serializer)})

    def perform_update(self, serializer: Any) -> None:
        row = serializer.save()
        self.trail.record(f"{self.event_prefix}.updated", subject=row, details={"fields": _given(serializer)})


def _given(serializer: Any) -> list[str]:
    """The fields of the body that were used, without stored twins: as the admin writes them into the ledger."""
    return sorted(set(serializer.validated_data) & set(serializer.fields))


class NamedSerializer(OwnedSerializer):
    """Keeps the stored twin of `name`, on which uniqueness and look-ups rest."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "name" in attrs:
            attrs["name_lower"] = attrs["name"].lower()
        return super().validate(attrs)


class PublisherSerializer(NamedSerializer):
    class Meta:
        model = Publisher
        fields = ["id", "name", "created_at"]
        read_only_fields = ["id", "created_at"]


class PublisherViewSet(RecordedViewSet):
    """Publishers of the catalogue."""

    serializer_class = PublisherSerializer
    queryset = Publisher.objects.all()
    filterset_fields = ["name"]
    event_prefix = "publisher"


class ProductSerializer(NamedSerializer):
    class Meta:
        model = Product
        fields = ["id", "publisher", "name", "code", "unspsc", "swid_tag_id", "created_at"]
        read_only_fields = ["id", "created_at"]


class ProductViewSet(RecordedViewSet):
    """Products of the catalogue."""

    serializer_class = ProductSerializer
    queryset = Product.objects.all()
    filterset_fields = ["publisher", "name", "code"]
    event_prefix = "product"


class EditionSerializer(NamedSerializer):
    class Meta:
        model = Edition
        fields = ["id", "product", "name", "created_at"]
        read_only_fields = ["id", "created_at"]


class EditionViewSet(RecordedViewSet):
    """Editions of products."""

    serializer_class = EditionSerializer
    queryset = Edition.objects.all()
    filterset_fields = ["product", "name"]
    event_prefix = "edition"


class MetricSerializer(serializers.ModelSerializer[Metric]):
    class Meta:
        model = Metric
        fields = ["id", "code", "version", "name", "subject", "function", "parameters", "rounding", "superseded_at"]


class MetricViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """How rights are counted."""

    serializer_class = MetricSerializer
    queryset = Metric.objects.all()
    filterset_fields = ["code"]
    permissions = {"list": VIEW, "retrieve": VIEW}


ROUTES = (
    ("publishers", PublisherViewSet),
    ("products", ProductViewSet),
    ("editions", EditionViewSet),
    ("metrics", MetricViewSet),
)

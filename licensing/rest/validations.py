"""REST of recorded validations, to read: what was asked about licences and what the answer was."""

from typing import ClassVar

import django_filters
from rest_framework import mixins, serializers

from kernel.rest import TenantViewSet
from licensing.models import ValidationEvent

VIEW = "licensing.validation.view"


class ValidationEventSerializer(serializers.ModelSerializer[ValidationEvent]):
    """One question with its answer. `user` and `device` are keyed digests, `network` is a /24 or /48. `key_digest`
    (hex) is the same for all questions with one key, which itself is nowhere. `license` is null where nobody issued
    the key."""

    license = serializers.UUIDField(source="license_id", allow_null=True, read_only=True)
    key_digest = serializers.SerializerMethodField()

    class Meta:
        model = ValidationEvent
        fields = [
            "id",
            "at",
            "license",
            "key_digest",
            "code",
            "refusal",
            "features",
            "version",
            "user",
            "device",
            "client_at",
            "domain",
            "country",
            "network",
            "sdk",
            "origin",
        ]
        read_only_fields = fields

    def get_key_digest(self, row: ValidationEvent) -> str:
        return bytes(row.key_digest).hex()


class ValidationFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    license = django_filters.UUIDFilter(field_name="license_id")

    class Meta:
        model = ValidationEvent
        fields: ClassVar[dict[str, list[str]]] = {
            "code": ["exact"],
            "origin": ["exact"],
            "country": ["exact"],
            "at": ["gte", "lt"],
        }


class ValidationEventViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Validations, activations and heartbeats as they were answered, newest first; they are never changed."""

    serializer_class = ValidationEventSerializer
    queryset = ValidationEvent.objects.all()
    filterset_class = ValidationFilter
    permissions = {"list": VIEW, "retrieve": VIEW}


ROUTES = (("validations", ValidationEventViewSet),)

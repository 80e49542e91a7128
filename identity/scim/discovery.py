"""What this service is: /ServiceProviderConfig, /ResourceTypes and /Schemas."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django_scim.exceptions import NotFoundError
from scim2_models import Context, ListResponse

from identity.scim import resources
from identity.scim.errors import Forbidden
from identity.scim.locations import root
from identity.scim.problems import json_response
from identity.scim.views import ScimView


class ServiceProviderConfigView(ScimView):
    http_method_names: ClassVar[Sequence[str]] = ("get",)

    def get(self, request: HttpRequest) -> HttpResponse:
        config = _described(resources.PROVIDER.config, "ServiceProviderConfig", f"{root()}/ServiceProviderConfig")
        return json_response(config)


class DescriptionsView(ScimView):
    """A list of descriptions, and each of them by its id."""

    http_method_names: ClassVar[Sequence[str]] = ("get",)
    resource_type: ClassVar[str] = ""
    path: ClassVar[str] = ""

    def descriptions(self) -> Iterable[Any]:
        raise NotImplementedError

    def get(self, request: HttpRequest, uuid: str | None = None) -> HttpResponse:
        if "filter" in request.GET:
            # RFC 7644 §4: discovery is not filtered.
            raise Forbidden("descriptions cannot be filtered")
        found = [
            _described(one, self.resource_type, f"{root()}/{self.path}/{one.id}")
            for one in self.descriptions()
            if uuid is None or str(one.id).lower() == uuid.lower()
        ]
        if uuid is None:
            return json_response(_all(found))
        if not found:
            raise NotFoundError(uuid[:128])
        return json_response(found[0])


class ResourceTypesView(DescriptionsView):
    resource_type, path = "ResourceType", "ResourceTypes"

    def descriptions(self) -> Iterable[Any]:
        return resources.PROVIDER.resource_types


class SchemasView(DescriptionsView):
    resource_type, path = "Schema", "Schemas"

    def descriptions(self) -> Iterable[Any]:
        return resources.PROVIDER.schemas


def _described(one: Any, resource_type: str, location: str) -> dict[str, Any]:
    dumped: dict[str, Any] = one.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE)
    return {**dumped, "meta": {"resourceType": resource_type, "location": location}}


def _all(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "schemas": [str(ListResponse.__schema__)],
        "totalResults": len(found),
        "startIndex": 1,
        "itemsPerPage": len(found),
        "Resources": found,
    }

"""Absolute addresses of resources, from the settings alone: the Host header decides nothing."""

from functools import lru_cache
from uuid import UUID

from django.conf import settings

from identity.queries.provisioning import base_url

ENDPOINTS = {"User": "Users", "Group": "Groups"}


def base_location(request: object = None) -> str:
    """What django_scim puts before its paths."""
    return str(settings.BASE_URL)


@lru_cache(maxsize=1)
def root() -> str:
    """The base URL that an administrator enters at the directory service, without a slash at the end."""
    return base_url()


def location_of(resource_type: str, resource_id: UUID | str) -> str:
    return f"{root()}/{ENDPOINTS[resource_type]}/{resource_id}"

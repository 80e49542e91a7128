"""Tokens and log entries of provisioning, as rows."""

from datetime import timedelta
from itertools import count
from typing import Any

from identity.models import Organization, ProvisioningEntry, ScimToken
from tests.factories.moments import NOW

_next = count(1)


def scim_token(organization: Organization, **columns: Any) -> ScimToken:
    n = next(_next)
    values = {
        "name": f"Directory {n}",
        "prefix": f"slscim_{n:06}",
        "digest": n.to_bytes(32, "big"),
        "created_at": NOW,
        "created_by": "somebody",
        "expires_at": NOW + timedelta(days=365),
        **columns,
    }
    return ScimToken.objects.create(organization=organization, **values)


def provisioning_entry(organization: Organization, **columns: Any) -> ProvisioningEntry:
    values = {"at": NOW, "verb": "POST", "resource_type": "User", "outcome": "done", "status": 201, **columns}
    return ProvisioningEntry.objects.create(organization=organization, **values)

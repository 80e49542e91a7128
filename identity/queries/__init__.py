"""Reads of identity/, among them the few that happen before an organisation is known."""

from identity.queries.credentials import credential_digest, issuer_of_credential
from identity.queries.memberships import (
    LiveMembership,
    actor_of,
    addresses_of_roles,
    memberships_of,
    principal_for,
)
from identity.queries.organizations import (
    OrganizationUnknown,
    chosen_organizations,
    organization_ids,
    platform_organization,
    published_organization,
)

__all__ = [
    "LiveMembership",
    "OrganizationUnknown",
    "actor_of",
    "addresses_of_roles",
    "chosen_organizations",
    "credential_digest",
    "issuer_of_credential",
    "memberships_of",
    "organization_ids",
    "platform_organization",
    "principal_for",
    "published_organization",
]

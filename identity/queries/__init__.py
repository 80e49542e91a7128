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
from identity.queries.sign_in_security import (
    Demands,
    FactorState,
    has_second_factor,
    password_reset_for,
    second_factor_is_locked,
    second_factor_of,
    sessions_of,
    sign_in_demands,
)

__all__ = [
    "Demands",
    "FactorState",
    "LiveMembership",
    "OrganizationUnknown",
    "actor_of",
    "addresses_of_roles",
    "chosen_organizations",
    "credential_digest",
    "has_second_factor",
    "issuer_of_credential",
    "memberships_of",
    "organization_ids",
    "password_reset_for",
    "platform_organization",
    "principal_for",
    "published_organization",
    "second_factor_is_locked",
    "second_factor_of",
    "sessions_of",
    "sign_in_demands",
]

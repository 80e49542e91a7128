"""Scopes: what an access token may be used for, in words for whoever agrees to it.

A scope only narrows. What a token allows is what its roles allow *and* its scopes allow; permission strings are
declared by the app that owns them, and a test proves that each is within some scope or kept from programs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from identity.rules.roles import PLATFORM_OPERATOR, ROLES, permissions_of


@dataclass(frozen=True)
class Scope:
    """`purpose` is shown where a client is made, on the consent page and in docs/scopes.md."""

    code: str
    purpose: str
    permissions: frozenset[str]


def _scope(code: str, purpose: str, *permissions: str) -> Scope:
    return Scope(code, purpose, frozenset(permissions))


SCOPES: Final[dict[str, Scope]] = {
    scope.code: scope
    for scope in (
        _scope("organization:read", "See the name and the settings of the organisation.", "identity.organization.view"),
        _scope("people:read", "See people, groups, units and devices.", "identity.person.view"),
        _scope(
            "people:write",
            "Add, change and deactivate people, groups, units and devices.",
            "identity.person.view",
            "identity.person.manage",
        ),
        _scope(
            "members:read",
            "See who may sign in, with which roles, and what reviews of access decided.",
            "identity.membership.view",
            "identity.role.view",
            "identity.access_review.view",
        ),
        _scope(
            "scim",
            "Provision people and groups from a directory (SCIM).",
            "identity.organization.view",
            "identity.person.view",
            "identity.person.manage",
        ),
        _scope(
            "catalogue:read", "See publishers, products, editions and business partners.", "licensing.catalogue.view"
        ),
        _scope(
            "catalogue:write",
            "Add and change publishers, products, editions and business partners.",
            "licensing.catalogue.view",
            "licensing.catalogue.manage",
        ),
        _scope(
            "entitlements:read",
            "See agreements, purchases without prices, and rights of use.",
            "licensing.entitlement.view",
        ),
        _scope(
            "entitlements:write",
            "Record agreements, purchases and rights of use, also by import.",
            "licensing.entitlement.view",
            "licensing.entitlement.manage",
            "licensing.import.run",
        ),
        _scope("money:read", "See prices and what rights cost.", "licensing.money.view"),
        _scope(
            "licences:read",
            "See licence types, licences, certificates and recorded validations.",
            "licensing.license.view",
            "licensing.validation.view",
        ),
        _scope(
            "licences:write",
            "Define licence types; issue, suspend and revoke licences; end activations; bar customers.",
            "licensing.license.view",
            "licensing.party.bar",
            "licensing.type.manage",
            "licensing.license.issue",
            "licensing.license.suspend",
            "licensing.activation.release",
        ),
        _scope(
            "keys:write",
            "Issue licence keys and certificates: secrets that unlock software.",
            "licensing.license.view",
            "licensing.key.issue",
            "licensing.certificate.issue",
        ),
        _scope(
            "usage:write",
            "Send what is consumed of licences, and read the sums.",
            "licensing.license.view",
            "licensing.usage.record",
        ),
        _scope(
            "seats:read",
            "See pools of seats, who holds them, which are asked back, and what becomes of those of leavers.",
            "seats.pool.view",
            "seats.assignment.view",
            "seats.departure.view",
            "seats.reclamation.view",
        ),
        _scope(
            "seats:write",
            "Create pools, assign, release and reclaim seats, also by groups and of leavers.",
            "seats.group_rule.manage",
            "seats.departure.view",
            "seats.departure.decide",
            "seats.own.use",
            "seats.pool.view",
            "seats.pool.manage",
            "seats.assignment.view",
            "seats.assignment.manage",
            "seats.assignment.manage_own",
            "seats.reclamation.view",
            "seats.reclamation.manage",
            "seats.reclamation.decide",
        ),
        _scope(
            "compliance:read",
            "See violations, their evidence and change requests.",
            "compliance.violation.view",
            "compliance.change.view",
        ),
        _scope(
            "compliance:write",
            "Start scans, take violations over, and decide about change requests.",
            "compliance.violation.view",
            "compliance.violation.manage",
            "compliance.change.view",
            "compliance.change.decide",
            "compliance.scan.run",
        ),
        _scope(
            "reports:read",
            "Read overviews and audit packages.",
            "reporting.dashboard.it",
            "reporting.dashboard.finance",
            "reporting.dashboard.procurement",
            "reporting.package.view",
            "reporting.package.download",
        ),
        _scope(
            "reports:write",
            "Order audit packages and verifications of the ledger.",
            "reporting.package.view",
            "reporting.package.build",
            "reporting.verification.run",
        ),
        _scope(
            "audit:read",
            "Read the ledger, its checkpoints, and who read personal data.",
            "audit.ledger.view",
            "audit.access_event.view",
            "reporting.dashboard.audit",
        ),
        _scope(
            "operations:read",
            "See background runs, undelivered messages and schedules.",
            "jobs.run.view",
            "jobs.schedule.view",
        ),
    )
}

NARROWEST: Final[dict[str, str]] = {
    permission: scope.code
    for scope in sorted(SCOPES.values(), key=lambda one: -len(one.permissions))
    for permission in scope.permissions
}
"""Permission → the scope that carries it and as little else as possible: the smallest one is written last."""

FOR_PEOPLE_ALONE: Final[dict[str, str]] = {
    "identity.membership.manage": "who may enter is decided by somebody who signed in",
    "identity.api_client.view": "a program has no need to know the others",
    "identity.api_client.manage": "a program that makes programs could outlive its own revocation",
    "identity.access_review.manage": "who is asked about whose access is decided by somebody who signed in",
    "identity.access_review.decide": "an answer about somebody's access is a person's",
    "identity.graphql.explore": "the page to try queries on is for browsers",
    "identity.person.hold": "a legal hold is placed and lifted by a person",
    "identity.person.merge": "that two records are one human is judged by a person",
    "identity.provisioning.view": "a directory service needs its own token, not the list of them",
    "identity.provisioning.manage": "a program that draws tokens could outlive its own revocation",
    "identity.second_factor.reset": "who lost a second factor is judged by somebody who signed in",
    "identity.session.manage": "whose sessions end is decided by somebody who signed in",
    "identity.sign_in_policy.view": "how people sign in concerns people",
    "identity.sign_in_policy.manage": "how people sign in is decided by somebody who signed in",
    "identity.sso.view": "how people sign in concerns people",
    "identity.sso.manage": "how people sign in is decided by somebody who signed in",
    "licensing.product_owner.manage": "who answers for a product is decided by somebody who signed in",
    "licensing.certificate.recall": "that an offline right is taken back is decided by somebody who signed in",
    "licensing.signing_key.manage": "a program that changes what signs could make its own proofs",
    "licensing.bought_key.store": "a key that was bought passes through a person's hands",
    "licensing.bought_key.reveal": "a key is shown to somebody who says why",
    "licensing.portal.view": "the portal is a page for people of a customer",
    "jobs.schedule.manage": "when work runs is decided by somebody who signed in",
}
"""Permission → why no scope carries it."""


def permissions_within(*, roles: Iterable[str], scopes: Iterable[str]) -> frozenset[str]:
    """What a token with these scopes may do for somebody with these roles: both must allow it."""
    allowed: frozenset[str] = frozenset().union(*(SCOPES[code].permissions for code in scopes if code in SCOPES))
    return permissions_of(roles) & allowed


def permissions_beyond(*, roles: Iterable[str], scopes: Iterable[str]) -> dict[str, str]:
    """Permissions that the roles carry and these scopes do not, each with the narrowest scope that would: asking for
    that one more gets no further than what was refused. What no scope carries is left out."""
    missing = permissions_of(roles) - permissions_within(roles=roles, scopes=scopes)
    return {permission: scope for permission in missing if (scope := NARROWEST.get(permission)) is not None}


def roles_beyond(*, roles: Iterable[str], permissions: frozenset[str]) -> list[str]:
    """The roles among these that somebody with these permissions may not give to a client.

    Whoever may grant memberships may give any; everybody else those that can do nothing beyond the own permissions.
    What runs the installation itself is given by a command on the server alone.
    """
    grants = "identity.membership.manage" in permissions
    known = (ROLES[code] for code in roles if code in ROLES)
    return sorted(
        role.code for role in known if role is PLATFORM_OPERATOR or not (grants or role.permissions <= permissions)
    )

"""Roles: a sentence on what each is for, and the permissions that it carries.

Permission strings are declared by the app that owns them (`<app>/permissions.py`); a test proves that each one named
here exists and that each declared one is carried by some role.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

READ_LICENSING: Final = (
    "licensing.catalogue.view",
    "licensing.entitlement.view",
    "licensing.license.view",
    "seats.pool.view",
    "seats.assignment.view",
)
READ_MONEY: Final = ("licensing.money.view",)
EVERYBODY: Final = ("identity.organization.view",)
REVIEWER: Final = ("identity.access_review.decide",)
"""Carried by whoever may be asked whether a colleague still needs access; each decides the own questions alone."""
SELF: Final = ("seats.own.use",)
"""Carried by whoever works here: the own seats are everybody's own matter."""
LEAVERS: Final = ("seats.departure.view", "seats.departure.decide")
SEE_MEMBERS: Final = ("identity.membership.view", "identity.role.view")
SEATS: Final = ("seats.assignment.manage", "seats.assignment.manage_own")
RECLAIM: Final = ("seats.reclamation.view", "seats.reclamation.decide")
"""Carried by whoever a rule may name to decide about a seat that its holder wants to keep."""


@dataclass(frozen=True)
class Role:
    """`purpose` is shown on the roles page; `permissions` are the strings that its holders may use."""

    code: str
    purpose: str
    permissions: frozenset[str]


def _role(code: str, purpose: str, *permissions: str) -> Role:
    return Role(code, purpose, frozenset((*EVERYBODY, *permissions)))


OWNER = _role(
    "owner",
    "Answers for the organisation: people, roles and settings, and sees everything.",
    *READ_LICENSING,
    "seats.reclamation.view",
    *READ_MONEY,
    *REVIEWER,
    *SELF,
    *SEE_MEMBERS,
    *LEAVERS,
    "identity.person.view",
    "identity.person.manage",
    "identity.person.merge",
    "identity.person.hold",
    "identity.membership.manage",
    "identity.api_client.view",
    "identity.api_client.manage",
    "identity.graphql.explore",
    "identity.sso.view",
    "identity.sso.manage",
    "identity.access_review.view",
    "identity.access_review.manage",
    "audit.access_event.view",
    "licensing.validation.view",
    "licensing.product_owner.manage",
    "licensing.signing_key.manage",
    "licensing.certificate.recall",
    "identity.second_factor.reset",
    "identity.session.manage",
    "identity.sign_in_policy.view",
    "identity.sign_in_policy.manage",
    "identity.provisioning.view",
    "identity.provisioning.manage",
    "jobs.schedule.view",
    "jobs.schedule.manage",
    "jobs.run.view",
    "audit.ledger.view",
    "compliance.violation.view",
    "compliance.scan.run",
    "reporting.dashboard.it",
    "reporting.dashboard.finance",
    "reporting.dashboard.procurement",
    "reporting.dashboard.audit",
    "reporting.verification.run",
    "reporting.package.view",
    "reporting.package.build",
    "reporting.package.download",
    "compliance.change.view",
    "compliance.change.decide",
)
IT_ADMIN = _role(
    "it_admin",
    "Runs software for the organisation: catalogue, imports, seats and devices.",
    *READ_LICENSING,
    "licensing.validation.view",
    "licensing.catalogue.manage",
    "licensing.entitlement.manage",
    "licensing.import.run",
    "licensing.product_owner.manage",
    "licensing.bought_key.store",
    "licensing.bought_key.reveal",
    "compliance.change.view",
    "seats.pool.manage",
    "seats.group_rule.manage",
    "seats.reclamation.manage",
    *SEATS,
    *LEAVERS,
    *RECLAIM,
    *REVIEWER,
    *SELF,
    *SEE_MEMBERS,
    "identity.person.view",
    "identity.person.manage",
    "identity.api_client.view",
    "identity.api_client.manage",
    "identity.graphql.explore",
    "identity.sso.view",
    "identity.sso.manage",
    "identity.person.merge",
    "identity.membership.view",
    "identity.session.manage",
    "identity.sign_in_policy.view",
    "identity.provisioning.view",
    "identity.provisioning.manage",
    "jobs.schedule.view",
    "jobs.schedule.manage",
    "jobs.run.view",
    "compliance.violation.view",
    "compliance.scan.run",
    "reporting.dashboard.it",
)
FINANCE = _role(
    "finance",
    "Watches what software costs and what is paid for without use.",
    *READ_LICENSING,
    "seats.reclamation.view",
    *READ_MONEY,
    *REVIEWER,
    *SELF,
    "reporting.dashboard.finance",
    "reporting.dashboard.procurement",
    "compliance.violation.view",
)
PROCUREMENT = _role(
    "procurement",
    "Buys and renews: agreements, purchases and entitlements.",
    *READ_LICENSING,
    *READ_MONEY,
    *REVIEWER,
    *SELF,
    "licensing.catalogue.manage",
    "licensing.entitlement.manage",
    "licensing.import.run",
    "compliance.violation.view",
    "reporting.dashboard.procurement",
    "reporting.dashboard.finance",
)
AUDITOR = _role(
    "auditor",
    "Reads everything, changes nothing, and takes evidence away.",
    *READ_LICENSING,
    "seats.reclamation.view",
    *READ_MONEY,
    *SEE_MEMBERS,
    *SELF,
    "seats.departure.view",
    "identity.person.view",
    "identity.membership.view",
    "identity.api_client.view",
    "identity.sso.view",
    "identity.access_review.view",
    "audit.access_event.view",
    "identity.sign_in_policy.view",
    "identity.provisioning.view",
    "jobs.schedule.view",
    "jobs.run.view",
    "audit.ledger.view",
    "compliance.violation.view",
    "reporting.dashboard.it",
    "reporting.dashboard.finance",
    "reporting.dashboard.procurement",
    "reporting.dashboard.audit",
    "reporting.verification.run",
    "reporting.package.view",
    "reporting.package.build",
    "reporting.package.download",
    "compliance.change.view",
)
VIEWER = _role(
    "viewer", "Reads shared dashboards.", *SELF, "reporting.dashboard.it", "seats.pool.view", "licensing.catalogue.view"
)
COMPLIANCE_OFFICER = _role(
    "compliance_officer",
    "Decides about violations and the rules behind them.",
    *READ_LICENSING,
    "seats.reclamation.view",
    *REVIEWER,
    *SELF,
    *SEE_MEMBERS,
    "identity.access_review.view",
    "identity.access_review.manage",
    "audit.access_event.view",
    "compliance.violation.view",
    "compliance.violation.manage",
    "compliance.scan.run",
    "identity.person.view",
    "reporting.dashboard.it",
    "reporting.dashboard.audit",
    "reporting.verification.run",
    "audit.ledger.view",
    "compliance.change.view",
    "compliance.change.decide",
)
VENDOR_OPS = _role(
    "vendor_ops",
    "Records what customers were granted, and issues licences and keys to them.",
    *READ_LICENSING,
    *READ_MONEY,
    *REVIEWER,
    *SELF,
    "licensing.catalogue.manage",
    "licensing.entitlement.manage",
    "licensing.type.manage",
    "licensing.license.issue",
    "licensing.party.bar",
    "licensing.license.suspend",
    "licensing.key.issue",
    "licensing.activation.release",
    "licensing.validation.view",
    "licensing.certificate.issue",
    "licensing.certificate.recall",
    "licensing.signing_key.manage",
    "licensing.usage.record",
    "identity.graphql.explore",
    "jobs.run.view",
    "compliance.change.view",
)
SUPPORT = _role(
    "support",
    "Helps customers: sees licences and explains decisions.",
    *READ_LICENSING,
    "licensing.validation.view",
    *REVIEWER,
    *SELF,
    "compliance.change.view",
)
MEMBER = _role("member", "Works here: uses software, and answers what colleagues ask.", *REVIEWER, *SELF)
APPROVER = _role(
    "approver",
    "Decides what others ask for: sees the seats and prices behind a request, and who holds which access.",
    *REVIEWER,
    *SELF,
    *READ_MONEY,
    "licensing.catalogue.view",
    *RECLAIM,
    "seats.pool.view",
    "seats.assignment.view",
    "compliance.change.view",
    "compliance.change.decide",
)
LICENCE_OWNER = _role(
    "licence_owner",
    "Answers for some products: gives and takes back their seats, and no others.",
    *READ_LICENSING,
    *REVIEWER,
    *SELF,
    "licensing.import.run",
    "seats.assignment.manage_own",
    *RECLAIM,
    "compliance.violation.view",
    "reporting.dashboard.it",
)
LEGAL = _role(
    "legal",
    "Keeps evidence for disputes: places and lifts legal holds, reads the ledger and audit packages.",
    *READ_LICENSING,
    *READ_MONEY,
    *REVIEWER,
    *SELF,
    *SEE_MEMBERS,
    "identity.person.view",
    "identity.person.hold",
    "identity.access_review.view",
    "audit.access_event.view",
    "audit.ledger.view",
    "compliance.violation.view",
    "reporting.dashboard.audit",
    "reporting.package.view",
    "reporting.package.download",
    "compliance.change.view",
)
CUSTOMER = _role(
    "customer",
    "A customer of a vendor, who sees the own business partner's matters and nothing else.",
    "licensing.portal.view",
)
PLATFORM_OPERATOR = _role(
    "platform_operator",
    "Runs the installation itself; only in the platform organisation.",
    *SEE_MEMBERS,
    *REVIEWER,
    "identity.membership.manage",
    "identity.second_factor.reset",
    "identity.access_review.view",
    "identity.access_review.manage",
    "audit.access_event.view",
    "audit.ledger.view",
    "jobs.run.view",
)

ROLES: Final[dict[str, Role]] = {
    role.code: role
    for role in (
        OWNER,
        IT_ADMIN,
        FINANCE,
        PROCUREMENT,
        AUDITOR,
        VIEWER,
        COMPLIANCE_OFFICER,
        VENDOR_OPS,
        SUPPORT,
        MEMBER,
        APPROVER,
        LICENCE_OWNER,
        LEGAL,
        CUSTOMER,
        PLATFORM_OPERATOR,
    )
}


def permissions_of(codes: Iterable[str]) -> frozenset[str]:
    """What somebody with these roles may do; a role that no longer exists carries nothing."""
    return frozenset().union(*(ROLES[code].permissions for code in codes if code in ROLES))

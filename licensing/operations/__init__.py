"""Writes of licensing/: one verb, one transaction, one ledger entry for each thing changed."""

from licensing.operations.agreements import AgreementExists, NewAgreement, create_agreement
from licensing.operations.catalogue import Named, ensure_product, standard_metrics
from licensing.operations.entitlements import (
    EntitlementNotActive,
    EvidenceMissing,
    NewEntitlement,
    activate_entitlement,
    create_entitlement,
    renew_entitlement,
    revoke_entitlement,
)
from licensing.operations.parties import ensure_party
from licensing.operations.purchases import NewLine, NewPurchase, PurchaseExists, record_purchase

__all__ = [
    "AgreementExists",
    "EntitlementNotActive",
    "EvidenceMissing",
    "Named",
    "NewAgreement",
    "NewEntitlement",
    "NewLine",
    "NewPurchase",
    "PurchaseExists",
    "activate_entitlement",
    "create_agreement",
    "create_entitlement",
    "ensure_party",
    "ensure_product",
    "record_purchase",
    "renew_entitlement",
    "revoke_entitlement",
    "standard_metrics",
]

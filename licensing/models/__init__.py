"""What may be used and what proves it: parties, catalogue, contracts, purchases, rights, licences, keys, imports."""

from licensing.models.agreements import AffiliateScope, Agreement, AgreementState, AgreementType
from licensing.models.amendments import Amendment
from licensing.models.catalogue import (
    Edition,
    Metric,
    MetricFunction,
    MetricRounding,
    MetricSubject,
    Product,
    ProductAlias,
    Publisher,
    Release,
    ReleaseChannel,
    ReleaseStatus,
)
from licensing.models.contacts import VendorContact
from licensing.models.credentials import Certificate, CertificateKind, LicenseKey, SigningKey, SigningKeyStatus
from licensing.models.entitlements import Entitlement, EntitlementModel, EntitlementState
from licensing.models.imports import ImportBatch, ImportRow, ImportState, ImportStatus, ObservedUse
from licensing.models.issuing import License, LicenseType
from licensing.models.ownership import ProductOwner
from licensing.models.parties import Party, PartyKind
from licensing.models.party_access import PartyAccess
from licensing.models.purchases import BillingPeriod, Purchase, PurchaseLine

__all__ = [
    "AffiliateScope",
    "Agreement",
    "AgreementState",
    "AgreementType",
    "Amendment",
    "BillingPeriod",
    "Certificate",
    "CertificateKind",
    "Edition",
    "Entitlement",
    "EntitlementModel",
    "EntitlementState",
    "ImportBatch",
    "ImportRow",
    "ImportState",
    "ImportStatus",
    "License",
    "LicenseKey",
    "LicenseType",
    "Metric",
    "MetricFunction",
    "MetricRounding",
    "MetricSubject",
    "ObservedUse",
    "Party",
    "PartyAccess",
    "PartyKind",
    "Product",
    "ProductAlias",
    "ProductOwner",
    "Publisher",
    "Purchase",
    "PurchaseLine",
    "Release",
    "ReleaseChannel",
    "ReleaseStatus",
    "SigningKey",
    "SigningKeyStatus",
    "VendorContact",
]

"""What may be used and what proves it: parties, catalogue, contracts, purchases, rights, licences, keys, imports."""

from licensing.models.activations import Activation, EndReason
from licensing.models.agreements import AffiliateScope, Agreement, AgreementState, AgreementType
from licensing.models.amendments import Amendment
from licensing.models.bundles import BundleItem, UseRight, UseRightKind
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
from licensing.models.features import AddOn, Feature
from licensing.models.imports import ImportBatch, ImportRow, ImportState, ImportStatus, ObservedUse
from licensing.models.issuing import License, LicenseType
from licensing.models.last_use import LastUse
from licensing.models.ownership import ProductOwner
from licensing.models.parties import Party, PartyKind
from licensing.models.party_access import PartyAccess
from licensing.models.plans import PlanCertificate
from licensing.models.purchases import BillingPeriod, Purchase, PurchaseLine
from licensing.models.renewals import LicenseRenewal, TrialClaim, UsedApproval
from licensing.models.usage import UsageDaily, UsageDay, UsageEvent, UsageReceipt

__all__ = [
    "Activation",
    "AddOn",
    "AffiliateScope",
    "Agreement",
    "AgreementState",
    "AgreementType",
    "Amendment",
    "BillingPeriod",
    "BundleItem",
    "Certificate",
    "CertificateKind",
    "Edition",
    "EndReason",
    "Entitlement",
    "EntitlementModel",
    "EntitlementState",
    "Feature",
    "ImportBatch",
    "ImportRow",
    "ImportState",
    "ImportStatus",
    "LastUse",
    "License",
    "LicenseKey",
    "LicenseRenewal",
    "LicenseType",
    "Metric",
    "MetricFunction",
    "MetricRounding",
    "MetricSubject",
    "ObservedUse",
    "Party",
    "PartyAccess",
    "PartyKind",
    "PlanCertificate",
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
    "TrialClaim",
    "UsageDaily",
    "UsageDay",
    "UsageEvent",
    "UsageReceipt",
    "UseRight",
    "UseRightKind",
    "UsedApproval",
    "VendorContact",
]

"""Writes of licensing/: one verb, one transaction, one ledger entry for each thing changed."""

from licensing.operations.add_ons import (
    AddOnInvalid,
    AddOnRefused,
    AddOnRemoved,
    NewAddOn,
    attach_add_on,
    remove_add_on,
)
from licensing.operations.agreements import AgreementExists, NewAgreement, create_agreement
from licensing.operations.catalogue import Named, ensure_product, standard_metrics
from licensing.operations.certificates import CertificateRefused, IssuedCertificate, issue_certificate
from licensing.operations.conditions import Conditions, ConditionsInvalid, FeatureGrantInvalid
from licensing.operations.entitlements import (
    EntitlementNotActive,
    EvidenceMissing,
    NewEntitlement,
    activate_entitlement,
    create_entitlement,
    renew_entitlement,
    revoke_entitlement,
)
from licensing.operations.features import FeatureExists, FeatureInvalid, NewFeature, create_feature, update_feature
from licensing.operations.license_keys import IssuedKey, KeyRevoked, issue_key, revoke_key
from licensing.operations.license_states import (
    LicenseStatusConflict,
    reinstate_license,
    revoke_license,
    suspend_license,
)
from licensing.operations.license_types import (
    LicenseTypeExists,
    LicenseTypeInvalid,
    LicenseTypeSuperseded,
    NewLicenseType,
    create_license_type,
)
from licensing.operations.licenses import (
    EntitlementDoesNotFit,
    LicenseInvalid,
    NewLicense,
    RightsExhausted,
    issue_license,
)
from licensing.operations.parties import ensure_party
from licensing.operations.purchases import NewLine, NewPurchase, PurchaseExists, record_purchase
from licensing.operations.signing_keys import ensure_signing_key
from licensing.operations.validations import first_validation

__all__ = [
    "AddOnInvalid",
    "AddOnRefused",
    "AddOnRemoved",
    "AgreementExists",
    "CertificateRefused",
    "Conditions",
    "ConditionsInvalid",
    "EntitlementDoesNotFit",
    "EntitlementNotActive",
    "EvidenceMissing",
    "FeatureExists",
    "FeatureGrantInvalid",
    "FeatureInvalid",
    "IssuedCertificate",
    "IssuedKey",
    "KeyRevoked",
    "LicenseInvalid",
    "LicenseStatusConflict",
    "LicenseTypeExists",
    "LicenseTypeInvalid",
    "LicenseTypeSuperseded",
    "Named",
    "NewAddOn",
    "NewAgreement",
    "NewEntitlement",
    "NewFeature",
    "NewLicense",
    "NewLicenseType",
    "NewLine",
    "NewPurchase",
    "PurchaseExists",
    "RightsExhausted",
    "activate_entitlement",
    "attach_add_on",
    "create_agreement",
    "create_entitlement",
    "create_feature",
    "create_license_type",
    "ensure_party",
    "ensure_product",
    "ensure_signing_key",
    "first_validation",
    "issue_certificate",
    "issue_key",
    "issue_license",
    "record_purchase",
    "reinstate_license",
    "remove_add_on",
    "renew_entitlement",
    "revoke_entitlement",
    "revoke_key",
    "revoke_license",
    "standard_metrics",
    "suspend_license",
    "update_feature",
]

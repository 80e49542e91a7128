"""Writes of licensing/: one verb, one transaction, one ledger entry for each thing changed."""

from licensing.operations.agreements import (
    AgreementExists,
    NewAgreement,
    NewAmendment,
    activate_agreement,
    amend_agreement,
    create_agreement,
    terminate_agreement,
    update_draft,
)
from licensing.operations.catalogue import Named, ensure_product, standard_metrics
from licensing.operations.certificates import CertificateRefused, IssuedCertificate, issue_certificate
from licensing.operations.conditions import Conditions, ConditionsInvalid
from licensing.operations.entitlements import (
    EntitlementNotActive,
    EvidenceMissing,
    NewEntitlement,
    activate_entitlement,
    create_entitlement,
    renew_entitlement,
    revoke_entitlement,
)
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
from licensing.operations.parties import (
    PartyParticulars,
    bar_party,
    create_party,
    ensure_party,
    lift_bar,
    move_party,
    update_party,
)
from licensing.operations.purchases import NewLine, NewPurchase, PurchaseExists, record_purchase
from licensing.operations.signing_keys import ensure_signing_key
from licensing.operations.validations import first_validation

__all__ = [
    "AgreementExists",
    "CertificateRefused",
    "Conditions",
    "ConditionsInvalid",
    "EntitlementDoesNotFit",
    "EntitlementNotActive",
    "EvidenceMissing",
    "IssuedCertificate",
    "IssuedKey",
    "KeyRevoked",
    "LicenseInvalid",
    "LicenseStatusConflict",
    "LicenseTypeExists",
    "LicenseTypeInvalid",
    "LicenseTypeSuperseded",
    "Named",
    "NewAgreement",
    "NewAmendment",
    "NewEntitlement",
    "NewLicense",
    "NewLicenseType",
    "NewLine",
    "NewPurchase",
    "PartyParticulars",
    "PurchaseExists",
    "RightsExhausted",
    "activate_agreement",
    "activate_entitlement",
    "amend_agreement",
    "bar_party",
    "create_agreement",
    "create_entitlement",
    "create_license_type",
    "create_party",
    "ensure_party",
    "ensure_product",
    "ensure_signing_key",
    "first_validation",
    "issue_certificate",
    "issue_key",
    "issue_license",
    "lift_bar",
    "move_party",
    "record_purchase",
    "reinstate_license",
    "renew_entitlement",
    "revoke_entitlement",
    "revoke_key",
    "revoke_license",
    "standard_metrics",
    "suspend_license",
    "terminate_agreement",
    "update_draft",
    "update_party",
]

"""Writes of licensing/: one verb, one transaction, one ledger entry for each thing changed."""

from licensing.operations.activation_ends import ActivationEnded, end_lost_of, release_activation
from licensing.operations.activations import ActivationAnswer, activate
from licensing.operations.agreements import AgreementExists, NewAgreement, create_agreement
from licensing.operations.bought_keys import BoughtKeyExists, BoughtKeyInvalid, reveal_bought_key, store_bought_key
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
from licensing.operations.heartbeats import deactivate, ping
from licensing.operations.license_keys import IssuedKey, KeyRevoked, issue_key, reissue_key, revoke_key
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
from licensing.operations.machine_rules import MachineRules, MachineRulesInvalid
from licensing.operations.offline import (
    CertificateNotOut,
    CheckOut,
    MachineNotActivated,
    OfflineRefused,
    OfflineSeatsExhausted,
    OfflineTooOften,
    check_out,
    recall_certificate,
    return_certificate,
)
from licensing.operations.parties import ensure_party
from licensing.operations.purchases import NewLine, NewPurchase, PurchaseExists, record_purchase
from licensing.operations.reasons import StatedReasonMissing
from licensing.operations.signing_keys import (
    SigningKeyRevoked,
    ensure_signing_key,
    revoke_signing_key,
    rotate_signing_key,
)
from licensing.operations.validations import first_validation

__all__ = [
    "ActivationAnswer",
    "ActivationEnded",
    "AgreementExists",
    "BoughtKeyExists",
    "BoughtKeyInvalid",
    "CertificateNotOut",
    "CertificateRefused",
    "CheckOut",
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
    "MachineNotActivated",
    "MachineRules",
    "MachineRulesInvalid",
    "Named",
    "NewAgreement",
    "NewEntitlement",
    "NewLicense",
    "NewLicenseType",
    "NewLine",
    "NewPurchase",
    "OfflineRefused",
    "OfflineSeatsExhausted",
    "OfflineTooOften",
    "PurchaseExists",
    "RightsExhausted",
    "SigningKeyRevoked",
    "StatedReasonMissing",
    "activate",
    "activate_entitlement",
    "check_out",
    "create_agreement",
    "create_entitlement",
    "create_license_type",
    "deactivate",
    "end_lost_of",
    "ensure_party",
    "ensure_product",
    "ensure_signing_key",
    "first_validation",
    "issue_certificate",
    "issue_key",
    "issue_license",
    "ping",
    "recall_certificate",
    "record_purchase",
    "reinstate_license",
    "reissue_key",
    "release_activation",
    "renew_entitlement",
    "return_certificate",
    "reveal_bought_key",
    "revoke_entitlement",
    "revoke_key",
    "revoke_license",
    "revoke_signing_key",
    "rotate_signing_key",
    "standard_metrics",
    "store_bought_key",
    "suspend_license",
]

"""Writes of licensing/: one verb, one transaction, one ledger entry for each thing changed."""

from licensing.operations.activation_ends import ActivationEnded, end_lost_of, release_activation
from licensing.operations.activations import ActivationAnswer, activate
from licensing.operations.add_ons import (
    AddOnInvalid,
    AddOnRefused,
    AddOnRemoved,
    NewAddOn,
    attach_add_on,
    remove_add_on,
)
from licensing.operations.agreements import AgreementExists, NewAgreement, create_agreement
from licensing.operations.approvals import ApprovalDoesNotFit, ApprovalUsed, ApproverIsRequester
from licensing.operations.bought_keys import BoughtKeyExists, BoughtKeyInvalid, reveal_bought_key, store_bought_key
from licensing.operations.bulk_issue import IssuedLicense, issue_licenses
from licensing.operations.catalogue import Named, ensure_product, standard_metrics
from licensing.operations.certificates import CertificateRefused, IssuedCertificate, issue_certificate
from licensing.operations.conditions import Conditions, ConditionsInvalid, FeatureGrantInvalid
from licensing.operations.dunning import PastDueInFuture, advance_dunning, mark_past_due, past_due, settle_payment
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
from licensing.operations.heartbeats import deactivate, ping
from licensing.operations.license_keys import IssuedKey, KeyRevoked, issue_key, reissue_key, revoke_key
from licensing.operations.license_states import activate_license, reinstate_license, revoke_license, suspend_license
from licensing.operations.license_steps import LicenseReasonRequired, LicenseStatusConflict
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
from licensing.operations.pauses import cancel_license, keep_license, pause_license, resume_license
from licensing.operations.purchases import NewLine, NewPurchase, PurchaseExists, record_purchase
from licensing.operations.quantities import Quote, QuoteChanged, change_quantity, quote_of
from licensing.operations.reasons import StatedReasonMissing
from licensing.operations.renewals import (
    RenewalDecided,
    RenewalExists,
    RenewalShortens,
    confirm_renewal,
    due_for_renewal,
    record_renewal,
    renew_by_itself,
    renew_license,
    withdraw_renewal,
)
from licensing.operations.signing_keys import (
    SigningKeyRevoked,
    ensure_signing_key,
    revoke_signing_key,
    rotate_signing_key,
)
from licensing.operations.transfers import TransfereeInvalid, check_transferee, transfer_license
from licensing.operations.trial_claims import TrialEmailMissing, TrialUsed, claim_trial_machine
from licensing.operations.trials import TrialNotForSale, convert_trial
from licensing.operations.type_changes import PreviewOutdated, TypeModelDiffers, apply_type_version
from licensing.operations.validations import first_validation

__all__ = [
    "ActivationAnswer",
    "ActivationEnded",
    "AddOnInvalid",
    "AddOnRefused",
    "AddOnRemoved",
    "AgreementExists",
    "ApprovalDoesNotFit",
    "ApprovalUsed",
    "ApproverIsRequester",
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
    "FeatureExists",
    "FeatureGrantInvalid",
    "FeatureInvalid",
    "IssuedCertificate",
    "IssuedKey",
    "IssuedLicense",
    "KeyRevoked",
    "LicenseInvalid",
    "LicenseReasonRequired",
    "LicenseStatusConflict",
    "LicenseTypeExists",
    "LicenseTypeInvalid",
    "LicenseTypeSuperseded",
    "MachineNotActivated",
    "MachineRules",
    "MachineRulesInvalid",
    "Named",
    "NewAddOn",
    "NewAgreement",
    "NewEntitlement",
    "NewFeature",
    "NewLicense",
    "NewLicenseType",
    "NewLine",
    "NewPurchase",
    "OfflineRefused",
    "OfflineSeatsExhausted",
    "OfflineTooOften",
    "PastDueInFuture",
    "PreviewOutdated",
    "PurchaseExists",
    "Quote",
    "QuoteChanged",
    "RenewalDecided",
    "RenewalExists",
    "RenewalShortens",
    "RightsExhausted",
    "SigningKeyRevoked",
    "StatedReasonMissing",
    "TransfereeInvalid",
    "TrialEmailMissing",
    "TrialNotForSale",
    "TrialUsed",
    "TypeModelDiffers",
    "activate",
    "activate_entitlement",
    "activate_license",
    "advance_dunning",
    "apply_type_version",
    "attach_add_on",
    "cancel_license",
    "change_quantity",
    "check_out",
    "check_transferee",
    "claim_trial_machine",
    "confirm_renewal",
    "convert_trial",
    "create_agreement",
    "create_entitlement",
    "create_feature",
    "create_license_type",
    "deactivate",
    "due_for_renewal",
    "end_lost_of",
    "ensure_party",
    "ensure_product",
    "ensure_signing_key",
    "first_validation",
    "issue_certificate",
    "issue_key",
    "issue_license",
    "issue_licenses",
    "keep_license",
    "mark_past_due",
    "past_due",
    "pause_license",
    "ping",
    "quote_of",
    "recall_certificate",
    "record_purchase",
    "record_renewal",
    "reinstate_license",
    "reissue_key",
    "release_activation",
    "remove_add_on",
    "renew_by_itself",
    "renew_entitlement",
    "renew_license",
    "resume_license",
    "return_certificate",
    "reveal_bought_key",
    "revoke_entitlement",
    "revoke_key",
    "revoke_license",
    "revoke_signing_key",
    "rotate_signing_key",
    "settle_payment",
    "standard_metrics",
    "store_bought_key",
    "suspend_license",
    "transfer_license",
    "update_feature",
    "withdraw_renewal",
]

"""Writes of licensing/: one verb, one transaction, one ledger entry for each thing changed."""

from licensing.operations.activation_ends import ActivationEnded, end_lost_of, release_activation
from licensing.operations.activations import ActivationAnswer, activate
from licensing.operations.agreements import AgreementExists, NewAgreement, create_agreement
from licensing.operations.approvals import ApprovalDoesNotFit, ApprovalUsed, ApproverIsRequester
from licensing.operations.bulk_issue import IssuedLicense, issue_licenses
from licensing.operations.catalogue import Named, ensure_product, standard_metrics
from licensing.operations.certificates import CertificateRefused, IssuedCertificate, issue_certificate
from licensing.operations.conditions import Conditions, ConditionsInvalid
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
from licensing.operations.heartbeats import deactivate, ping
from licensing.operations.license_keys import IssuedKey, KeyRevoked, issue_key, revoke_key
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
from licensing.operations.parties import ensure_party
from licensing.operations.pauses import cancel_license, keep_license, pause_license, resume_license
from licensing.operations.purchases import NewLine, NewPurchase, PurchaseExists, record_purchase
from licensing.operations.quantities import Quote, QuoteChanged, change_quantity, quote_of
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
from licensing.operations.signing_keys import ensure_signing_key
from licensing.operations.transfers import TransfereeInvalid, check_transferee, transfer_license
from licensing.operations.trial_claims import TrialEmailMissing, TrialUsed, claim_trial_machine
from licensing.operations.trials import TrialNotForSale, convert_trial
from licensing.operations.type_changes import PreviewOutdated, TypeModelDiffers, apply_type_version
from licensing.operations.validations import first_validation

__all__ = [
    "ActivationAnswer",
    "ActivationEnded",
    "AgreementExists",
    "ApprovalDoesNotFit",
    "ApprovalUsed",
    "ApproverIsRequester",
    "CertificateRefused",
    "Conditions",
    "ConditionsInvalid",
    "EntitlementDoesNotFit",
    "EntitlementNotActive",
    "EvidenceMissing",
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
    "MachineRules",
    "MachineRulesInvalid",
    "Named",
    "NewAgreement",
    "NewEntitlement",
    "NewLicense",
    "NewLicenseType",
    "NewLine",
    "NewPurchase",
    "PastDueInFuture",
    "PreviewOutdated",
    "PurchaseExists",
    "Quote",
    "QuoteChanged",
    "RenewalDecided",
    "RenewalExists",
    "RenewalShortens",
    "RightsExhausted",
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
    "cancel_license",
    "change_quantity",
    "check_transferee",
    "claim_trial_machine",
    "confirm_renewal",
    "convert_trial",
    "create_agreement",
    "create_entitlement",
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
    "record_purchase",
    "record_renewal",
    "reinstate_license",
    "release_activation",
    "renew_by_itself",
    "renew_entitlement",
    "renew_license",
    "resume_license",
    "revoke_entitlement",
    "revoke_key",
    "revoke_license",
    "settle_payment",
    "standard_metrics",
    "suspend_license",
    "transfer_license",
    "withdraw_renewal",
]

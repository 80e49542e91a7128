"""Permissions that licensing/ owns."""

PERMISSIONS: dict[str, str] = {
    "licensing.catalogue.view": "See publishers, products, editions, releases, metrics and business partners.",
    "licensing.catalogue.manage": "Add and change publishers, products, editions, releases, metrics and partners.",
    "licensing.product_owner.manage": "Name and release those who answer for a product.",
    "licensing.entitlement.view": "See agreements, purchases without prices, entitlements and observed use.",
    "licensing.entitlement.manage": "Record agreements, purchases and entitlements, and revoke entitlements.",
    "licensing.money.view": "See prices, totals and what rights cost in a year.",
    "licensing.import.run": "Upload files, examine them and commit what they contain.",
    "licensing.license.view": "See licence types, licences, the prefixes of keys, activations, and certificates.",
    "licensing.type.manage": "Define licence types and new versions of them.",
    "licensing.license.issue": "Issue, renew and resize licences of customers, and ask for one to be handed on.",
    "licensing.license.suspend": "Suspend, reinstate, pause and cancel licences, and ask for one to be revoked.",
    "licensing.key.issue": "Issue and revoke licence keys, each shown once.",
    "licensing.activation.release": "End activations of licences on machines.",
    "licensing.usage.record": "Send what is consumed of licences.",
    "licensing.certificate.issue": "Sign licence certificates for use without a connection.",
    "licensing.certificate.recall": "Recall certificates that are out, and free the seats that they take.",
    "licensing.signing_key.manage": "Replace and revoke the keys that sign certificates and answers.",
    "licensing.bought_key.store": "Store the keys of licences that were bought elsewhere.",
    "licensing.bought_key.reveal": "See a bought key in full, for a stated reason.",
}

"""Permissions that licensing/ owns."""

PERMISSIONS: dict[str, str] = {
    "licensing.catalogue.view": "See publishers, products, editions, releases, metrics and business partners.",
    "licensing.catalogue.manage": "Add and change publishers, products, editions, releases, metrics and partners.",
    "licensing.party.bar": "Bar business partners, so that their licences validate no more, and lift the bar.",
    "licensing.product_owner.manage": "Name and release those who answer for a product.",
    "licensing.entitlement.view": "See agreements, purchases without prices, entitlements and observed use.",
    "licensing.entitlement.manage": "Record agreements, purchases and entitlements, and revoke entitlements.",
    "licensing.money.view": "See prices, totals and what rights cost in a year.",
    "licensing.import.run": "Upload files, examine them and commit what they contain.",
    "licensing.license.view": "See licence types, licences, the prefixes of keys, and certificates.",
    "licensing.type.manage": "Define licence types and new versions of them.",
    "licensing.license.issue": "Issue licences to customers.",
    "licensing.license.suspend": "Suspend, reinstate and revoke licences.",
    "licensing.key.issue": "Issue and revoke licence keys, each shown once.",
    "licensing.portal.view": "See the own licences, keys by prefix, certificates and notices at the customer's portal.",
    "licensing.certificate.issue": "Sign licence certificates for use without a connection.",
}

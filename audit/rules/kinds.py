"""The closed registry of event kinds: what the ledger can say, each with one sentence for auditors.

A kind is ``subject.action`` in the past tense. A kind that was once released is never renamed and never reused,
since ledgers that hold it are verified for years.
"""

from typing import Final

_HOUSE: Final = {
    "system.started": "The application came up with a stated version and configuration.",
    "settings.changed": "A setting of the organisation got another value.",
    "access.denied": "Someone asked for something without holding the permission for it.",
    "privacy.erased": "Personal values of one person were erased; their commitments remain and open no more.",
    "telemetry.batch_closed": "A batch of validation or usage events was closed; count, span and SHA-256 stand here.",
}

_AUDIT: Final = {
    "audit.checkpoint_signed": "The state of the ledger was signed and sent to the configured destinations.",
    "audit.key_created": "A key that signs checkpoints and audit packages was created.",
    "audit.verified": "The whole ledger was verified; the result stands in the details.",
    "audit_package.requested": "An audit package was ordered for a period and a scope.",
    "audit_package.built": "An audit package was built; the SHA-256 of its manifest stands in the details.",
    "audit_package.failed": "An audit package could not be built; the reason stands in the details.",
    "audit_package.downloaded": "An audit package was handed out to the actor.",
}

_IDENTITY: Final = {
    "organization.created": "An organisation was created, with its ledger.",
    "organization.changed": "Particulars of the organisation were changed.",
    "account.created": "An account that can sign in was created.",
    "account.changed": "Particulars of an account were changed.",
    "account.deactivated": "An account was closed and can no longer sign in.",
    "account.password_changed": "The password of an account was changed.",
    "account.signed_in": "An account signed in.",
    "account.signed_out": "An account signed out.",
    "account.sign_in_refused": "A sign-in was refused: wrong credentials, a closed account or too many attempts.",
    "membership.granted": "An account received a role in the organisation.",
    "membership.ended": "A role of an account in the organisation ended.",
    "person.created": "A person was added to the directory.",
    "person.updated": "Attributes of a person in the directory were changed.",
    "person.deactivated": "A person left or was blocked; seats of this person fall due for release.",
    "person.reactivated": "A person who had been deactivated became active again.",
    "person.deleted": "A directory service deleted a person; the record stays, and its user name is free again.",
    "group.created": "A group was added to the directory.",
    "group.updated": "The name or another attribute of a group was changed.",
    "group.deleted": "A group was removed from the directory.",
    "group.member_added": "A person became a member of a group.",
    "group.member_removed": "A person's membership in a group ended.",
    "group.members_removed": "People were removed from a group.",
    "scim_token.created": "A token was created with which a directory service may provision people and groups.",
    "scim_token.rotated": "A provisioning token was replaced; the old one works on until the stated moment.",
    "scim_token.revoked": "A provisioning token was revoked and works no more.",
    "provisioning.refused": "A change that a directory service asked for was refused; details say why.",
    "device.created": "A device was registered.",
    "device.updated": "Attributes of a device were changed.",
    "device.retired": "A device went out of use.",
}

_CATALOGUE: Final = {
    "org_unit.created": "A department or cost centre was added.",
    "org_unit.updated": "A department or cost centre was changed.",
    "outbox.retried": "Somebody asked for an undelivered message to be sent again.",
    "group.members_added": "People were added to a group.",
    "publisher.created": "A publisher was added to the catalogue.",
    "publisher.updated": "Particulars of a publisher were changed.",
    "product.created": "A product was added to the catalogue.",
    "product.updated": "Particulars of a product were changed.",
    "product.retired": "A product was closed to new entitlements and licences.",
    "edition.created": "An edition of a product was added to the catalogue.",
    "edition.updated": "Particulars of an edition were changed.",
    "edition.retired": "An edition was closed to new entitlements and licences.",
    "metric.created": "A way of counting use was defined.",
    "metric.updated": "The name of a metric was changed.",
    "product_alias.created": "Another name of a product was recorded.",
    "product_alias.updated": "Another name of a product was changed.",
    "release.created": "A release of a product was recorded.",
    "release.updated": "Particulars of a release were changed.",
    "party.created": "A supplier, customer or other business partner was added.",
    "party.updated": "Particulars of a business partner were changed.",
    "agreement.created": "An agreement was drawn up.",
    "agreement.updated": "Terms of an agreement were changed.",
    "agreement.activated": "An agreement came into force.",
    "agreement.terminated": "An agreement was terminated before the end of its term.",
    "agreement.expired": "An agreement reached the end of its term.",
    "purchase.created": "A purchase was recorded with its lines.",
    "purchase.updated": "Particulars of a purchase were changed.",
    "purchase.cancelled": "A purchase was cancelled.",
    "entitlement.created": "A right of use was recorded and waits for activation.",
    "entitlement.updated": "Particulars of a right of use were changed.",
    "entitlement.activated": "A right of use came into effect and counts towards capacity.",
    "entitlement.suspended": "A right of use was suspended and does not count for the time being.",
    "entitlement.reinstated": "A suspended right of use counts again.",
    "entitlement.expired": "A right of use reached the end of its term.",
    "entitlement.revoked": "A right of use was withdrawn; it counts no more and stays on record.",
    "entitlement.terminated": "A right of use ended before its term.",
}

_LICENSES: Final = {
    "license_type.created": "A licence type was created.",
    "license_type.versioned": "A licence type got a new version; licences issued before keep theirs.",
    "license_type.retired": "A licence type was closed to new licences.",
    "license.issued": "A licence was issued under a version of its licence type.",
    "license.refused": "A licence was not issued; the reason, such as exhausted rights, stands in the details.",
    "license.term_started": "The term of a licence began with its first use.",
    "license.suspended": "A licence was suspended; validation refuses it.",
    "license.reinstated": "A suspended licence became valid again.",
    "license.revoked": "A licence was revoked for good.",
    "license.expired": "A licence reached the end of its term.",
    "license_key.issued": "A licence key was issued; only its digest is stored.",
    "license_key.revoked": "A licence key was revoked; validation refuses it.",
    "certificate.issued": "A signed licence certificate was issued for offline use.",
    "signing_key.created": "A key that signs answers and certificates was created.",
    "signing_key.retired": "A signing key signs no more; what it signed remains verifiable.",
}

_SEATS: Final = {
    "pool.created": "A pool of seats was created for a product, edition and metric.",
    "pool.fed": "A right of use became a source of capacity for a pool.",
    "pool.capacity_changed": "The capacity of a pool changed, with the amounts before and after.",
    "pool.recounted": "The use noted on a pool differed from the sum of its seats; both figures stand in the details.",
    "seat.assigned": "A seat was assigned to a person or device.",
    "seat.released": "A seat was released and is free again.",
    "seat.refused": "A seat was refused; the reason, such as exhausted capacity, stands in the details.",
    "observed_use.seen": "Use without a right was seen again, later than before.",
    "observed_use.recorded": "Use without a seat was observed and recorded as such.",
    "import.dry_run": "An uploaded file was examined row by row; nothing was written from it.",
    "import.committed": "An examined file was committed; counts per outcome stand in the details.",
    "import.failed": "Committing a file stopped; what was written before stays, and the rest can be tried again.",
    "import.refused": "An uploaded file was refused as a whole; the reason stands in the details.",
}

_COMPLIANCE: Final = {
    "schedule.created": "A recurring task was scheduled.",
    "schedule.changed": "The timing or state of a recurring task was changed.",
    "schedule.run": "A scheduled task ran for its period.",
    "scan.completed": "A compliance scan was completed; what it examined and found stands in the details.",
    "violation.opened": "A violation was found for the first time and opened.",
    "violation.seen": "An open violation was found again; the new extent stands in the details.",
    "violation.assigned": "Somebody was named to take care of a violation, or its due date was set.",
    "violation.resolved": "A violation was resolved: its cause no longer exists.",
    "violation.reopened": "The cause of a resolved violation came back.",
}

KINDS: Final[dict[str, str]] = {
    **_HOUSE,
    **_AUDIT,
    **_IDENTITY,
    **_CATALOGUE,
    **_LICENSES,
    **_SEATS,
    **_COMPLIANCE,
}

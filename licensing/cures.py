"""What would cure a finding, in a sentence for the people of the organisation that issued the licence."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from licensing.rules.codes import Code

CURES: dict[Code, Any] = {
    Code.NOT_FOUND: _("Check the key: nobody issued it."),
    Code.REVOKED: _("Issue a new key, or a new licence if the licence itself is revoked: revoking is for good."),
    Code.BANNED: _("Lift the bar from the customer."),
    Code.SUSPENDED: _("Reinstate the licence."),
    Code.PAUSED: _("Resume the licence; its term then runs on for as long as it had left."),
    Code.CLOCK_TAMPERED: _("Set the clock of the client's machine to the true time."),
    Code.NOT_YET_EFFECTIVE: _("Activate the licence if it is a draft, otherwise wait for its first day."),
    Code.EXPIRED: _("Renew the licence."),
    Code.OVERDUE: _("Connect the client to the server, so that it checks in."),
    Code.PRODUCT_MISMATCH: _("Use the key of a licence for this product."),
    Code.USER_MISMATCH: _("Sign in as a user of the licence, or add this user to it."),
    Code.FINGERPRINT_REQUIRED: _("Let the client state the fingerprint of its machine."),
    Code.FINGERPRINT_EMPTY: _("Find out why the client cannot read its machine: it stated an empty fingerprint."),
    Code.FINGERPRINT_MISMATCH: _("Activate this machine, after releasing another one if no activation is left."),
    Code.COMPONENTS_MISMATCH: _("Release the machine and activate it again with the parts that it has now."),
    Code.NOT_ACTIVATED: _("Activate the machine."),
    Code.HEARTBEAT_NOT_STARTED: _("Let the client send heartbeats from its activation on."),
    Code.HEARTBEAT_DEAD: _("Let the client send a heartbeat or, if that comes too late, activate again."),
    Code.COUNTRY_DENIED: _("Extend the territories, or use the licence inside them."),
    Code.DOMAIN_DENIED: _("Authorise the domain, or use the licence under an authorised one."),
    Code.VM_DENIED: _("Use a physical machine, or allow virtual machines in the licence type."),
    Code.DEPARTMENT_DENIED: _("Extend the licence to the department."),
    Code.FEATURE_MISSING: _("Grant the missing features for this time."),
    Code.VERSION_OUT_OF_RANGE: _("Use a version inside the range, or extend the range."),
    Code.MAINTENANCE_LAPSED: _("Renew the maintenance, or use a release that was published before it ended."),
    Code.RELEASE_YANKED: _("Use another release: this one was withdrawn."),
    Code.CHECKOUT_REQUIRED: _("Let the client check out a seat and state its lease."),
    Code.TOO_MANY_ACTIVATIONS: _("Release machines, or raise the limit of activations."),
    Code.TOO_MANY_USERS: _("Release users, or raise the limit of users."),
    Code.QUOTA_EXCEEDED: _("Wait until the quota begins anew, or raise it."),
    Code.THROTTLED: _("Wait until the stated time before asking again."),
}


def cure_of(code: Code) -> str:
    """The sentence for this code in the language of the request. VALID needs no cure, and KeyError says so."""
    return str(CURES[code])

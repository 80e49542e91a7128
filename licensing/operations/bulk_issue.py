"""Many licences of one kind at once, each with its key: for boxes, vouchers and resellers."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from kernel.trail import Trail
from licensing.models import License
from licensing.operations.license_keys import IssuedKey, issue_key
from licensing.operations.licenses import LicenseInvalid, NewLicense, issue_license

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class IssuedLicense:
    """A licence and its key, which is shown this once."""

    license: License
    key: IssuedKey


def issue_licenses(*, license: NewLicense, count: int, trail: Trail) -> list[IssuedLicense]:
    """Issues `count` licences that are alike, each with a key: all of them, or none.

    Raises LicenseInvalid for fewer than 1 or more than 500, and what issue_license raises.
    """
    if not 1 <= count <= MOST_AT_ONCE:
        raise LicenseInvalid(
            _("From 1 to %(most)d licences are issued at once.") % {"most": MOST_AT_ONCE}, pointer="/count"
        )
    issued = []
    for _number in range(count):
        row = issue_license(license=license, trail=trail)
        issued.append(IssuedLicense(row, issue_key(license_id=row.id, trail=trail)))
    return issued

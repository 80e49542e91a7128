"""Writes that a directory service asks for, and the tokens with which it may."""

from identity.operations.provisioning.groups import (
    GroupUnknown,
    MemberUnknown,
    ProvisionedGroup,
    change_group,
    delete_group,
    provision_group,
)
from identity.operations.provisioning.logging import (
    Asked,
    count_refusals,
    log_done,
    log_refused,
    purge_provisioning_log,
)
from identity.operations.provisioning.people import (
    AttributeInvalid,
    ManagerUnknown,
    PersonUnknown,
    ProvisionedPerson,
    change_person,
    delete_person,
    provision_person,
)
from identity.operations.provisioning.preconditions import VersionDiffers
from identity.operations.provisioning.tokens import (
    IssuedToken,
    TokenEnded,
    TokenInvalid,
    TokenNameTaken,
    TokenUnknown,
    create_scim_token,
    note_use,
    revoke_scim_token,
    rotate_scim_token,
)

__all__ = [
    "Asked",
    "AttributeInvalid",
    "GroupUnknown",
    "IssuedToken",
    "ManagerUnknown",
    "MemberUnknown",
    "PersonUnknown",
    "ProvisionedGroup",
    "ProvisionedPerson",
    "TokenEnded",
    "TokenInvalid",
    "TokenNameTaken",
    "TokenUnknown",
    "VersionDiffers",
    "change_group",
    "change_person",
    "count_refusals",
    "create_scim_token",
    "delete_group",
    "delete_person",
    "log_done",
    "log_refused",
    "note_use",
    "provision_group",
    "provision_person",
    "purge_provisioning_log",
    "revoke_scim_token",
    "rotate_scim_token",
]

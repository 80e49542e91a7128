"""Permissions that identity/ owns."""

PERMISSIONS: dict[str, str] = {
    "identity.organization.view": "See the name and the settings of the own organisation.",
    "identity.person.view": "See people, groups, units and devices of the directory.",
    "identity.person.manage": "Add and change people, groups, units and devices.",
    "identity.membership.view": "See who may sign in and with which roles.",
    "identity.membership.manage": "Grant and end memberships.",
    "identity.provisioning.view": "See the tokens of directory services, and the log of what they asked for.",
    "identity.provisioning.manage": "Create, replace and revoke the tokens of directory services.",
}

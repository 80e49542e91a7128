"""Permissions that identity/ owns."""

PERMISSIONS: dict[str, str] = {
    "identity.organization.view": "See the name and the settings of the own organisation.",
    "identity.person.view": "See people, groups, units and devices of the directory.",
    "identity.person.manage": "Add and change people, groups, units and devices.",
    "identity.membership.view": "See who may sign in and with which roles.",
    "identity.membership.manage": "Grant and end memberships.",
    "identity.session.manage": "End sessions of members, and send them links that set a new password.",
    "identity.sign_in_policy.view": "See what the organisation demands of a sign-in.",
    "identity.sign_in_policy.manage": "Change what the organisation demands of a sign-in.",
}

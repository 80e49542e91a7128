"""Permissions that identity/ owns."""

PERMISSIONS: dict[str, str] = {
    "identity.organization.view": "See the name and the settings of the own organisation.",
    "identity.person.view": "See people, groups, units and devices of the directory.",
    "identity.person.manage": "Add and change people, groups, units and devices.",
    "identity.membership.view": "See who may sign in and with which roles.",
    "identity.membership.manage": "Grant and end memberships.",
    "identity.api_client.view": "See the programs that may use the interfaces, and when they last did.",
    "identity.api_client.manage": "Make API clients, draw new secrets for them and revoke them.",
    "identity.graphql.explore": "Open the page on which GraphQL queries are tried.",
    "identity.sso.view": "See connections to identity providers, e-mail domains and the sign-in policy.",
    "identity.sso.manage": "Change connections to identity providers, e-mail domains and the sign-in policy.",
    "identity.role.view": "See the roles, what each may do, and how many hold it.",
    "identity.person.merge": "Merge two records of one human, and undo it.",
    "identity.person.hold": "Place and lift legal holds on people.",
    "identity.access_review.view": "See reviews of access, their decisions and their coverage.",
    "identity.access_review.manage": "Start, reassign and close reviews of access.",
    "identity.access_review.decide": "Decide about the access of colleagues that one was asked to review.",
    "identity.session.manage": "End sessions of members, and send them links that set a new password.",
    "identity.sign_in_policy.view": "See what the organisation demands of a sign-in.",
    "identity.sign_in_policy.manage": "Change what the organisation demands of a sign-in.",
}

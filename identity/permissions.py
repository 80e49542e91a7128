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
}

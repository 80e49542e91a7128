"""GraphQL of the own organisation, of who may sign in to it, and of whoever asks."""

from datetime import datetime
from typing import Any

import strawberry
from django.db.models import QuerySet

from identity.models import Account, Membership, Organization, WithheldRole
from kernel.graphql import (
    After,
    Connection,
    First,
    GraphInfo,
    Node,
    column,
    connection,
    loaded,
    root,
    single,
    tenant_type,
    to_many,
    to_one,
)
from kernel.graphql.limits import USUAL_ROWS
from kernel.scope import CurrentOrganization

OWN = "identity.organization.view"
MEMBERS = "identity.membership.view"


@tenant_type(Organization, name="Organization", permission=OWN)
class OrganizationNode(Node):
    """The organisation that the session or the token works in; no other one exists here."""

    id: strawberry.ID = column("The key of the organisation.")
    slug: str = column("The short name in addresses and commands.")
    name: str = column("The name.")
    kind: str = column("What it does: buyer, vendor, both or platform.")
    territory: str = column("ISO 3166-1 alpha-2 code of where it is; empty where unknown.")
    region: str = column("Where its data may rest.")
    time_zone: str = column("The IANA time zone that decides what a day is in reports.")
    currency: str = column("ISO 4217 code of the currency of its reports.")
    created_at: datetime = column("When it was set up here.")

    @classmethod
    def get_queryset(cls, queryset: QuerySet[Any], info: Any = None, **_rest: Any) -> QuerySet[Any]:
        return queryset.filter(pk=CurrentOrganization())


@tenant_type(Account, name="Account", permission=MEMBERS)
class AccountNode(Node):
    """A sign-in that has or had a membership of the organisation."""

    id: strawberry.ID = column("The key of the account.")
    email: str = column("The address that signs in.")
    display_name: str = column("The name to show; empty where none was given.")
    is_active: bool = column("Whether it may sign in at all.")

    @classmethod
    def get_queryset(cls, queryset: QuerySet[Any], info: Any = None, **_rest: Any) -> QuerySet[Any]:
        return queryset.filter(pk__in=Membership.objects.values("account_id"))


@tenant_type(WithheldRole, name="WithheldRole", permission=MEMBERS)
class WithheldRoleNode(Node):
    """A role that somebody took away by hand: no group of an identity provider gives it to the membership, until it is
    released or granted again."""

    id: strawberry.ID = column("The key of the entry.")
    role: str = column("The code of the role.")
    withheld_at: datetime = column("Since when groups do not give it.")


@tenant_type(Membership, name="Membership", permission=MEMBERS)
class MembershipNode(Node):
    """An account works in the organisation with these roles, from `startedAt` up to, not at, `endedAt`."""

    id: strawberry.ID = column("The key of the membership.")
    roles: list[str] = column("The codes of the roles.")
    started_at: datetime = column("When it begins.")
    ended_at: datetime | None = column("When it ends; null while that is open.")
    account: AccountNode | None = to_one(lambda: AccountNode, "account_id", "Whose membership it is.")
    withheld_roles: Connection[WithheldRoleNode] | None = to_many(
        lambda: WithheldRoleNode, "membership_id", "Roles that no group gives to it, the last to be taken away first."
    )


@strawberry.type(description="Whoever asks, as the session or the token says.")
class Viewer:
    label: str = strawberry.field(description="The name to show.")
    roles: list[str] = strawberry.field(description="The codes of the roles held here.")
    permissions: list[str] = strawberry.field(description="What these roles allow.")


@strawberry.type
class OrganizationQuery:
    @root("The organisation that the session or the token works in.", needs=OWN)
    def organization(self, info: GraphInfo) -> OrganizationNode | None:
        return loaded(OrganizationNode, info, key=info.context.principal.organization_id)

    @root("Whoever asks.", needs=OWN)
    def viewer(self, info: GraphInfo) -> Viewer | None:
        reader = info.context.principal
        return Viewer(label=reader.label, roles=sorted(reader.roles), permissions=sorted(reader.permissions))

    @root("Who may sign in and with which roles, newest first.", needs=MEMBERS)
    def memberships(
        self, info: GraphInfo, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[MembershipNode] | None:
        return connection(MembershipNode, info, first=first, after=after)

    @root("One membership.", needs=MEMBERS)
    def membership(self, info: GraphInfo, id: strawberry.ID) -> MembershipNode | None:
        return single(MembershipNode, info, id=id)

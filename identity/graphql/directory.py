"""GraphQL of the directory: people, their addresses and groups, units and devices."""

from datetime import datetime

import strawberry

from identity.models import Device, DirectoryGroup, GroupMember, OrgUnit, Person, PersonEmail
from identity.reading import GRAPHQL, note_people
from kernel.graphql import (
    After,
    Connection,
    First,
    GraphInfo,
    Node,
    column,
    connection,
    narrowed,
    root,
    single,
    tenant_type,
    to_many,
    to_one,
)
from kernel.graphql.limits import USUAL_ROWS

PEOPLE = "identity.person.view"


@tenant_type(OrgUnit, name="OrgUnit", permission=PEOPLE)
class OrgUnitNode(Node):
    """A department or cost centre; a tree."""

    id: strawberry.ID = column("The key of the unit.")
    code: str = column("The code by which imports name it.")
    name: str = column("The name.")
    parent: "OrgUnitNode | None" = to_one(lambda: OrgUnitNode, "parent_id", "The unit above it.")
    children: "Connection[OrgUnitNode] | None" = to_many(lambda: OrgUnitNode, "parent_id", "The units right below it.")
    people: "Connection[PersonNode] | None" = to_many(lambda: PersonNode, "org_unit_id", "The people in it.")


@tenant_type(PersonEmail, name="PersonEmail", permission=PEOPLE)
class PersonEmailNode(Node):
    """An address of a person; at most one is primary."""

    id: strawberry.ID = column("The key of the address.")
    value: str = column("The address.")
    kind: str = column("What it is for, such as work.")
    primary: bool = column("Whether it is the one to write to.")


@tenant_type(DirectoryGroup, name="Group", permission=PEOPLE)
class GroupNode(Node):
    """A group that a directory service or an administrator keeps."""

    id: strawberry.ID = column("The key of the group.")
    display_name: str = column("The name.")
    external_id: str = column("The key that the directory service gave; empty for groups kept here.")
    created_at: datetime = column("When it was added.")
    members: "Connection[GroupMemberNode] | None" = to_many(
        lambda: GroupMemberNode, "group_id", "Who is in it, the last to join first."
    )


@tenant_type(GroupMember, name="GroupMember", permission=PEOPLE)
class GroupMemberNode(Node):
    """A person is in a group."""

    id: strawberry.ID = column("The key of the entry.")
    since: datetime = column("Since when.")
    group: GroupNode | None = to_one(lambda: GroupNode, "group_id", "The group.")
    person: "PersonNode | None" = to_one(lambda: PersonNode, "person_id", "The person.")


@tenant_type(Device, name="Device", permission=PEOPLE)
class DeviceNode(Node):
    """A computer on which software runs."""

    id: strawberry.ID = column("The key of the device.")
    hostname: str = column("The host name.")
    serial: str = column("The serial number; empty where unknown.")
    cores: int | None = column("Physical cores; null where unknown.")
    platform: str = column("The operating system.")
    territory: str = column("ISO 3166-1 alpha-2 code of where it stands; empty where unknown.")
    last_seen_at: datetime | None = column("When a source last reported it.")
    source: str = column("Who reported it.")
    retired_at: datetime | None = column("Since when it is out of use; null while it is in use.")
    created_at: datetime = column("When it was added.")
    person: "PersonNode | None" = to_one(lambda: PersonNode, "person_id", "Whose device it is.")


@tenant_type(Person, name="Person", permission=PEOPLE)
class PersonNode(Node):
    """The directory's record of one human. People are deactivated, never deleted."""

    id: strawberry.ID = column("The key of the person.")
    user_name: str = column("The user name, unique whatever its case.")
    given_name: str = column("The given name.")
    family_name: str = column("The family name.")
    display_name: str = column("The name to show.")
    title: str = column("What the person is at work.")
    department: str = column("The department as the directory calls it.")
    employee_number: str = column("The number of the personnel department.")
    external_id: str = column("The key that the directory service gave; empty for people kept here.")
    territory: str = column("ISO 3166-1 alpha-2 code of where the person works.")
    active: bool = column("Whether the person works here and may hold seats.")
    left_at: datetime | None = column("Since when the person is inactive.")
    legal_hold: bool = column("Whether nothing of the person is erased and no seat taken away at present.")
    created_at: datetime = column("When the record was made.")
    updated_at: datetime = column("When it last changed.")
    org_unit: OrgUnitNode | None = to_one(lambda: OrgUnitNode, "org_unit_id", "The unit that the person belongs to.")
    manager: "PersonNode | None" = to_one(lambda: PersonNode, "manager_id", "Who leads the person.")
    reports: "Connection[PersonNode] | None" = to_many(lambda: PersonNode, "manager_id", "Whom the person leads.")
    emails: Connection[PersonEmailNode] | None = to_many(lambda: PersonEmailNode, "person_id", "The addresses.")
    groups: Connection[GroupMemberNode] | None = to_many(
        lambda: GroupMemberNode, "person_id", "The groups that the person is in."
    )
    devices: Connection[DeviceNode] | None = to_many(lambda: DeviceNode, "person_id", "The devices of the person.")


@strawberry.input(description="Which people; what is null asks for nothing.")
class PersonFilter:
    active: bool | None = strawberry.field(default=None, description="Those who work here, or those who left.")
    user_name: str | None = strawberry.field(default=None, description="With this user name, in any case.")
    employee_number: str | None = strawberry.field(default=None, description="With exactly this number.")
    external_id: str | None = strawberry.field(default=None, description="With exactly this key.")
    org_unit: strawberry.ID | None = strawberry.field(default=None, description="In exactly this unit.")


@strawberry.input(description="Which devices; what is null asks for nothing.")
class DeviceFilter:
    hostname: str | None = strawberry.field(default=None, description="With this host name, in any case.")
    serial: str | None = strawberry.field(default=None, description="With exactly this serial number.")
    person: strawberry.ID | None = strawberry.field(default=None, description="Of this person.")


@strawberry.type
class DirectoryQuery:
    @root("The people of the directory, newest first.", needs=PEOPLE)
    def people(
        self, info: GraphInfo, filter: PersonFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[PersonNode] | None:
        rows = narrowed(
            PersonNode.rows(),
            filter,
            active="active",
            employee_number="employee_number",
            external_id="external_id",
            org_unit="org_unit_id",
        )
        if filter is not None and filter.user_name is not None:
            rows = rows.filter(user_name_lower=filter.user_name.lower())
        page = connection(PersonNode, info, first=first, after=after, rows=rows)
        note_people(info.context.principal, len(page.nodes), through=GRAPHQL)
        return page

    @root("One person.", needs=PEOPLE)
    def person(self, info: GraphInfo, id: strawberry.ID) -> PersonNode | None:
        row = single(PersonNode, info, id=id)
        note_people(info.context.principal, 1, through=GRAPHQL)
        return row

    @root("The groups of the directory, newest first.", needs=PEOPLE)
    def groups(self, info: GraphInfo, first: First = USUAL_ROWS, after: After = None) -> Connection[GroupNode] | None:
        return connection(GroupNode, info, first=first, after=after)

    @root("One group.", needs=PEOPLE)
    def group(self, info: GraphInfo, id: strawberry.ID) -> GroupNode | None:
        return single(GroupNode, info, id=id)

    @root("The departments and cost centres, newest first.", needs=PEOPLE)
    def org_units(
        self, info: GraphInfo, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[OrgUnitNode] | None:
        return connection(OrgUnitNode, info, first=first, after=after)

    @root("One department or cost centre.", needs=PEOPLE)
    def org_unit(self, info: GraphInfo, id: strawberry.ID) -> OrgUnitNode | None:
        return single(OrgUnitNode, info, id=id)

    @root("The devices of the directory, newest first.", needs=PEOPLE)
    def devices(
        self, info: GraphInfo, filter: DeviceFilter | None = None, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[DeviceNode] | None:
        rows = narrowed(DeviceNode.rows(), filter, serial="serial", person="person_id")
        if filter is not None and filter.hostname is not None:
            rows = rows.filter(hostname_lower=filter.hostname.lower())
        return connection(DeviceNode, info, first=first, after=after, rows=rows)

    @root("One device.", needs=PEOPLE)
    def device(self, info: GraphInfo, id: strawberry.ID) -> DeviceNode | None:
        return single(DeviceNode, info, id=id)

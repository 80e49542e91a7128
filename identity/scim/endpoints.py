"""The two endpoints with resources, as /Users, /Groups, /.search, /Me and /Bulk share them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from uuid import UUID

from django.db.models import QuerySet
from django_scim.exceptions import NotFoundError
from scim2_models import Context, PatchOp, ResponseParameters, SearchRequest

from identity.operations.provisioning import (
    change_group,
    change_person,
    delete_group,
    delete_person,
    provision_group,
    provision_person,
)
from identity.queries.provisioning import emails_of, groups_of, members_of, visible_groups, visible_people
from identity.queries.scim_filter import GROUPS, PEOPLE, Layout, matching, sorted_by
from identity.rules.provisioning import GroupAttributes, MemberChanges, PersonAttributes, named
from identity.scim import resources
from identity.scim.adapters import (
    GroupAdapter,
    PersonAdapter,
    group_attributes,
    group_resource,
    person_attributes,
    person_id,
    person_resource,
    scim_names,
)
from identity.scim.members import member_changes
from identity.scim.quirks import tidy_patch, tidy_resource
from kernel.trail import Trail

Selection = ResponseParameters[Any] | None
Versions = Collection[int] | None
JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a request gets: a status, a body or none, and the headers that say where and which version it is."""

    status: int
    body: JsonObject | None = None
    location: str = ""
    version: str = ""


@dataclass(frozen=True)
class Written:
    """An answer to a write, and what the log says about it."""

    answer: Answer
    resource_id: str
    external_id: str = ""
    attributes: Sequence[str] = field(default=())


class Endpoint(Protocol):
    """One type of resource: reads run in a scope, writes in a trail."""

    resource_type: str
    model: Any

    def found(self, search: SearchRequest[Any]) -> QuerySet[Any]: ...
    def shown(self, rows: Sequence[Any], selection: Selection) -> list[JsonObject]: ...
    def one(self, resource_id: UUID, selection: Selection) -> Answer: ...
    def create(self, data: JsonObject, selection: Selection, trail: Trail) -> Written: ...
    def replace(
        self, resource_id: UUID, data: JsonObject, versions: Versions, selection: Selection, trail: Trail
    ) -> Written: ...
    def patch(
        self, resource_id: UUID, data: JsonObject, versions: Versions, selection: Selection, trail: Trail
    ) -> Written: ...
    def delete(self, resource_id: UUID, versions: Versions, trail: Trail) -> Written: ...


def _ordered(rows: QuerySet[Any], search: SearchRequest[Any], model: Any, layout: Layout) -> QuerySet[Any]:
    """Filtered and sorted; by id where no order is asked for, which is the order of creation."""
    if search.filter is not None:
        rows = rows.filter(matching(resources.filter_for(model, search.filter), layout))
    if search.sort_by is None:
        return rows.order_by("id")
    descending = search.sort_order == SearchRequest.SortOrder.descending
    ordered: QuerySet[Any] = sorted_by(rows, search.sort_by, model, layout, descending=descending)
    return ordered


class Users:
    """People."""

    resource_type = "User"
    model = resources.Person

    def found(self, search: SearchRequest[Any]) -> QuerySet[Any]:
        return _ordered(visible_people(), search, self.model, PEOPLE)

    def shown(self, rows: Sequence[Any], selection: Selection) -> list[JsonObject]:
        ids = [row.id for row in rows]
        emails, groups = emails_of(ids), groups_of(ids)
        return [PersonAdapter(row, emails=emails[row.id], groups=groups[row.id]).to_dict(selection) for row in rows]

    def one(self, resource_id: UUID, selection: Selection) -> Answer:
        row = visible_people().filter(id=resource_id).first()
        if row is None:
            raise NotFoundError(resource_id)
        adapter = PersonAdapter(row)
        return Answer(200, self.shown([row], selection)[0], adapter.location, adapter.version)

    def create(self, data: JsonObject, selection: Selection, trail: Trail) -> Written:
        given: Any = self.model.model_validate(tidy_resource(data), scim_ctx=Context.RESOURCE_CREATION_REQUEST)
        made = provision_person(attributes=person_attributes(given, active=True), trail=trail)
        return self._written(made, 201, PersonAdapter(made.row, emails=made.emails), selection)

    def replace(
        self, resource_id: UUID, data: JsonObject, versions: Versions, selection: Selection, trail: Trail
    ) -> Written:
        given: Any = self.model.model_validate(tidy_resource(data), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)

        def change(stored: PersonAttributes) -> PersonAttributes:
            return named(person_attributes(given, active=stored.active))

        return self._changed(resource_id, change, versions, selection, trail)

    def patch(
        self, resource_id: UUID, data: JsonObject, versions: Versions, selection: Selection, trail: Trail
    ) -> Written:
        given: Any = PatchOp[self.model].model_validate(  # type: ignore[name-defined]  # a class, chosen when it runs
            tidy_patch(data), scim_ctx=Context.RESOURCE_PATCH_REQUEST
        )

        def change(stored: PersonAttributes) -> PersonAttributes:
            resource = person_resource(stored)
            given.patch(resource)
            return person_attributes(resource, active=stored.active, stated=False)

        return self._changed(resource_id, change, versions, selection, trail)

    def delete(self, resource_id: UUID, versions: Versions, trail: Trail) -> Written:
        row = delete_person(person_id=resource_id, versions=versions, trail=trail)
        return Written(Answer(204, location=PersonAdapter(row).location), str(row.id), row.external_id)

    def _changed(
        self, resource_id: UUID, change: Any, versions: Versions, selection: Selection, trail: Trail
    ) -> Written:
        made = change_person(person_id=resource_id, change=change, versions=versions, trail=trail)
        return self._written(made, 200, PersonAdapter(made.row, emails=made.emails, groups=made.groups), selection)

    def _written(self, made: Any, status: int, adapter: Any, selection: Selection) -> Written:
        answer = Answer(status, adapter.to_dict(selection), adapter.location, adapter.version)
        return Written(answer, str(made.row.id), made.row.external_id, scim_names(made.changed))


class Groups:
    """Groups; members are moved as changes and loaded only to be shown."""

    resource_type = "Group"
    model = resources.Group

    def found(self, search: SearchRequest[Any]) -> QuerySet[Any]:
        return _ordered(visible_groups(), search, self.model, GROUPS)

    def shown(self, rows: Sequence[Any], selection: Selection) -> list[JsonObject]:
        members = members_of([row.id for row in rows]) if _wants_members(selection) else {}
        return [GroupAdapter(row, members=members.get(row.id, ())).to_dict(selection) for row in rows]

    def one(self, resource_id: UUID, selection: Selection) -> Answer:
        row = visible_groups().filter(id=resource_id).first()
        if row is None:
            raise NotFoundError(resource_id)
        adapter = GroupAdapter(row)
        return Answer(200, self.shown([row], selection)[0], adapter.location, adapter.version)

    def create(self, data: JsonObject, selection: Selection, trail: Trail) -> Written:
        given: Any = self.model.model_validate(tidy_resource(data), scim_ctx=Context.RESOURCE_CREATION_REQUEST)
        members = [person_id(one.value) for one in given.members or () if one.value]
        made = provision_group(attributes=group_attributes(given), members=members, trail=trail)
        return self._written(made, 201, selection)

    def replace(
        self, resource_id: UUID, data: JsonObject, versions: Versions, selection: Selection, trail: Trail
    ) -> Written:
        """A body without members leaves them alone: nobody means to empty a group by leaving it out."""
        given: Any = self.model.model_validate(tidy_resource(data), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
        members = MemberChanges()
        if "members" in {name.lower() for name in data}:
            members.replace(person_id(one.value) for one in given.members or () if one.value)
        wanted = group_attributes(given)
        made = change_group(
            group_id=resource_id, change=lambda _stored: wanted, members=members, versions=versions, trail=trail
        )
        return self._written(made, 200, selection)

    def patch(
        self, resource_id: UUID, data: JsonObject, versions: Versions, selection: Selection, trail: Trail
    ) -> Written:
        """Answers 204: a large group is not sent back for one member more."""
        others, members = member_changes(tidy_patch(data))

        def change(stored: GroupAttributes) -> GroupAttributes:
            resource = group_resource(stored)
            if others is not None:
                others.patch(resource)
            return group_attributes(resource)

        made = change_group(group_id=resource_id, change=change, members=members, versions=versions, trail=trail)
        adapter = GroupAdapter(made.row)
        answer = Answer(204, location=adapter.location, version=adapter.version)
        return Written(answer, str(made.row.id), made.row.external_id, scim_names(made.changed))

    def delete(self, resource_id: UUID, versions: Versions, trail: Trail) -> Written:
        row = delete_group(group_id=resource_id, versions=versions, trail=trail)
        return Written(Answer(204, location=GroupAdapter(row).location), str(row.id), row.external_id)

    def _written(self, made: Any, status: int, selection: Selection) -> Written:
        adapter = GroupAdapter(made.row)
        answer = Answer(status, self.shown([made.row], selection)[0], adapter.location, adapter.version)
        return Written(answer, str(made.row.id), made.row.external_id, scim_names(made.changed))


def _wants_members(selection: Selection) -> bool:
    """Asks the library with an example, so that a large group is read only when it is shown."""
    member: dict[str, Any] = {"value": "1", "$ref": "1", "type": "User"}
    example = resources.Group(id="1", display_name="one", members=[resources.GroupMember(**member)])
    return "members" in example.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=selection)


ENDPOINTS: Final[dict[str, Endpoint]] = {"Users": Users(), "Groups": Groups()}

"""Between rows and SCIM: adapters of django_scim's scaffold, filled with our own bodies."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django_scim.adapters import SCIMGroup, SCIMUser
from scim2_models import Context, InvalidValueException, Meta, Resource, ResponseParameters

from identity.models import DirectoryGroup, Person, PersonEmail
from identity.queries.provisioning import Membered, attributes_of
from identity.rules.provisioning import Address, GroupAttributes, PersonAttributes
from identity.scim import resources
from identity.scim.locations import location_of

TEXTS: Mapping[str, str] = {
    "user_name": "user_name",
    "external_id": "external_id",
    "display_name": "display_name",
    "nick_name": "nick_name",
    "title": "title",
    "user_type": "user_type",
    "preferred_language": "preferred_language",
    "locale": "locale",
    "time_zone": "timezone",
}
"""Our attribute → the field of the User that has it."""
NAMES: Mapping[str, str] = {
    "formatted_name": "formatted",
    "family_name": "family_name",
    "given_name": "given_name",
}
ENTERPRISE: Mapping[str, str] = {
    "employee_number": "employee_number",
    "cost_center": "cost_center",
    "company": "organization",
    "division": "division",
    "department": "department",
}


def person_model() -> type[Person]:
    """django_scim asks for the model through a function."""
    return Person


def version_of(number: int) -> str:
    """The entity tag of a version; weak, since attributes may be written in another order."""
    return f'W/"{number}"'


class _Described:
    """What both adapters say about a row beside its attributes."""

    obj: Any
    resource_type: str

    @property
    def location(self) -> str:
        return location_of(self.resource_type, self.obj.id)

    @property
    def version(self) -> str:
        return version_of(self.obj.version)

    @property
    def meta(self) -> dict[str, Any]:
        return {
            "resource_type": self.resource_type,
            "created": self.obj.created_at,
            "last_modified": self.obj.updated_at,
            "location": self.location,
            "version": self.version,
        }


class PersonAdapter(_Described, SCIMUser):  # type: ignore[misc]  # the library has no types
    """A person as a SCIM User with the enterprise extension."""

    id_field = "id"

    def __init__(
        self, obj: Person, request: Any = None, *, emails: Sequence[PersonEmail] = (), groups: Sequence[Membered] = ()
    ) -> None:
        super().__init__(obj, request)
        self.stored, self.memberships = attributes_of(obj, emails), groups

    def to_resource(self) -> Any:
        resource = person_resource(self.stored)
        resource.id, resource.meta = str(self.obj.id), _meta(self.meta)
        resource.groups = [resources.GroupMembership(**_membership(one)) for one in self.memberships] or None
        return resource

    def to_dict(self, selection: ResponseParameters[Any] | None = None) -> dict[str, Any]:
        dumped: dict[str, Any] = self.to_resource().model_dump(
            scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=selection
        )
        return dumped


class GroupAdapter(_Described, SCIMGroup):  # type: ignore[misc]  # the library has no types
    """A group as a SCIM Group. Members are written without a model each: a group may have thousands."""

    id_field = "id"

    def __init__(self, obj: DirectoryGroup, request: Any = None, *, members: Sequence[Membered] = ()) -> None:
        super().__init__(obj, request)
        self.people = members

    def to_resource(self) -> Any:
        resource = group_resource(GroupAttributes(self.obj.display_name, self.obj.external_id))
        resource.id, resource.meta = str(self.obj.id), _meta(self.meta)
        return resource

    def to_dict(self, selection: ResponseParameters[Any] | None = None) -> dict[str, Any]:
        resource = self.to_resource()
        # The first member goes through the library, which knows the selection; the others follow its example.
        resource.members = [resources.GroupMember(**_member(one)) for one in self.people[:1]] or None
        dumped: dict[str, Any] = resource.model_dump(
            scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=selection
        )
        if "members" in dumped:
            shown = set(dumped["members"][0])
            dumped["members"] = [
                {name: value for name, value in _member(one).items() if name in shown} for one in self.people
            ]
        return dumped


def _membership(one: Membered) -> dict[str, Any]:
    return {"value": str(one.id), "$ref": location_of("Group", one.id), "display": one.name, "type": "direct"}


def _member(one: Membered) -> dict[str, Any]:
    return {"value": str(one.id), "$ref": location_of("User", one.id), "display": one.name, "type": "User"}


def _meta(values: dict[str, Any]) -> Any:
    return Meta(**values)


def person_resource(stored: PersonAttributes) -> Any:
    """The attributes in SCIM's words; what is empty is left out."""
    names: dict[str, Any] = {theirs: getattr(stored, ours) or None for ours, theirs in NAMES.items()}
    enterprise: dict[str, Any] = {theirs: getattr(stored, ours) or None for ours, theirs in ENTERPRISE.items()}
    manager = _manager(stored.manager_id)
    texts: dict[str, Any] = {theirs: getattr(stored, ours) or None for ours, theirs in TEXTS.items()}
    resource = resources.Person(
        **texts,
        name=resources.Name(**names) if any(names.values()) else None,
        active=stored.active if stored.active_stated else None,
        emails=[resources.Email(value=one.value, type=one.kind or None, primary=one.primary) for one in stored.emails]
        or None,
    )
    if manager or any(enterprise.values()):
        resource[resources.EnterpriseUser] = resources.EnterpriseUser(**enterprise, manager=manager)
    return resource


def group_resource(stored: GroupAttributes) -> Any:
    return resources.Group(display_name=stored.display_name, external_id=stored.external_id or None)


def _manager(manager_id: UUID | None) -> Any:
    if manager_id is None:
        return None
    known: dict[str, Any] = {"value": str(manager_id), "$ref": location_of("User", manager_id)}
    return resources.Manager(**known)


def person_attributes(resource: Any, *, active: bool, stated: bool = True) -> PersonAttributes:
    """What a User says, in our words; `active` and `stated` are what holds where it says nothing about that."""
    name = resource.name or resources.Name()
    extension = resource[resources.EnterpriseUser] or resources.EnterpriseUser()
    return PersonAttributes(
        **{ours: getattr(resource, theirs) or "" for ours, theirs in TEXTS.items()},
        **{ours: getattr(name, theirs) or "" for ours, theirs in NAMES.items()},
        **{ours: getattr(extension, theirs) or "" for ours, theirs in ENTERPRISE.items()},
        manager_id=_id_of_manager(extension.manager),
        emails=tuple(
            Address(one.value, str(one.type or ""), bool(one.primary)) for one in resource.emails or () if one.value
        ),
        active=active if resource.active is None else resource.active,
        active_stated=stated or resource.active is not None,
    )


def group_attributes(resource: Resource[Any]) -> GroupAttributes:
    group: Any = resource
    return GroupAttributes(group.display_name or "", group.external_id or "")


def _id_of_manager(manager: Any) -> UUID | None:
    if manager is None or not manager.value:
        return None
    return person_id(manager.value)


def person_id(text: str) -> UUID:
    """The id of a person that somebody names; raises InvalidValueException for what cannot be one."""
    try:
        return UUID(text)
    except ValueError:
        raise InvalidValueException(detail="a person is named by the id that this service gave") from None


def scim_names(ours: Sequence[str]) -> list[str]:
    """Our attributes as SCIM spells them, for the log: "displayName", "name.givenName"."""
    known = {
        **TEXTS,
        **{name: f"name.{theirs}" for name, theirs in NAMES.items()},
        **ENTERPRISE,
        "manager_id": "manager",
    }
    return sorted(_camel(known.get(name, name)) for name in ours)


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)

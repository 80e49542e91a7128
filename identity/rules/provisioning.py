"""What a directory service says about a person or a group, and what follows from it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Final
from uuid import UUID

LONGEST_NAME: Final = 255
"""Signs of what stands in an index: user names, external ids, names of groups."""
LONGEST_TEXT: Final = 1_000
MOST_ADDRESSES: Final = 20
INDEXED: Final = frozenset({"user_name", "external_id", "employee_number", "display_name"})


@dataclass(frozen=True)
class Address:
    """An e-mail address as the directory has it; `kind` is free text such as "work"."""

    value: str
    kind: str = ""
    primary: bool = False


@dataclass(frozen=True)
class PersonAttributes:
    """Everything that a directory service may say about a person; empty text is an attribute without a value."""

    user_name: str
    external_id: str = ""
    formatted_name: str = ""
    given_name: str = ""
    family_name: str = ""
    display_name: str = ""
    nick_name: str = ""
    title: str = ""
    user_type: str = ""
    preferred_language: str = ""
    locale: str = ""
    time_zone: str = ""
    employee_number: str = ""
    cost_center: str = ""
    company: str = ""
    division: str = ""
    department: str = ""
    manager_id: UUID | None = None
    emails: tuple[Address, ...] = ()
    active: bool = True
    active_stated: bool = True


@dataclass(frozen=True)
class GroupAttributes:
    """What a directory service says about a group, its members aside: those come as changes."""

    display_name: str
    external_id: str = ""


COLUMNS: Final = tuple(one.name for one in fields(PersonAttributes) if one.name not in {"emails", "active"})
"""Attributes that are columns of the person's row; the others are rows of their own, or an operation."""


def changed(before: PersonAttributes, after: PersonAttributes) -> list[str]:
    """Names of the attributes that differ; the order of addresses is no difference."""
    names = [name for name in (*COLUMNS, "active") if getattr(before, name) != getattr(after, name)]
    return sorted([*names, "emails"] if set(before.emails) != set(after.emails) else names)


def named(attributes: PersonAttributes) -> PersonAttributes:
    """With a display name, so that people can read lists; made of the names where none is given."""
    if attributes.display_name:
        return attributes
    made = attributes.formatted_name or f"{attributes.given_name} {attributes.family_name}".strip()
    return replaced(attributes, display_name=made)


def replaced(attributes: PersonAttributes, **values: object) -> PersonAttributes:
    known: dict[str, object] = {one.name: getattr(attributes, one.name) for one in fields(attributes)}
    return PersonAttributes(**{**known, **values})  # type: ignore[arg-type]  # the names are those of the class


def merged(addresses: Iterable[Address]) -> tuple[Address, ...]:
    """Each address once per kind, whatever the case: directories send some twice."""
    found: dict[tuple[str, str], Address] = {}
    for one in addresses:
        key = (one.value.lower(), one.kind)
        known = found.get(key)
        found[key] = Address(one.value, one.kind, one.primary or (known is not None and known.primary))
    return tuple(found.values())


def too_long(values: Mapping[str, object]) -> str:
    """The first attribute whose text is longer than a row takes, or nothing."""
    for name, value in values.items():
        most = LONGEST_NAME if name in INDEXED else LONGEST_TEXT
        if isinstance(value, str) and len(value) > most:
            return name
    return ""


@dataclass
class MemberChanges:
    """What several PATCH operations do to the members of a group, without knowing who they are.

    Either everybody is `cleared` first or not; then `added` join and `removed` leave. Ids are kept in the order in
    which they came.
    """

    cleared: bool = False
    added: dict[UUID, None] = field(default_factory=dict)
    removed: dict[UUID, None] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        return not (self.cleared or self.added or self.removed)

    def add(self, people: Iterable[UUID]) -> None:
        for person in people:
            self.removed.pop(person, None)
            self.added[person] = None

    def remove(self, people: Iterable[UUID]) -> None:
        for person in people:
            self.added.pop(person, None)
            self.removed[person] = None

    def clear(self) -> None:
        self.cleared, self.added, self.removed = True, {}, {}

    def replace(self, people: Iterable[UUID]) -> None:
        self.clear()
        self.add(people)

"""Every role with what it may do and how many hold it."""

from dataclasses import dataclass

from identity.queries.members import holders_of_roles
from identity.rules.roles import ROLES
from identity.wording import area_of, permission_words, role_name, role_order, role_purpose


@dataclass(frozen=True)
class ToldPermission:
    code: str
    area: str
    words: str


@dataclass(frozen=True)
class ToldRole:
    """A role in words. `held_by` counts the live memberships that hold it."""

    code: str
    name: str
    purpose: str
    permissions: tuple[ToldPermission, ...]
    held_by: int


@dataclass(frozen=True)
class MatrixRow:
    """One permission and, for each role in the order of `told_roles`, whether the role carries it."""

    permission: ToldPermission
    marks: tuple[bool, ...]


def told_roles() -> list[ToldRole]:
    """All roles in the order of lists. One query."""
    held = holders_of_roles()
    return [
        ToldRole(
            code=code,
            name=role_name(code),
            purpose=role_purpose(code),
            permissions=tuple(_told(name) for name in sorted(ROLES[code].permissions)),
            held_by=held[code],
        )
        for code in sorted(ROLES, key=role_order)
    ]


def matrix(roles: list[ToldRole]) -> list[MatrixRow]:
    """Every permission that some role carries, by area."""
    carried = {one.code: {each.code for each in one.permissions} for one in roles}
    names = sorted({name for found in carried.values() for name in found})
    return [MatrixRow(_told(name), tuple(name in carried[one.code] for one in roles)) for name in names]


def _told(name: str) -> ToldPermission:
    return ToldPermission(name, area_of(name), permission_words(name))

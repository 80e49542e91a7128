"""Where SCIM's attributes are stored, and the conditions that the columns can answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal
from unicodedata import normalize
from uuid import UUID

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Lower
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual
from scim2_models import InvalidFilterException
from scim2_models.path import CompareOperator

from identity.models import GroupMember, PersonEmail

NOTHING: Final = Q(pk__in=[])
EVERYTHING: Final = ~Q(pk__in=[])
IN_ORDER: Final = {
    CompareOperator.gt: GreaterThan,
    CompareOperator.ge: GreaterThanOrEqual,
    CompareOperator.lt: LessThan,
    CompareOperator.le: LessThanOrEqual,
}
INSIDE: Final = {
    CompareOperator.co: "contains",
    CompareOperator.sw: "startswith",
    CompareOperator.ew: "endswith",
}

Kind = Literal["text", "exact", "flag", "moment", "id", "constant"]


@dataclass(frozen=True)
class Column:
    """A stored attribute. Text compares in any case, on its stored lower-case `twin` where there is one; "exact" text
    in the case it has; a "constant" is the same for every row and stands in `path` itself."""

    path: str
    kind: Kind = "text"
    twin: str = ""

    def matching(self, op: CompareOperator, value: Any) -> Q:
        """The rows for which the comparison holds; `ne` is left to the caller. Raises InvalidFilterException."""
        if not _storable(value):
            return NOTHING
        if value is None:
            return ~self.present() if op == CompareOperator.eq else NOTHING
        if self.kind == "constant":
            return EVERYTHING if op == CompareOperator.eq and _folded(value) == _folded(self.path) else NOTHING
        if self.kind == "id":
            return self._by_id(op, value)
        if self.kind in {"flag", "moment"}:
            return self._by_value(op, value)
        return self._by_text(op, str(value))

    def present(self) -> Q:
        """The rows that have a value."""
        if self.kind == "constant":
            return EVERYTHING
        return ~Q(**{self.path: ""}) if self.kind in {"text", "exact"} else Q(**{f"{self.path}__isnull": False})

    def ordering(self) -> Any:
        """What rows are sorted by."""
        return Lower(self.path) if self.kind == "text" and not self.twin else F(self.twin or self.path)

    def _by_id(self, op: CompareOperator, value: Any) -> Q:
        if op != CompareOperator.eq:
            raise InvalidFilterException(detail="ids can be compared with eq, ne and pr alone")
        try:
            return Q(**{self.path: UUID(str(value))})
        except ValueError:
            return NOTHING

    def _by_value(self, op: CompareOperator, value: Any) -> Q:
        if op == CompareOperator.eq:
            return Q(**{self.path: value})
        if op not in IN_ORDER or self.kind == "flag":
            raise InvalidFilterException(detail=f"the operator {op.value} does not fit the attribute")
        return Q(IN_ORDER[op](F(self.path), Value(value, output_field=models.DateTimeField())))

    def _by_text(self, op: CompareOperator, value: str) -> Q:
        folded = self.kind == "text"
        wanted = _folded(value) if folded else value
        if op in IN_ORDER:
            return Q(IN_ORDER[op](self.ordering(), Value(wanted, output_field=models.TextField())))
        lookup = INSIDE.get(op, "exact")
        if folded and not self.twin:
            return Q(**{f"{self.path}__i{lookup}": value})
        return Q(**{f"{self.twin or self.path}__{lookup}": wanted})


@dataclass(frozen=True)
class Rows:
    """An attribute with several values, stored in a table of its own that points back by `owner`."""

    model: type[models.Model]
    owner: str
    columns: Mapping[str | None, Column]


def _storable(value: Any) -> bool:
    """False for texts that no row can hold and PostgreSQL cannot even be asked for: NUL, and halves of characters."""
    try:
        return not isinstance(value, str) or b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


def _folded(value: Any) -> str:
    return normalize("NFC", normalize("NFC", str(value)).lower())


Key = tuple[str, str | None]

SHARED: Final[dict[Key, Column]] = {
    ("id", None): Column("id", "id"),
    ("external_id", None): Column("external_id", "exact"),
    ("meta", "created"): Column("created_at", "moment"),
    ("meta", "last_modified"): Column("updated_at", "moment"),
}
PERSON: Final[dict[Key, Column]] = {
    **SHARED,
    ("meta", "resource_type"): Column("User", "constant"),
    ("user_name", None): Column("user_name", twin="user_name_lower"),
    ("name", "formatted"): Column("formatted_name"),
    ("name", "family_name"): Column("family_name"),
    ("name", "given_name"): Column("given_name"),
    ("display_name", None): Column("display_name"),
    ("nick_name", None): Column("nick_name"),
    ("title", None): Column("title"),
    ("user_type", None): Column("user_type"),
    ("preferred_language", None): Column("preferred_language"),
    ("locale", None): Column("locale"),
    ("timezone", None): Column("time_zone"),
    ("active", None): Column("active", "flag"),
    ("employee_number", None): Column("employee_number"),
    ("cost_center", None): Column("cost_center"),
    ("organization", None): Column("company"),
    ("division", None): Column("division"),
    ("department", None): Column("department"),
    ("manager", "value"): Column("manager_id", "id"),
}
GROUP: Final[dict[Key, Column]] = {
    **SHARED,
    ("meta", "resource_type"): Column("Group", "constant"),
    ("display_name", None): Column("display_name", twin="display_name_lower"),
}
PERSON_ROWS: Final[dict[str, Rows]] = {
    "emails": Rows(
        PersonEmail,
        "person",
        {
            "value": Column("value", twin="value_lower"),
            "type": Column("kind"),
            "primary": Column("primary", "flag"),
        },
    ),
    "groups": Rows(
        GroupMember,
        "person",
        {
            "value": Column("group_id", "id"),
            "display": Column("group__display_name", twin="group__display_name_lower"),
            "type": Column("direct", "constant"),
        },
    ),
}
GROUP_ROWS: Final[dict[str, Rows]] = {
    "members": Rows(
        GroupMember,
        "group",
        {
            "value": Column("person_id", "id"),
            "display": Column("person__display_name"),
            "type": Column("User", "constant"),
        },
    ),
}

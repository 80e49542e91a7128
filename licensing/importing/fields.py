"""How a kind of sheet is declared: its columns and what one of its rows is."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.utils.functional import Promise

from licensing.importing.findings import Problem, Rule
from licensing.importing.values import Reader

R = TypeVar("R")


class Learns(StrEnum):
    """What must be learnt from a whole column before one of its cells can be read."""

    NOTHING = ""
    DECIMAL = "decimal"
    ORDER = "order"


class Presence(StrEnum):
    """Whether a file may be without the column, and a row without its cell."""

    OPTIONAL = "optional"
    COLUMN = "column"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class Field:
    """One column that a kind understands.

    `name` is the attribute of the row, `label` its heading for people, `synonyms` the headings of other programs in
    English and German (spelling and punctuation do not count). `presence` COLUMN: every file has the column; CELL: and
    none of its cells is empty.
    """

    name: str
    label: Promise
    synonyms: tuple[str, ...]
    read: Reader
    presence: Presence = Presence.OPTIONAL
    learns: Learns = Learns.NOTHING


# A problem that shows only across cells, and the field at which people should look.
AcrossCells = tuple[str, Problem]


@dataclass(frozen=True, slots=True)
class RowForm(Generic[R]):
    """A kind of sheet: its fields in the order of `row_type`'s attributes.

    `either`: at least one of these columns must be there. `settle` gets the values of one row, each readable, completes
    them in place and says what does not fit together. Rows of one `identity` speak of the same thing;
    `statement` names the fields in which they then say the same or contradict each other.
    `repeated` is found in a row that says again what an earlier one said, `contradicted` in one that says otherwise.
    """

    name: str
    label: Promise
    fields: tuple[Field, ...]
    row_type: Callable[..., R]
    settle: Callable[[list[Any]], list[AcrossCells]]
    identity: Callable[[R], tuple[str, ...]]
    statement: tuple[str, ...]
    repeated: Rule
    contradicted: Rule
    either: tuple[str, ...] = ()

    def field(self, name: str) -> Field:
        """Raises KeyError for a name that is not declared."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

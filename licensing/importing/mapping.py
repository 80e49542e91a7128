"""Which column of a file is which field: guessed from the header, remembered from last time, or chosen by a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from licensing.importing import refusals
from licensing.importing.fields import Presence, RowForm
from licensing.importing.findings import shown
from licensing.importing.texts import comparable

# "Quantitiy" is still the quantity; "Product owner" is not the product.
CLOSE_ENOUGH = 0.88
LONGEST_GUESSED = 60
NO_COLUMN = ""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Field names and the index of the column that feeds each. Cells of other columns are neither kept nor stored."""

    header: tuple[str, ...]
    columns: Mapping[str, int]

    def heading(self, field: str) -> str:
        """The heading as the file writes it, or its number where it has none."""
        index = self.columns[field]
        return shown(self.header[index]) or _("column %(number)d") % {"number": index + 1}

    @property
    def unused(self) -> tuple[str, ...]:
        """The headings that feed no field."""
        used = set(self.columns.values())
        return tuple(shown(heading) for index, heading in enumerate(self.header) if heading and index not in used)

    def to_remember(self, form: RowForm[Any]) -> dict[str, str]:
        """What `guess` takes as `remembered` when the next file of this source comes: field to heading.

        "" stands for a field that a person left without the column that would have been guessed.
        """
        refused = {field: NO_COLUMN for field in guess(self.header, form).columns if field not in self.columns}
        return refused | {field: self.header[index] for field, index in self.columns.items()}


def guess(header: tuple[str, ...], form: RowForm[Any], *, remembered: Mapping[str, str] | None = None) -> ColumnMapping:
    """The best guess, which a person may correct: remembered headings, then known ones, then misspelt ones.

    A field takes the first column that fits; a column feeds one field.
    """
    guesses = _Guesses(header)
    said = remembered or {}
    names = {field.name for field in form.fields}
    guesses.take({comparable(heading): field for field, heading in said.items() if heading and field in names})
    known = {heading: field for heading, field in _known_headings(form).items() if said.get(field) != NO_COLUMN}
    guesses.take(known)
    guesses.take_similar(known)
    return ColumnMapping(header, guesses.columns)


def chosen(header: tuple[str, ...], form: RowForm[Any], choices: Mapping[str, int | None]) -> ColumnMapping:
    """A person's choice: field name to column index, None for no column. Refuses what the file or kind has not."""
    columns = {field: index for field, index in choices.items() if index is not None}
    unknown = sorted(set(columns) - {field.name for field in form.fields})
    outside = sorted(field for field, index in columns.items() if not 0 <= index < len(header))
    if unknown or outside:
        raise refusals.MappingInvalid(
            _("These columns do not belong to this file: %(names)s.") % {"names": ", ".join(unknown + outside)},
            details={"fields": [*unknown, *outside]},
        )
    twice = sorted(field for field, index in columns.items() if list(columns.values()).count(index) > 1)
    if twice:
        raise refusals.MappingInvalid(
            _("One column is chosen for several fields: %(names)s.") % {"names": ", ".join(twice)},
            details={"fields": [*twice]},
        )
    return ColumnMapping(header, columns)


def require_complete(mapping: ColumnMapping, form: RowForm[Any]) -> None:
    """Refuses a mapping without the columns that every file of this kind needs, naming them and what was seen."""
    missing = [
        field.name
        for field in form.fields
        if field.presence is not Presence.OPTIONAL and field.name not in mapping.columns
    ]
    labels = [str(form.field(name).label) for name in missing]
    if form.either and not any(name in mapping.columns for name in form.either):
        missing.extend(form.either)
        labels.append(_(" or ").join(str(form.field(name).label) for name in form.either))
    if not missing:
        return
    seen = [shown(heading) for heading in mapping.header]
    words = _("Columns are missing: %(missing)s. The file has: %(seen)s. Rename its headings, or choose the columns.")
    raise refusals.ColumnsMissing(
        words % {"missing": ", ".join(labels), "seen": ", ".join(seen)}, details={"missing": missing, "seen": [*seen]}
    )


class _Guesses:
    """Columns and fields still free while guesses of falling certainty are taken."""

    def __init__(self, header: tuple[str, ...]) -> None:
        self.columns: dict[str, int] = {}
        self._free = {index: comparable(heading) for index, heading in _headings(header)}
        self._plain = {index: comparable(heading.partition("(")[0]) for index, heading in _headings(header)}

    def take(self, fields: Mapping[str, str]) -> None:
        for spellings in (self._free, self._plain):
            for index in list(self._free):
                self._claim(index, fields.get(spellings[index]))

    def take_similar(self, fields: Mapping[str, str]) -> None:
        wanted = [heading for heading, field in fields.items() if field not in self.columns]
        for index, heading in list(self._free.items()):
            if len(heading) <= LONGEST_GUESSED:
                close = get_close_matches(heading, wanted, n=1, cutoff=CLOSE_ENOUGH)
                self._claim(index, fields[close[0]] if close else None)

    def _claim(self, index: int, field: str | None) -> None:
        if field is not None and field not in self.columns:
            self.columns[field] = index
            del self._free[index]


def _known_headings(form: RowForm[Any]) -> dict[str, str]:
    known: dict[str, str] = {}
    for field in form.fields:
        for heading in (field.name, str(field.label), *field.synonyms):
            known.setdefault(comparable(heading), field.name)
    return known


def _headings(header: tuple[str, ...]) -> list[tuple[int, str]]:
    return [(index, heading) for index, heading in enumerate(header) if comparable(heading)]

"""What the columns of one file mean by "1.234" and "03/04/2026"."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

DecimalMark = Literal[",", "."]
DateOrder = Literal["dmy", "mdy"]

# Day 0 of spreadsheet day numbers, as Excel on Windows and LibreOffice count them.
EPOCH = date(1899, 12, 30)


@dataclass(frozen=True, slots=True)
class Convention:
    """How ambiguous values of one column are read. None: undecided, so an ambiguous value is an error.

    `epoch` is day 0 of day numbers in this file.
    """

    decimal: DecimalMark | None = None
    order: DateOrder | None = None
    epoch: date = EPOCH


UNDECIDED = Convention()

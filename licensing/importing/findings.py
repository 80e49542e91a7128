"""Findings: what is wrong or noteworthy in one cell, as facts that can be stored and as words for people."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, TypedDict, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

T = TypeVar("T")

# A finding shows what the cell said, not a page of it: findings are stored per row and mailed around.
SHOWN_CHARACTERS = 120


class Severity(StrEnum):
    """An error keeps its row out; a warning lets it in and says what a person should look at."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be found. `code` never changes once released; `sentence` may name details as %(name)s."""

    code: str
    severity: Severity
    sentence: Promise


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that one value broke, before anybody knows in which line the value stands."""

    rule: Rule
    details: Mapping[str, str | int] = dataclasses.field(default_factory=dict)


# What a cell was read as: a value, a problem, a value with a warning, or neither (the cell is empty). An error never
# comes with a value. A plain tuple, because an import makes millions of them.
Reading: TypeAlias = tuple[T | None, Problem | None]
EMPTY: tuple[None, None] = (None, None)


def refused(rule: Rule, **details: str | int) -> tuple[None, Problem]:
    """The reading of a cell that breaks `rule`."""
    return None, Problem(rule, details)


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem with its place: `line` counts as an editor or spreadsheet does, `column` is the header's own text.

    `field` is the declared field's name (empty when the finding is about the whole row), `value` the start of what
    the cell said.
    """

    line: int
    field: str
    column: str
    value: str
    rule: Rule
    details: Mapping[str, str | int] = dataclasses.field(default_factory=dict)

    @property
    def code(self) -> str:
        return self.rule.code

    @property
    def is_error(self) -> bool:
        return self.rule.severity is Severity.ERROR

    @property
    def words(self) -> str:
        """The sentence in the language of whoever reads it now."""
        return str(self.rule.sentence) % self.details


def shown(value: object) -> str:
    """The start of a cell's text, as findings and diffs print it."""
    text = "" if value is None else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


class FindingJson(TypedDict):
    """A finding as a stored row of a batch keeps it; `finding_from` reads it again, in any language."""

    field: str
    column: str
    value: str
    code: str
    details: dict[str, str | int]


def to_json(finding: Finding) -> FindingJson:
    return {
        "field": finding.field,
        "column": finding.column,
        "value": finding.value,
        "code": finding.code,
        "details": dict(finding.details),
    }


def finding_from(line: int, stored: FindingJson) -> Finding:
    """Raises KeyError for a code that is not declared: codes are never taken away."""
    return Finding(line, stored["field"], stored["column"], stored["value"], RULES[stored["code"]], stored["details"])


# Every rule by its code, so that stored findings can be put into words in the language of whoever reads them.
RULES: dict[str, Rule] = {}


def error(code: str, sentence: Promise) -> Rule:
    """Declares a rule that keeps a row out. Raises ValueError for a code that is taken."""
    return _declared(Rule(code, Severity.ERROR, sentence))


def warning(code: str, sentence: Promise) -> Rule:
    """Declares a rule that lets a row in. Raises ValueError for a code that is taken."""
    return _declared(Rule(code, Severity.WARNING, sentence))


def _declared(rule: Rule) -> Rule:
    if rule.code in RULES:
        raise ValueError(f"the rule {rule.code} is declared twice")
    RULES[rule.code] = rule
    return rule


# What can be found in a cell. Rules about whole rows of one kind stand beside that kind.
REQUIRED = error("REQUIRED", _("This cell may not be empty. Fill it in, or delete the line."))
TEXT_TOO_LONG = error("TEXT_TOO_LONG", _("The text has %(length)d characters; at most %(limit)d fit. Shorten it."))
FORMULA_AS_TEXT = warning(
    "FORMULA_AS_TEXT",
    _("The text begins like a spreadsheet formula. It is kept as plain text and is not calculated."),
)
FORMULA_NOT_CALCULATED = error(
    "FORMULA_NOT_CALCULATED",
    _("The cell holds a formula, not a value. Copy the column and paste it as values, then upload the file again."),
)
NUMBER_UNREADABLE = error("NUMBER_UNREADABLE", _("This is not a number. Write it like 1234.56 or 1.234,56."))
NUMBER_AMBIGUOUS = error(
    "NUMBER_AMBIGUOUS",
    _("This can mean %(first)s or %(second)s, and no other cell decides it. Write it like 1234 or 1234.00."),
)
NUMBER_NOT_WHOLE = error("NUMBER_NOT_WHOLE", _("A whole number is needed here."))
NUMBER_TOO_SMALL = error("NUMBER_TOO_SMALL", _("The number must be at least %(minimum)d."))
NUMBER_TOO_LARGE = error("NUMBER_TOO_LARGE", _("The number is too large; at most %(maximum)s can be stored."))
PRICE_TOO_PRECISE = error("PRICE_TOO_PRECISE", _("A price has at most %(places)d decimal places."))
DATE_UNREADABLE = error(
    "DATE_UNREADABLE", _("This is not a date. Write it like 2026-12-31, 31.12.2026 or 31 Dec 2026.")
)
DATE_AMBIGUOUS = error(
    "DATE_AMBIGUOUS",
    _("This can mean %(first)s or %(second)s, and no other cell of the file decides it. Write it like 2026-12-31."),
)
DATE_IMPLAUSIBLE = error("DATE_IMPLAUSIBLE", _("The date lies outside the years %(first)d to %(last)d."))
DATE_TWO_DIGIT_YEAR = warning("DATE_TWO_DIGIT_YEAR", _("The year has two digits; it was read as %(year)d."))
DATE_FROM_SERIAL = warning("DATE_FROM_SERIAL", _("The cell holds a spreadsheet's day number; it was read as %(day)s."))
DATE_MEANS_NEVER = warning("DATE_MEANS_NEVER", _("A date in the year 9999 was read as “no end”."))
TRUTH_UNREADABLE = error("TRUTH_UNREADABLE", _("Write yes or no."))
EMAIL_UNREADABLE = error("EMAIL_UNREADABLE", _("This is not an e-mail address."))
CHOICE_UNKNOWN = error("CHOICE_UNKNOWN", _("This word is not known here. Use one of: %(choices)s."))
CURRENCY_UNKNOWN = error("CURRENCY_UNKNOWN", _("This is not a currency. Write its ISO 4217 code, such as EUR."))
CURRENCY_AMBIGUOUS = error(
    "CURRENCY_AMBIGUOUS", _("Several currencies are written like this. Write the code: %(choices)s.")
)
ROW_TOO_LONG = error(
    "ROW_TOO_LONG",
    _("The line has %(cells)d cells under %(columns)d headings. A text that holds the separator must be in quotes."),
)

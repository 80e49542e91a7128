"""Numbers, dates, money and foreign text as a reader of the report sees them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Final

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

NOTHING: Final = "\u2013"
LETTER_BEFORE_DIGIT: Final = re.compile(r"(?<=[^\W\d_])(?=\d)")
ELLIPSIS: Final = "\u2026"

# British English, not American: day before month.
_REGIONS: Final = {"en": "en_GB"}
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
_JOINERS: Final = frozenset("\u200c\u200d")  # Persian and Indic spelling needs them
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL"})


def printable(text: str, *, limit: int = 160) -> str:
    """The text on one line, at most `limit` signs, with nothing in it that a reader cannot see.

    Control and formatting signs (an override that reverses a file name, say) appear as their code point.
    """
    line = " ".join(text[: limit * 8].split())
    shown = "".join(_visible(sign) for sign in line)
    if len(shown) <= limit and len(text) <= limit * 8:
        return shown
    return shown[: limit - 1].rstrip() + ELLIPSIS


def isolated(text: str) -> str:
    """The text for use inside a sentence: right-to-left names do not reorder the words around them."""
    if any(unicodedata.bidirectional(sign) in _RIGHT_TO_LEFT for sign in text):
        return f"\u2068{text}\u2069"
    return text


def code_point(sign: str) -> str:
    """A sign that cannot be shown, by its number: [U+202E]."""
    return f"[U+{ord(sign):04X}]"


def _spaced(money: str) -> str:
    """NOK 1,250: a code of letters stands apart from its digits (Unicode TR 35), which Babel does not see to."""
    return LETTER_BEFORE_DIGIT.sub("\u00a0", money)


def _visible(sign: str) -> str:
    if sign in _JOINERS or unicodedata.category(sign) not in _HIDDEN:
        return sign
    return code_point(sign)


@dataclass(frozen=True)
class Formatter:
    """The conventions of one language; times are shown in UTC and say so."""

    language: str

    @cached_property
    def locale(self) -> Locale:
        """Babel's locale, with the region that the report's language means."""
        return Locale.parse(_REGIONS.get(self.language, self.language), sep="-" if "-" in self.language else "_")

    def number(self, value: int | None) -> str:
        """1,250 — or a dash where there is no number."""
        return NOTHING if value is None else format_decimal(value, locale=self.locale)

    def day(self, value: date | None) -> str:
        """30 Sept 2026, or a dash."""
        return NOTHING if value is None else format_date(value, "d MMM y", locale=self.locale)

    def month(self, value: date) -> str:
        """Sept 2026."""
        return format_date(value, "MMM y", locale=self.locale)

    def time(self, value: datetime | None) -> str:
        """30 Sept 2026, 22:00 (UTC is said once, on the cover and in the heads of columns), or a dash."""
        if value is None:
            return NOTHING
        return format_datetime(value.astimezone(UTC), "d MMM y, HH:mm", tzinfo=UTC, locale=self.locale)

    def money(self, amount: Decimal, currency: str) -> str:
        """€1,250.00; an amount without currency is a plain number."""
        if not currency:
            return format_decimal(amount, locale=self.locale)
        return _spaced(format_currency(amount, currency, locale=self.locale))

    def whole_money(self, amount: Decimal, currency: str) -> str:
        """€1,250: the amount of a headline, rounded half up to whole units."""
        whole = amount.quantize(Decimal(1), rounding=ROUND_HALF_UP)
        if not currency:
            return format_decimal(whole, locale=self.locale)
        pattern = self.locale.currency_formats["standard"].pattern.split(";")[0].replace(".00", "")
        return _spaced(format_currency(whole, currency, pattern, locale=self.locale, currency_digits=False))

    def period(self, start: date, end: date) -> str:
        """1 Jul 2026 – 30 Sept 2026: `end` is the day after the last one."""
        return f"{self.day(start)} {NOTHING} {self.day(end - timedelta(days=1))}"

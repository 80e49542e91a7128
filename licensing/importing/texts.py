"""Texts as people type and programs export them: spaces of all kinds, placeholders for "nothing", spellings."""

import re
import unicodedata
from collections.abc import Sequence
from typing import TypeGuard

# Zero-width and control characters carry nothing that a person meant; tabs and line breaks become spaces.
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
NOTHING = frozenset({"", "-", "–", "—", "--", "n/a", "n.a.", "#n/a", "k.a.", "k. a.", "null", "none", "keine", "leer"})
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "æ": "ae", "å": "aa"})
NOT_ALPHANUMERIC = re.compile(r"[\W_]+")


LONGEST_NOTHING = max(map(len, NOTHING))


def is_plain(text: str) -> bool:
    """Whether nothing need be cleaned, restored or suspected: ASCII that begins with a letter or digit.

    Most cells are; this saves their import nine tenths of the time.
    """
    return (
        text[:1].isalnum()
        and text.isascii()
        and text.isprintable()
        and not text.endswith(" ")
        and "  " not in text
        and (len(text) > LONGEST_NOTHING or not is_nothing(text))
    )


def all_plain(cells: Sequence[object], *, limit: int) -> TypeGuard[Sequence[str]]:
    """Whether these are texts of 1 to `limit` characters for each of which `is_plain` holds.

    One look at all of them joined: white space at an end, doubled spaces and empty texts all show as double spaces.
    """
    texts = [cell for cell in cells if isinstance(cell, str)]
    if len(texts) != len(cells) or not texts or max(map(len, texts)) > limit:
        return False
    joined = " ".join(["", *texts, ""])
    return (
        joined.isascii()
        and joined.isprintable()
        and joined.count("  ") == 0
        and "".join([text[0] for text in texts]).isalnum()
        and NOTHING.isdisjoint(map(str.lower, texts))
    )


def cleaned(text: str) -> str:
    """`text` without invisible characters, with single ordinary spaces (no-break spaces too) and none at the ends."""
    return " ".join(INVISIBLE.sub("", text).split())


def is_nothing(text: str) -> bool:
    """Whether a cleaned text is one of the ways to say that a cell is empty."""
    return text.lower() in NOTHING


def comparable(text: str) -> str:
    """What is left of a spelling when case, spaces, punctuation and accents do not count.

    "LUMEN CAD-Studio™" becomes "lumencadstudio".
    ä and ae, ö, ø and oe, ü and ue, å and aa, ß and ss are the same, so that exports of old programs still match.
    """
    if text.isascii():
        return NOT_ALPHANUMERIC.sub("", text.lower())
    folded = unicodedata.normalize("NFKC", text.replace("™", "")).casefold().translate(UMLAUTS)
    plain = unicodedata.normalize("NFKD", folded)
    return NOT_ALPHANUMERIC.sub("", "".join(letter for letter in plain if not unicodedata.combining(letter)))

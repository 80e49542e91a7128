"""Versions and version ranges: Semantic Versioning 2.0.0 precedence (semver.org §11), ranges as npm writes them.

A range is alternatives joined by "||"; an alternative is comparators joined by spaces or commas, all of which must
hold: `>=2.1 <4`, `^2.3`, `~1.4`, `3.x`, `=5.0.1`, `*`. A pre-release is admitted only where a comparator names a
pre-release of the same major.minor.patch: `<3` must not let in 3.0.0-beta, and `>=2` must not let in 4.0.0-alpha.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from operator import eq, ge, gt, le, lt

LONGEST_TEXT = 200
LONGEST_NUMBER = 9
FIRST_PRE_RELEASE = ("0",)


Precedence = tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]

_IDENTIFIERS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_NUMBER = rf"[0-9]{{1,{LONGEST_NUMBER}}}"
_VERSION = re.compile(rf"v?({_NUMBER})(?:\.({_NUMBER}))?(?:\.({_NUMBER}))?(?:-({_IDENTIFIERS}))?(?:\+{_IDENTIFIERS})?")
_PART = rf"{_NUMBER}|[xX*]"
_COMPARATOR = re.compile(
    rf"(>=|<=|>|<|=|\^|~)?\s*v?({_PART})(?:\.({_PART}))?(?:\.({_PART}))?(?:-({_IDENTIFIERS}))?(?:\+{_IDENTIFIERS})?"
)
_OPERATORS: dict[str, Callable[[Precedence, Precedence], bool]] = {">=": ge, ">": gt, "<=": le, "<": lt, "=": eq}


class BadVersion(ValueError):
    """The text is no version: not `major.minor.patch` with an optional pre-release."""


class BadRange(ValueError):
    """The text is no version range; the message names the part that cannot be read."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version; build metadata is not kept, since it has no precedence."""

    core: tuple[int, int, int]
    pre_release: tuple[str, ...] = ()

    @property
    def precedence(self) -> Precedence:
        """Orders versions: a pre-release before its release, numeric identifiers by value and before words."""
        identifiers = tuple((False, int(text), "") if text.isdigit() else (True, 0, text) for text in self.pre_release)
        return self.core, not self.pre_release, identifiers


def written(version: Version) -> str:
    """The version in three numbers, with its pre-release: `2.4` is 2.4.0."""
    return ".".join(map(str, version.core)) + ("-" + ".".join(version.pre_release) if version.pre_release else "")


def read_version(text: str) -> Version:
    """The version that a client states; `v2`, `2.1` and leading zeros (`2024.04`) are read as people mean them.

    Raises BadVersion.
    """
    match = _VERSION.fullmatch(text.strip()) if len(text) <= LONGEST_TEXT else None
    if match is None:
        raise BadVersion("a version looks like 2.4.1 or 2.4.1-beta.2")
    major, minor, patch, pre_release = match.groups()
    return Version((int(major), int(minor or 0), int(patch or 0)), _identifiers(pre_release))


@dataclass(frozen=True, slots=True)
class _Comparator:
    operator: str
    version: Version

    def holds(self, version: Version) -> bool:
        return _OPERATORS[self.operator](version.precedence, self.version.precedence)


@dataclass(frozen=True, slots=True)
class VersionRange:
    """The versions that a licence covers; `text` is the range as somebody wrote it."""

    text: str
    alternatives: tuple[tuple[_Comparator, ...], ...]

    def admits(self, version: Version) -> bool:
        """Whether one alternative admits the version."""
        return any(_admits(comparators, version) for comparators in self.alternatives)


def read_range(text: str) -> VersionRange:
    """The range that the text describes; an empty text and `*` admit every release. Raises BadRange."""
    if len(text) > LONGEST_TEXT:
        raise BadRange(f"a version range has at most {LONGEST_TEXT} characters")
    return VersionRange(text=text, alternatives=tuple(_alternative(part) for part in text.split("||")))


def _admits(comparators: tuple[_Comparator, ...], version: Version) -> bool:
    if not all(comparator.holds(version) for comparator in comparators):
        return False
    return not version.pre_release or any(
        comparator.version.pre_release and comparator.version.core == version.core for comparator in comparators
    )


def _alternative(text: str) -> tuple[_Comparator, ...]:
    comparators: list[_Comparator] = []
    rest = text.strip(" \t,")
    while rest:
        match = _COMPARATOR.match(rest)
        if match is None or (match.end() < len(rest) and rest[match.end()] not in " \t,"):
            raise BadRange(f"cannot read “{rest}”: a range looks like >=2.1 <4 or ^2.3")
        comparators += _bounds(*match.groups())
        rest = rest[match.end() :].lstrip(" \t,")
    return tuple(comparators)


def _bounds(
    operator: str | None, major: str, minor: str | None, patch: str | None, pre_release: str | None
) -> list[_Comparator]:
    stated = _stated(major, minor, patch)
    if pre_release is not None and len(stated) < 3:
        raise BadRange("a pre-release needs all three numbers, such as 2.4.0-beta.1")
    if not stated:
        return _anything(operator)
    low = Version(_filled(stated), _identifiers(pre_release))
    if operator in ("^", "~"):
        return [_Comparator(">=", low), _below(_raised(stated, _kept(operator, stated)))]
    if len(stated) == 3:
        return [_Comparator(operator or "=", low)]
    return _partial(operator, stated, low)


def _partial(operator: str | None, stated: tuple[int, ...], low: Version) -> list[_Comparator]:
    """The bounds of a version with numbers left out, such as 1.2: it stands for all 1.2.x."""
    beyond = _raised(stated, len(stated))
    match operator:
        case ">=":
            return [_Comparator(">=", low)]
        case ">":
            return [_Comparator(">=", Version(beyond))]
        case "<":
            return [_below(low.core)]
        case "<=":
            return [_below(beyond)]
        case _:
            return [_Comparator(">=", low), _below(beyond)]


def _anything(operator: str | None) -> list[_Comparator]:
    """`*` admits all; nothing lies strictly above or below everything."""
    return [_below((0, 0, 0))] if operator in ("<", ">") else []


def _stated(*parts: str | None) -> tuple[int, ...]:
    numbers: list[int] = []
    for part in parts:
        if part is None or part in "xX*":
            break
        numbers.append(int(part))
    return tuple(numbers)


def _kept(operator: str, stated: tuple[int, ...]) -> int:
    """How many leading numbers must stay the same: `~` keeps two, `^` up to the first that is not zero."""
    if operator == "~":
        return min(2, len(stated))
    return next((position for position, number in enumerate(stated, start=1) if number), len(stated))


def _raised(stated: tuple[int, ...], kept: int) -> tuple[int, int, int]:
    """The first version after all those that share the first `kept` numbers."""
    return _filled((*stated[: kept - 1], stated[kept - 1] + 1))


def _filled(stated: tuple[int, ...]) -> tuple[int, int, int]:
    major, minor, patch = (*stated, 0, 0)[:3]
    return major, minor, patch


def _below(core: tuple[int, int, int]) -> _Comparator:
    """Strictly below, pre-releases of the bound included: 2.0.0-beta is not below 2."""
    return _Comparator("<", Version(core, FIRST_PRE_RELEASE))


def _identifiers(text: str | None) -> tuple[str, ...]:
    return tuple(text.split(".")) if text else ()

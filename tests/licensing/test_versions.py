"""Versions: the precedence that semver.org publishes, ranges as npm reads them."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.rules.versions import BadRange, BadVersion, Version, read_range, read_version

# semver.org §11, examples 2 to 4, in ascending order, with the cases between them that are easy to get wrong.
ASCENDING = (
    "1.0.0-0 1.0.0-2 1.0.0-11 1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 "
    "1.0.0-rc.1 1.0.0 1.0.1-alpha 1.0.1 1.9.0 1.10.0 2.0.0 2.1.0 2.1.1 10.0.0"
).split()

NUMBERS = st.integers(0, 12)
PRE_RELEASES = st.lists(st.sampled_from(["0", "1", "10", "alpha", "beta", "rc", "a-b"]), max_size=3).map(tuple)
VERSIONS = st.builds(Version, st.tuples(NUMBERS, NUMBERS, NUMBERS), PRE_RELEASES)


def admitted(versions: str, version: str) -> bool:
    return read_range(versions).admits(read_version(version))


@pytest.mark.requirement("REQ-171")
def test_published_order() -> None:
    """Each version of the published examples comes strictly before the next."""
    for lower, higher in pairwise(ASCENDING):
        assert read_version(lower).precedence < read_version(higher).precedence


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("2.4.1", Version((2, 4, 1))),
        ("v2.4.1", Version((2, 4, 1))),
        (" 2.4.1 ", Version((2, 4, 1))),
        ("2.4", Version((2, 4, 0))),
        ("2024.04", Version((2024, 4, 0))),
        ("2.4.1-rc.1+build.7", Version((2, 4, 1), ("rc", "1"))),
        ("1.0.0+20130313144700", Version((1, 0, 0))),
        ("1.0.0-x-y.7", Version((1, 0, 0), ("x-y", "7"))),
    ],
)
def test_what_clients_send_is_read_as_meant(text: str, version: Version) -> None:
    """Short, prefixed and dated versions are understood; build metadata does not count."""
    assert read_version(text) == version


@pytest.mark.parametrize(
    "text",
    ["", "v", "two", "1.2.3.4", "1..2", "1.2.3-", "1.2.3-a..b", "-1.0", "1.2.3 4", "1,2", "9" * 10, "1." * 200, "１.0"],
)
def test_what_is_no_version_is_refused(text: str) -> None:
    """Four numbers, empty parts, words and endless digits are refused, not guessed at."""
    with pytest.raises(BadVersion):
        read_version(text)


@pytest.mark.requirement("REQ-171")
@pytest.mark.parametrize(
    ("versions", "inside", "outside"),
    [
        ("", "0.0.0 99.0.0", "1.0.0-beta"),
        ("*", "0.0.0 99.0.0", "1.0.0-beta"),
        ("1.2.3", "1.2.3", "1.2.2 1.2.4 1.2.3-beta"),
        ("=1.2.3", "1.2.3", "1.2.4"),
        ("1.2", "1.2.0 1.2.99", "1.1.99 1.3.0 1.3.0-alpha"),
        ("1", "1.0.0 1.99.0", "0.9.9 2.0.0 2.0.0-alpha"),
        ("1.x", "1.0.0 1.99.0", "2.0.0"),
        ("1.2.X", "1.2.0 1.2.9", "1.3.0"),
        (">=2.1 <4", "2.1.0 3.99.0", "2.0.99 4.0.0 4.0.0-beta"),
        (">=2.1,<4", "2.1.0 3.99.0", "2.0.99 4.0.0"),
        (">= 2.1  < 4", "2.1.0", "4.0.0"),
        (">1.2", "1.3.0", "1.2.0 1.2.99"),
        (">1.2.3", "1.2.4", "1.2.3"),
        ("<=1.2", "1.2.99 0.1.0", "1.3.0 1.3.0-alpha"),
        ("<=1.2.3", "1.2.3", "1.2.4"),
        ("<1.2", "1.1.99", "1.2.0 1.2.0-alpha"),
        ("^1.2.3", "1.2.3 1.99.0", "1.2.2 2.0.0 2.0.0-alpha"),
        ("^0.2.3", "0.2.3 0.2.9", "0.3.0 0.2.2"),
        ("^0.0.3", "0.0.3", "0.0.4 0.0.2"),
        ("^0.0", "0.0.0 0.0.9", "0.1.0"),
        ("^0", "0.0.0 0.9.9", "1.0.0"),
        ("^2", "2.0.0 2.9.9", "3.0.0"),
        ("~1.2.3", "1.2.3 1.2.9", "1.3.0 1.2.2"),
        ("~1.2", "1.2.0 1.2.9", "1.3.0"),
        ("~1", "1.0.0 1.9.9", "2.0.0"),
        ("1.0.0 || >=3 <4", "1.0.0 3.5.0", "1.0.1 2.0.0 4.0.0"),
        ("<*", "", "0.0.0 1.0.0"),
        (">=*", "0.0.0 1.0.0", "1.0.0-a"),
        (">=4 <2", "", "1.0.0 3.0.0 5.0.0"),
        (">=1.2.3-beta.2", "1.2.3-beta.2 1.2.3-rc.1 1.2.3 2.0.0", "1.2.3-beta.1 1.2.4-beta.9 2.0.0-beta"),
        ("^1.2.3-beta", "1.2.3-beta 1.2.3-rc 1.5.0", "1.2.3-alpha 1.3.0-rc"),
    ],
)  # fmt: skip
def test_ranges(versions: str, inside: str, outside: str) -> None:
    """Each kind of comparator admits what npm admits, and no pre-release that it does not name."""
    for version in inside.split():
        assert admitted(versions, version), f"{version} belongs to {versions}"
    for version in outside.split():
        assert not admitted(versions, version), f"{version} does not belong to {versions}"


@pytest.mark.parametrize(
    "text",
    ["abc", ">", "1.2.3.4", ">=1.2 oops", "1.2 - 2.3", "^^1", "1.2-beta", "=>1", "1.2.3<2", "≥1", "1" * 201, "1||>"],
)
def test_what_is_no_range_is_refused(text: str) -> None:
    """A range that would be guessed at is refused when somebody writes it, not when a customer validates."""
    with pytest.raises(BadRange):
        read_range(text)


def test_the_range_keeps_its_text() -> None:
    """Explanations show the range as it was written."""
    assert read_range(">=2.1 <4").text == ">=2.1 <4"


@given(VERSIONS, VERSIONS)
def test_bounds_split_the_releases(version: Version, bound: Version) -> None:
    """Every release is on exactly one side of a bound, and equality is on the side that says so."""
    release, core = Version(version.core), ".".join(map(str, bound.core))
    assert read_range(f"<{core}").admits(release) != read_range(f">={core}").admits(release)
    assert read_range(f"<={core}").admits(release) != read_range(f">{core}").admits(release)
    assert read_range(f"={core}").admits(release) == (release.core == bound.core)


@given(st.lists(VERSIONS, max_size=8))
def test_precedence_is_total(versions: list[Version]) -> None:
    """Any versions can be sorted, and those of equal precedence are equal."""
    ordered = sorted(versions, key=lambda version: version.precedence)
    for lower, higher in pairwise(ordered):
        assert lower.precedence <= higher.precedence
        assert (lower.precedence == higher.precedence) == (lower == higher)


@given(st.text(alphabet="0123456789.<>=^~xX*|- ,abv+", max_size=20), VERSIONS)
def test_no_text_breaks_the_reader(text: str, version: Version) -> None:
    """Any text is a range that always answers the same, or it is refused as BadRange."""
    with suppress(BadRange):
        assert read_range(text).admits(version) == read_range(text).admits(version)

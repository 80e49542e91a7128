"""What assertions say, what groups give, and when something is over: decided without a database."""

from datetime import UTC, datetime, timedelta

import pytest

from identity.rules.single_sign_on import (
    DRIFT,
    EMAIL_NAME_ID,
    Roles,
    claims_of,
    domain_of,
    is_early,
    is_over,
    moment_of,
    roles_after,
    roles_by_group,
)

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
ENTRA = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"


def test_claims_are_found_under_the_names_of_the_connection_first():
    """A name that the connection gives wins, even where a well-known one is there."""
    said = {"mail": ["a@a.example.org"], "shoe": ["b@a.example.org"], f"{ENTRA}givenname": [" Kim "]}
    found = claims_of("x", "", said, {"email": "shoe"})
    assert (found.email, found.given_name) == ("b@a.example.org", "Kim")
    assert claims_of("x", "", said, {}).email == "a@a.example.org"
    assert claims_of("x", "", said, {"email": "nothing"}).email == ""


def test_the_name_serves_as_address_where_it_is_one():
    """By its format or its look, and only where no attribute says another."""
    assert claims_of("kim@a.example.org", EMAIL_NAME_ID, {}, {}).email == "kim@a.example.org"
    assert claims_of("kim@a.example.org", "", {"mail": ["k@b.example.org"]}, {}).email == "k@b.example.org"
    assert claims_of("kim", EMAIL_NAME_ID, {}, {}).email == ""


def test_groups_are_all_their_values_once():
    """Sorted, so that nothing depends on their order."""
    assert claims_of("x", "", {"groups": ["b", "a", "b"]}, {}).groups == ("a", "b")


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("Kim@A.Example.org", "a.example.org"),
        ("kim@@a.example.org", ""),
        ("kim@a.example.org@b.example.org", ""),
        ('"kim@b.example.org"@a.example.org', ""),
        ("k im@a.example.org", ""),
        ("kim@a.example.org\n", "a.example.org"),
        ("@a.example.org", ""),
        ("kim@localhost", ""),
        ("kim@-a.example.org", ""),
        ("kim@ä.example.org", ""),
        ("kim", ""),
    ],
)
def test_the_domain_of_an_address(text, domain):
    """Whatever could be read in two ways has none."""
    assert domain_of(text) == domain


@pytest.mark.parametrize(
    ("held", "by_group", "now", "expected"),
    [
        (["viewer"], [], {"finance"}, Roles(("finance", "viewer"), ("finance",))),
        (["finance", "viewer"], ["finance"], set(), Roles(("viewer",), ())),
        (["finance"], [], {"finance"}, Roles(("finance",), ())),
        (["finance"], ["finance"], set(), Roles(("member",), ("member",))),
        ([], [], set(), Roles(("member",), ("member",))),
        (["member"], ["member"], {"finance"}, Roles(("finance",), ("finance",))),
    ],
)
def test_roles_after_a_sign_in(held, by_group, now, expected):
    """By hand stays, by group follows the groups, and nobody is left without a role."""
    assert roles_after(held=held, by_group=by_group, now=now, default="member") == expected


def test_roles_by_group_compares_to_the_letter():
    """No group is like another."""
    assert roles_by_group({"IT", "it "}, [("it", "owner"), ("IT", "viewer")]) == {"viewer"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-15T12:00:00Z", NOW),
        ("2026-01-15T13:00:00+01:00", NOW),
        ("2026-01-15T12:00:00.123456789Z", NOW + timedelta(microseconds=123456)),
        ("2026-01-15T12:00:00", None),
        ("2026-01-15", None),
        ("2026-13-15T12:00:00Z", None),
        ("", None),
        (None, None),
    ],
)
def test_moments_have_a_zone(text, expected):
    """Without one nobody knows when it is."""
    assert moment_of(text) == expected


def test_clocks_may_differ_by_ninety_seconds_and_no_more():
    """Half-open at both ends."""
    second = timedelta(seconds=1)
    assert timedelta(seconds=90) == DRIFT
    assert (is_over(NOW, at=NOW + DRIFT), is_over(NOW, at=NOW + DRIFT - second)) == (True, False)
    assert (is_early(NOW, at=NOW - DRIFT), is_early(NOW, at=NOW - DRIFT - second)) == (False, True)

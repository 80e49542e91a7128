"""Reading questions: what is stated becomes a scope, plain values become digests, every mistake is named."""

import base64
import contextlib
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import InvalidInput
from licensing.keyring import peppers
from licensing.questions import SCOPE_MEMBERS, WHAT_IF_MEMBERS, read_scope, read_why
from licensing.reading import Reader
from licensing.rules.digests import subject_digest
from licensing.rules.facts import LicenseStatus, ValidationScope
from licensing.rules.what_if import UNCHANGED, WhatIf

TWO_PEPPERS = ",".join(f"{one}:{base64.b64encode(bytes([one] * 32)).decode()}" for one in (1, 2))


def read(**members: Any) -> ValidationScope:
    reader = Reader()
    scope = read_scope({"scope": members}, reader)
    reader.finish()
    return scope


def digest(kind: str, value: str, place: int = 0) -> str:
    return subject_digest(kind=kind, value=value, pepper=peppers()[place])


def test_every_member_is_read() -> None:
    """Each becomes what the rules judge; domain and department in lower case, instants in UTC."""
    scope = read(
        product="cad", version="2.4", features=["a", "b", "a"], country="no", fingerprint=" f-1 ", user="kim",
        components={"board": "b-1"}, domain="WWW.Fjord.Example.", department=" Sales ", vm=True, lease="l-1",
        client_at="2026-03-01T14:00:00+14:00", last_server_at="2026-03-01T00:00:00.123456789Z",
    )  # fmt: skip
    assert scope == ValidationScope(
        product="cad",
        version="2.4",
        features=frozenset({"a", "b"}),
        country="no",
        fingerprints=(digest("fingerprint", "f-1"),),
        components={"board": digest("component", "b-1")},
        user=digest("user", "kim"),
        domain="www.fjord.example",
        department="sales",
        virtual_machine=True,
        lease="l-1",
        client_at=datetime(2026, 3, 1, tzinfo=UTC),
        last_server_at=datetime(2026, 3, 1, 0, 0, 0, 123456, tzinfo=UTC),
    )
    assert all(getattr(scope, one.name) is not None for one in fields(ValidationScope))


def test_what_is_left_out_or_null_is_not_stated() -> None:
    """Nothing is judged of it, and null is the same as nothing."""
    assert (
        read() == read(fingerprint=None, components=None, vm=None, client_at=None, features=None) == ValidationScope()
    )


@pytest.mark.parametrize("stated", [{"fingerprint": ""}, {"fingerprint": " \t"}, {"fingerprints": []}])
def test_a_machine_that_could_not_be_read_is_stated_and_empty(stated: dict[str, Any]) -> None:
    """A finding of the answer and no mistake of the question: the client may tell its user what is wrong."""
    assert read(**stated).fingerprints == ()


def test_no_plain_value_is_left_of_machine_and_user() -> None:
    """Neither fingerprints nor components nor users stand in the scope as they were stated."""
    scope = read(fingerprints=["plain-1", "plain-2"], components={"board": "plain-3"}, user="plain-4")
    assert "plain" not in repr(scope)
    assert len(scope.fingerprints or ()) == 2


def test_during_a_rotation_every_spelling_is_known(settings: Any) -> None:
    """What was stored under the pepper before is found: fingerprints by any spelling, parts and users by `older`."""
    settings.KEY_PEPPERS = TWO_PEPPERS
    scope = read(fingerprints=["f-1", "f-2"], components={"board": "b-1"}, user="kim")
    new, old = ([digest("fingerprint", one, place) for one in ("f-1", "f-2")] for place in (0, 1))
    assert scope.fingerprints == (*new, *old)
    assert scope.spellings(digest("user", "kim")) == {digest("user", "kim"), digest("user", "kim", 1)}
    assert digest("component", "b-1", 1) in scope.spellings((scope.components or {})["board"])
    assert len({*new, *old}) == 4


MOST = "x" * 201
BAD_SCOPES: dict[str, tuple[dict[str, Any], list[str]]] = {
    "both kinds of fingerprints": ({"fingerprint": "a", "fingerprints": ["a"]}, ["/scope/fingerprints"]),
    "a fingerprint that is a number": ({"fingerprint": 7}, ["/scope/fingerprint"]),
    "a long fingerprint": ({"fingerprint": MOST}, ["/scope/fingerprint"]),
    "fingerprints that are a text": ({"fingerprints": "a"}, ["/scope/fingerprints"]),
    "too many fingerprints": ({"fingerprints": ["a"] * 11}, ["/scope/fingerprints"]),
    "blank among fingerprints": ({"fingerprints": ["a", " ", 7]}, ["/scope/fingerprints/1", "/scope/fingerprints/2"]),
    "components that are a list": ({"components": ["a"]}, ["/scope/components"]),
    "too many components": ({"components": {str(one): "a" for one in range(21)}}, ["/scope/components"]),
    "a component that is an object": ({"components": {"a/b": {}}}, ["/scope/components/a~1b"]),
    "a blank component": ({"components": {"board": " "}}, ["/scope/components/board"]),
    "a blank user": ({"user": "  "}, ["/scope/user"]),
    "NUL in the domain": ({"domain": "a\0b"}, ["/scope/domain"]),
    "a department that is a list": ({"department": []}, ["/scope/department"]),
    "vm that is a text": ({"vm": "true"}, ["/scope/vm"]),
    "vm that is a number": ({"vm": 1}, ["/scope/vm"]),
    "an empty lease": ({"lease": ""}, ["/scope/lease"]),
    "a time without an offset": ({"client_at": "2026-03-01T00:00:00"}, ["/scope/client_at"]),
    "a day": ({"client_at": "2026-03-01"}, ["/scope/client_at"]),
    "a day that is not": ({"client_at": "2026-02-29T00:00:00Z"}, ["/scope/client_at"]),
    "a time as a number": ({"last_server_at": 1772323200}, ["/scope/last_server_at"]),
    "before the calendar": ({"last_server_at": "0001-01-01T00:00:00+14:00"}, ["/scope/last_server_at"]),
    "after the calendar": ({"client_at": "9999-12-31T23:00:00-12:00"}, ["/scope/client_at"]),
    "digits of another script": ({"client_at": "٢٠٢٦-03-01T00:00:00Z"}, ["/scope/client_at"]),
    "unknown members": ({"machine": "a", "fingerprint ": "b"}, ["/scope/fingerprint ", "/scope/machine"]),
}


@pytest.mark.parametrize("name", BAD_SCOPES)
def test_bad_scopes_are_named_with_their_places(name: str) -> None:
    """Each mistake with its JSON pointer, all of them at once."""
    members, pointers = BAD_SCOPES[name]
    with pytest.raises(InvalidInput) as refused:
        read(**members)
    assert [error.pointer for error in refused.value.errors] == pointers


def test_what_is_supposed_is_read() -> None:
    """A date that is null is supposed to be missing, one that is left out stays; seats are the limit of users."""
    question = read_why(
        {
            "at": "2026-03-01T00:00:00Z",
            "what_if": {
                "status": "active", "expires_at": None, "valid_from": "2026-01-01T00:00:00Z", "seats": 40,
                "limits": {"activations": None, "api": 5}, "used": {"api": 6},
            },
        }
    )  # fmt: skip
    assert question.at == datetime(2026, 3, 1, tzinfo=UTC)
    assert question.what_if == WhatIf(
        status=LicenseStatus.ACTIVE,
        expires_at=None,
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        limits={"activations": None, "api": 5, "users": 40},
        used={"api": 6},
    )
    assert question.what_if.grace_until is UNCHANGED
    assert {one.name for one in fields(WhatIf)} | {"seats"} == WHAT_IF_MEMBERS


BAD_QUESTIONS: dict[str, tuple[Any, list[str]]] = {
    "a list": ([], ["/"]),
    "a key": ({"key": "A", "nonce": "n"}, ["/key", "/nonce"]),
    "scope is a text": ({"scope": "x"}, ["/scope"]),
    "at is a day": ({"at": "2026-03-01"}, ["/at"]),
    "what_if is a list": ({"what_if": []}, ["/what_if"]),
    "a fact that cannot be supposed": ({"what_if": {"quantity": 3}}, ["/what_if/quantity"]),
    "a status that is none": ({"what_if": {"status": "gone"}}, ["/what_if/status"]),
    "a status that is a list": ({"what_if": {"status": []}}, ["/what_if/status"]),
    "no status": ({"what_if": {"status": None}}, ["/what_if/status"]),
    "limits are a list": ({"what_if": {"limits": [1]}}, ["/what_if/limits"]),
    "a limit below nothing": ({"what_if": {"limits": {"a/b": -1}}}, ["/what_if/limits/a~1b"]),
    "half a limit": ({"what_if": {"limits": {"api": 1.5}}}, ["/what_if/limits/api"]),
    "a limit that is true": ({"what_if": {"limits": {"api": True}}}, ["/what_if/limits/api"]),
    "a limit beyond whole numbers": ({"what_if": {"limits": {"api": 2**53}}}, ["/what_if/limits/api"]),
    "too many limits": ({"what_if": {"limits": {str(one): 1 for one in range(51)}}}, ["/what_if/limits"]),
    "nothing used": ({"what_if": {"used": {"api": None}}}, ["/what_if/used/api"]),
    "seats twice": ({"what_if": {"seats": 1, "limits": {"users": 1}}}, ["/what_if/seats"]),
}


@pytest.mark.parametrize("name", BAD_QUESTIONS)
def test_bad_questions_are_named_with_their_places(name: str) -> None:
    """The same for the question why."""
    given_, pointers = BAD_QUESTIONS[name]
    with pytest.raises(InvalidInput) as refused:
        read_why(given_)
    assert [error.pointer for error in refused.value.errors] == pointers


LEAVES = st.sampled_from(
    [None, True, 0, -1, 2**53, 2**64, 1.5, "", " ", "a", "NO", "\0", "é", "active", "0000-00-00T00:00:00Z", "9" * 300]
)
JSON = LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(st.sampled_from(["", "a", "/", "~"]), LEAVES, max_size=3)
SCOPES_OF_ANYTHING = st.dictionaries(st.sampled_from(sorted(SCOPE_MEMBERS)), JSON, max_size=5)
SUPPOSED_OF_ANYTHING = st.dictionaries(st.sampled_from(sorted(WHAT_IF_MEMBERS)), JSON, max_size=5)
ANYTHING = {"scope": SCOPES_OF_ANYTHING | JSON, "at": JSON, "what_if": SUPPOSED_OF_ANYTHING | JSON}


@given(st.fixed_dictionaries({}, optional=ANYTHING))
def test_no_json_is_more_than_a_mistake(question: dict[str, Any]) -> None:
    """Whatever is sent is read or refused with places; nothing else happens."""
    reader = Reader()
    read_scope(question, reader)
    if reader.mistakes:
        with pytest.raises(InvalidInput):
            read_why(question)
    else:
        with contextlib.suppress(InvalidInput):
            read_why(question)

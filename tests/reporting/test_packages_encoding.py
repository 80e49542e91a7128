"""The stored form of a snapshot."""

import hashlib
import json
from dataclasses import replace
from datetime import datetime

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.packages.encoding import SnapshotDamaged, address, digests, from_bytes, sections, to_bytes
from reporting.packages.snapshot import Snapshot
from tests.reporting import packages

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def test_a_snapshot_comes_back_as_it_was_stored():
    """Every field of every row survives the way through the file."""
    snapshot = packages.snapshot()
    assert from_bytes(to_bytes(snapshot)) == snapshot


@settings(deadline=None)
@given(organization=texts, product=texts, quantity=st.integers(0, 2**40))
def test_any_text_survives(organization: str, product: str, quantity: int):
    """Names from any alphabet, control signs and quotes come back unchanged."""
    rows = tuple(replace(row, product=product, owned=quantity) for row in packages.snapshot().inventory[:1])
    snapshot = packages.snapshot(parameters=packages.parameters(organization=organization), inventory=rows)
    assert from_bytes(to_bytes(snapshot)) == snapshot


def test_digests_can_be_recomputed_by_a_stranger():
    """The digest of a section is that of its RFC 8785 text, as an independent library writes it."""
    snapshot = packages.snapshot()
    stored = json.loads(to_bytes(snapshot))
    for name, value in stored["sections"].items():
        assert hashlib.sha256(rfc8785.dumps({name: value})).hexdigest() == stored["digests"][name]
    assert address(digests(snapshot)) == hashlib.sha256(rfc8785.dumps(stored["digests"])).hexdigest()


def test_only_the_changed_section_gets_another_digest():
    """One seat event more changes one address, so that two packages can be compared section by section."""
    before, after = digests(packages.snapshot()), digests(packages.snapshot(seat_history=packages.seat_events(49)))
    assert {name for name in before if before[name] != after[name]} == {"seat_history"}


def test_sections_are_the_fields_of_the_snapshot():
    """Nothing that a snapshot holds stays out of the stored file."""
    assert set(sections(packages.snapshot())) == set(Snapshot.__dataclass_fields__)


def _stored():
    return json.loads(to_bytes(packages.snapshot()))


def _bytes(stored: dict) -> bytes:
    return json.dumps(stored).encode()


def test_an_altered_number_is_found():
    """A stored snapshot in which somebody raised a number is refused."""
    stored = _stored()
    stored["sections"]["positions"][0]["owned"] += 1
    with pytest.raises(SnapshotDamaged, match="digest"):
        from_bytes(_bytes(stored))


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("positions", 0, "used"), "12", r"positions\[0\].used"),
        (("positions", 0, "used"), True, r"positions\[0\].used"),
        (("positions", 0, "used"), 1.5, r"positions\[0\].used"),
        (("positions", 0, "used"), None, r"positions\[0\].used"),
        (("inventory", 1, "unlimited"), 0, r"inventory\[1\].unlimited"),
        (("violations", 0, "severity"), "harmless", r"violations\[0\].severity"),
        (("violations", 0, "first_seen"), "2026-09-30T01:00:04", r"violations\[0\].first_seen"),
        (("parameters", "period_start"), "1 July", r"parameters.period_start"),
        (("seat_history",), {}, "seat_history"),
        (("ledger",), [], "ledger"),
    ],
)
def test_a_wrong_type_is_named_by_its_place(path, value, place):
    """A value that does not fit its field is refused with the place where it stands."""
    stored = _stored()
    spot = stored["sections"]
    for step in path[:-1]:
        spot = spot[step]
    spot[path[-1]] = value
    with pytest.raises(SnapshotDamaged, match=place):
        from_bytes(_bytes(stored))


@pytest.mark.parametrize("change", ["missing", "unknown"])
def test_fields_are_neither_missing_nor_unknown(change):
    """A row of another version of the format is refused instead of read half."""
    stored = _stored()
    row = stored["sections"]["imports"][0]
    if change == "missing":
        del row["file_sha256"]
    else:
        row["colour"] = "blue"
    with pytest.raises(SnapshotDamaged, match="missing or unknown"):
        from_bytes(_bytes(stored))


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"format":"seatledger/audit-snapshot/v2"}', b"{}"])
def test_other_files_are_no_snapshots(content):
    """Bytes of another kind are refused with one exception, whatever they are."""
    with pytest.raises(SnapshotDamaged):
        from_bytes(content)


def test_a_time_without_zone_is_refused():
    """A naive time would mean another moment on another machine, so it cannot be stored."""
    naive = packages.parameters(as_of=datetime(2026, 9, 30, 22, 0))  # noqa: DTZ001  # that is the point
    with pytest.raises(ValueError, match="zone"):
        to_bytes(packages.snapshot(parameters=naive))

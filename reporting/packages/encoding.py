"""The stored form of a snapshot: canonical JSON, addressed by the SHA-256 of each section.

One file holds ``{"digests": {section: hex}, "format": …, "sections": {section: …}}``. The digest of a section is that
of the canonical text of ``{section: …}``, so the same facts have the same address on every machine, and a rebuild can
prove that it started from them.
"""

import hashlib
import json
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from audit.rules.body import timestamp
from audit.rules.canonical import canonical
from reporting.packages.snapshot import Snapshot

INSTANT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"
FORMAT: Final = "seatledger/audit-snapshot/v1"


class SnapshotDamaged(ValueError):
    """The bytes are not a snapshot of this format, or a section is not the one whose digest is stated."""


def sections(snapshot: Snapshot) -> dict[str, bytes]:
    """The canonical bytes of each section, by its name."""
    return {name: canonical({name: value}).encode() for name, value in plain(snapshot).items()}


def digests(snapshot: Snapshot) -> dict[str, str]:
    """The SHA-256 of each section, in hex."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in sections(snapshot).items()}


def address(sealed: Mapping[str, str]) -> str:
    """One SHA-256, in hex, over the `digests` of all sections: the name of the whole snapshot."""
    return hashlib.sha256(canonical(sealed).encode()).hexdigest()


def to_bytes(snapshot: Snapshot) -> bytes:
    """The file that is stored with the package. Raises ValueError for a time without zone or a lone surrogate."""
    return canonical({"format": FORMAT, "digests": digests(snapshot), "sections": plain(snapshot)}).encode()


def from_bytes(content: bytes) -> Snapshot:
    """The snapshot that `to_bytes` wrote. Raises SnapshotDamaged, naming the place."""
    try:
        stored = json.loads(content)
    except ValueError as error:
        raise SnapshotDamaged(f"not JSON: {error}") from error
    if (
        not isinstance(stored, dict)
        or stored.get("format") != FORMAT
        or set(stored) != {"format", "digests", "sections"}
    ):
        raise SnapshotDamaged(f"not a file of the format {FORMAT}")
    snapshot: Snapshot = _object(Snapshot, stored["sections"], "")
    # A snapshot of an earlier release has no sections that came later; they are empty.
    actual = {name: digest for name, digest in digests(snapshot).items() if name in stored["sections"]}
    if stored["digests"] != actual:
        raise SnapshotDamaged("a section is not the one whose digest is stated")
    return snapshot


def plain(value: Any) -> Any:
    """The value in the types of JSON. Raises ValueError for a time without zone."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return timestamp(value)
    return value.isoformat() if isinstance(value, date) else value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _object(kind: type, value: object, path: str) -> Any:
    if not isinstance(value, Mapping):
        raise SnapshotDamaged(f"{path or 'sections'}: expected an object")
    hints = _hints(kind)
    required = {field.name for field in fields(kind) if field.default is MISSING}
    if not required <= set(value) <= set(hints):
        raise SnapshotDamaged(f"{path or 'sections'}: fields {sorted(required ^ set(value))} are missing or unknown")
    return kind(**{name: _value(hints[name], item, f"{path}.{name}".strip(".")) for name, item in value.items()})


def _value(kind: Any, value: object, path: str) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        return None if value is None else _value(get_args(kind)[0], value, path)
    if get_origin(kind) is tuple:
        if not isinstance(value, list):
            raise SnapshotDamaged(f"{path}: expected a list")
        return tuple(_value(get_args(kind)[0], item, f"{path}[{index}]") for index, item in enumerate(value))
    return _object(kind, value, path) if is_dataclass(kind) and isinstance(kind, type) else _scalar(kind, value, path)


def _scalar(kind: type, value: object, path: str) -> object:
    try:
        if isinstance(value, str) and issubclass(kind, (StrEnum, str)):
            return kind(value)
        if isinstance(value, str) and issubclass(kind, datetime):
            return datetime.strptime(value, INSTANT).replace(tzinfo=UTC)
        if isinstance(value, str) and issubclass(kind, date):
            return date.fromisoformat(value)
    except ValueError as error:
        raise SnapshotDamaged(f"{path}: {error}") from error
    if type(value) is not kind:
        raise SnapshotDamaged(f"{path}: expected {kind.__name__}")
    return value

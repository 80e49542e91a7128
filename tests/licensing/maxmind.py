"""A file in MaxMind's format 2.0 (https://maxmind.github.io/MaxMind-DB/) with countries of IPv4 networks, written by
hand so that tests need no data of others."""

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Any

MARKER = b"\xab\xcd\xefMaxMind.com"
RECORD_BYTES = 4
UINT16, UINT32, UINT64 = 5, 6, 9


def write_countries(path: Path, countries: Mapping[str, Any]) -> Path:
    """`countries`: network → the record that is found for its addresses."""
    nodes: list[list[int | str]] = [["", ""]]
    for network in countries:
        _insert(nodes, network)
    data, places = b"", dict[str, int]()
    for network, record in countries.items():
        places[network] = len(data)
        data += _encoded(record)
    tree = b"".join(_pointer(side, places, len(nodes)) for node in nodes for side in node)
    path.write_bytes(tree + bytes(16) + data + MARKER + _encoded(_metadata(len(nodes))))
    return path


def _insert(nodes: list[list[int | str]], network: str) -> None:
    parsed = ipaddress.IPv4Network(network)
    bits = f"{int(parsed.network_address):032b}"[: parsed.prefixlen]
    at = 0
    for place, bit in enumerate(bits):
        side = int(bit)
        if place == len(bits) - 1:
            nodes[at][side] = network
            return
        if not isinstance(nodes[at][side], int):
            nodes.append(["", ""])
            nodes[at][side] = len(nodes) - 1
        at = int(nodes[at][side])


def _pointer(side: int | str, places: Mapping[str, int], count: int) -> bytes:
    """A node, nothing (the number of nodes), or a place in the data section behind its 16 zero bytes."""
    if isinstance(side, str):
        side = places[side] + count + 16 if side else count
    return side.to_bytes(RECORD_BYTES, "big")


def _metadata(count: int) -> dict[str, Any]:
    return {
        "node_count": _number(count, UINT32),
        "record_size": _number(RECORD_BYTES * 8, UINT16),
        "ip_version": _number(4, UINT16),
        "database_type": "Test-Country",
        "languages": [],
        "binary_format_major_version": _number(2, UINT16),
        "binary_format_minor_version": _number(0, UINT16),
        "build_epoch": _number(1_700_000_000, UINT64),
        "description": {},
    }


def _encoded(value: Any) -> bytes:
    """Maps, texts, lists and encoded numbers, each shorter than 29 members or bytes."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        text = value.encode()
        return bytes([2 << 5 | len(text)]) + text
    if isinstance(value, dict):
        return bytes([7 << 5 | len(value)]) + b"".join(_encoded(key) + _encoded(one) for key, one in value.items())
    if isinstance(value, list):
        return bytes([len(value), 11 - 7]) + b"".join(map(_encoded, value))
    raise TypeError(f"{value!r} is no value of such a file")


def _number(value: int, kind: int) -> bytes:
    """Kinds above 7 stand in a second byte."""
    number = value.to_bytes(8, "big").lstrip(b"\0")
    head = [kind << 5 | len(number)] if kind <= 7 else [len(number), kind - 7]
    return bytes(head) + number

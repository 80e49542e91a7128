#!/usr/bin/env python3
"""Checks a Seatledger ledger, or a whole audit package, without Seatledger.

One file for any Python from 3.10 on; signatures need the package ``cryptography`` (pip install cryptography)::

    python verify.py [--key KEYFILE] [PACKAGE_DIRECTORY]
    python verify.py [--key KEYFILE] [--checkpoint checkpoint.txt] ledger.jsonl

KEYFILE holds the organisation's audit key as you received it *outside* the package, one verifier key per line.

Exit code 0: everything was checked and holds. 1: something was changed; the first broken entry is named.
2: nothing contradicts the ledger, but the evidence is incomplete: a key that nobody confirmed, no checkpoint, ...

What is computed (|| joins bytes, every hash is SHA-256, uint64be is eight bytes, most significant first)::

    leaf_n     = SHA-256(0x00 || body_n)                body_n: the bytes of the entry's body as they stand in the file
    link_n     = SHA-256(0x02 || link_{n-1} || uint64be(n) || leaf_n)
    link_0     = SHA-256(0x03 || "seatledger/audit/v1\\n" || chain uuid || "\\n" || genesis_nonce)
    tree node  = SHA-256(0x01 || left || right)         RFC 9162 section 2.1.1, over the leaves
    commitment = SHA-256(0x04 || salt || value)         a personal value, of which the body holds nothing else

The verifier proves that nothing was changed since it was recorded and signed, not that what was recorded was true.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import sys
from binascii import hexlify
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import count, islice, repeat
from operator import le
from pathlib import Path, PurePosixPath
from struct import Struct
from typing import Any, BinaryIO, Final, NamedTuple
from uuid import UUID

LEDGER_FORMAT: Final = "seatledger/ledger/v1"
PACKAGE_FORMAT: Final = "seatledger/audit-package/v1"

OK: Final = 0
TAMPERED: Final = 1
INCOMPLETE: Final = 2

# What can be wrong with a ledger: the codes of Finding.
EDITED: Final = "edited"
DELETED: Final = "deleted"
INSERTED: Final = "inserted"
REORDERED: Final = "reordered"
FORKED: Final = "forked"
TAIL_CUT: Final = "tail_cut"
REWRITTEN: Final = "rewritten"
MALFORMED: Final = "malformed"

CHUNK: Final = 1 << 22
PARALLEL_FROM: Final = 1 << 25
BLOCK: Final = 256
STRETCH: Final = 64 * BLOCK
PACE: Final = 2 * BLOCK
RENUMBERING_SEARCH: Final = 1024

_HEX: Final = re.compile(r"[0-9a-f]{64}")
_COMMITMENTS: Final = re.compile(
    rb'"personal":\{"[a-z][a-z0-9_]*":"[0-9a-f]{64}"(?:,"[a-z][a-z0-9_]*":"[0-9a-f]{64}")*\}'
)
_SEQUENCE: Final = re.compile(r"[1-9][0-9]{0,18}")
_link_input: Final = Struct(">B32sQ32s").pack
_line_start: Final = b'{"sequence":%d,"leaf_hash":"%b","chain_hash":"%b","body":'


# --- The chain -------------------------------------------------------------------------------------------------------


class Malformed(ValueError):
    """The text is not of the form that its kind of file has."""


class Opening(NamedTuple):
    """What opens a commitment: the salt of 32 bytes and the personal value."""

    salt: bytes
    value: str


class Columns(NamedTuple):
    """What a database keeps beside the body for searching; each has to equal its place in the body."""

    occurred_at: str
    recorded_at: str
    kind: str
    actor: str
    subject_type: str
    subject_id: str
    request_id: str


class Entry(NamedTuple):
    """One entry as it is stored. ``body`` is its exact bytes; ``columns`` is None where only the body is stored."""

    sequence: int
    body: bytes
    leaf_hash: bytes
    chain_hash: bytes
    columns: Columns | None = None
    openings: Mapping[str, Opening] | None = None


class Checkpoint(NamedTuple):
    """What a signed checkpoint states about the first ``size`` entries."""

    size: int
    root: bytes
    chain_hash: bytes


class Position(NamedTuple):
    """A place in the chain: behind entry ``sequence``, whose chain hash and recorded_at these are."""

    sequence: int
    chain_hash: bytes
    recorded_at: bytes = b""


class Finding(NamedTuple):
    """The first thing that is wrong: at which sequence, what kind of thing (a code above), and in words."""

    sequence: int
    code: str
    message: str


@dataclass(frozen=True)
class Report:
    """The outcome for a whole chain. ``size``, ``chain_hash`` and ``root`` cover the entries before the finding."""

    size: int
    chain_hash: bytes
    root: bytes
    finding: Finding | None
    checkpoints: int
    backwards: int
    first_backwards: int | None
    personal_shown: int
    personal_closed: int


def leaf_of(body: bytes) -> bytes:
    return sha256(b"\x00" + body).digest()


def link_of(previous: bytes, sequence: int, leaf: bytes) -> bytes:
    return sha256(_link_input(2, previous, sequence, leaf)).digest()


def genesis_of(chain_id: UUID, nonce: bytes) -> Position:
    """The place before the first entry of a chain."""
    return Position(0, sha256(b"\x03seatledger/audit/v1\n" + str(chain_id).encode() + b"\n" + nonce).digest())


def commitment_of(opening: Opening) -> bytes:
    return sha256(b"\x04" + opening.salt + opening.value.encode()).digest()


@dataclass
class Tree:
    """The Merkle tree over the leaves from some place on, as its right edge: perfect subtrees (height, hash).

    ``size`` counts from the first entry of the chain. A tree that begins further on has no root of its own; its
    subtrees are joined to the tree before it.
    """

    size: int = 0
    edge: list[tuple[int, bytes]] = field(default_factory=list)

    def extend(self, leaves: Sequence[bytes]) -> None:
        """Appends leaves; whole blocks are folded level by level, which is faster than leaf by leaf."""
        position = 0
        while position < len(leaves):
            if self.size % BLOCK == 0 and len(leaves) - position >= BLOCK:
                self._push(BLOCK.bit_length() - 1, _folded(leaves[position : position + BLOCK]))
                position += BLOCK
            else:
                self._push(0, leaves[position])
                position += 1

    def joined(self, edge: Iterable[tuple[int, bytes]]) -> Tree:
        """This tree with the one that begins where it ends."""
        result = Tree(self.size, list(self.edge))
        for height, subtree in edge:
            result._push(height, subtree)
        return result

    def _push(self, height: int, subtree: bytes) -> None:
        self.size += 1 << height
        # Two neighbours of one height close when the upper one ends where their parent ends.
        while self.edge and self.edge[-1][0] == height and self.size % (2 << height) == 0:
            subtree = sha256(b"\x01" + self.edge.pop()[1] + subtree).digest()
            height += 1
        self.edge.append((height, subtree))

    def root(self) -> bytes:
        if not self.edge:
            return sha256(b"").digest()
        result = self.edge[-1][1]
        for _, left in reversed(self.edge[:-1]):
            result = sha256(b"\x01" + left + result).digest()
        return result


def _folded(level: Sequence[bytes]) -> bytes:
    while len(level) > 1:
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


class ChainVerifier:
    """Checks a chain from ``start`` on, usually ``genesis_of(chain_id, nonce)``, in constant memory.

    ``feed`` takes the entries in the order in which they are stored, in batches of any size; ``finish`` tells the
    outcome. ``checkpoints`` are known to be genuine: their signatures are checked before. After the first entry that
    does not fit, the rest only serves to tell what happened to it.
    """

    def __init__(self, start: Position, checkpoints: Iterable[Checkpoint] = ()) -> None:
        self.size, self.chain_hash, self._recorded_at = start
        self.finding: Finding | None = None
        self.tree = Tree(start.sequence)
        # The trees at checkpoints whose root this verifier cannot tell, since it did not begin at the first entry.
        self.unrooted: list[tuple[Checkpoint, Tree]] = []
        self._whole = start.sequence == 0
        self._ahead = sorted(checkpoints, key=lambda checkpoint: checkpoint.size, reverse=True)
        self._met = 0
        self._agreed = start.sequence
        self._break: _Break | None = None
        self._backwards = 0
        self._first_backwards: int | None = None
        self._shown = 0
        self._closed = 0
        self._meet_checkpoints()

    @property
    def broken(self) -> bool:
        """Whether an entry was found that does not fit."""
        return self.finding is not None or self._break is not None

    def feed(self, entries: Iterable[Entry]) -> None:
        """Takes the next entries."""
        remaining = iter(entries)
        while not self.broken and self._follow(remaining):
            pass
        if self._break is not None:
            for entry in remaining:
                self._break.consider(entry)

    def finish(self) -> Report:
        """The outcome after the last entry."""
        if self._break is not None:
            self.finding = self._break.finding()
        elif self.finding is None and self._ahead:
            stated = self._ahead[0].size
            message = f"a checkpoint covers {stated:,} entries, but the ledger ends after entry {self.size:,}"
            self.finding = Finding(self.size + 1, TAIL_CUT, message)
        return Report(
            size=self.size,
            chain_hash=self.chain_hash,
            root=self.tree.root(),
            finding=self.finding,
            checkpoints=self._met,
            backwards=self._backwards,
            first_backwards=self._first_backwards,
            personal_shown=self._shown,
            personal_closed=self._closed,
        )

    def _stretch(self) -> int:
        """How many entries to take in one go: a bounded number, and none beyond the next checkpoint."""
        return min(STRETCH, self._ahead[-1].size - self.size) if self._ahead else STRETCH

    def _follow(self, remaining: Iterator[Entry]) -> bool:
        """Follows the chain for one stretch; True when there may be more."""
        size, chain_hash, recorded_at = self.size, self.chain_hash, self._recorded_at
        leaves: list[bytes] = []
        stretch = self._stretch()
        for entry in islice(remaining, stretch):
            sequence, body, leaf, stated, columns, _ = entry
            link = sha256(_link_input(2, chain_hash, size + 1, leaf)).digest()
            if link != stated or sequence != size + 1 or sha256(b"\x00" + body).digest() != leaf:
                self._break = _Break(size + 1, chain_hash, entry)
                break
            # The last place that reads so is the body's own one: only texts and the subject come after it.
            place = body.rfind(b',"recorded_at":"')
            if columns is not None or place < 0 or not body.endswith(b'"personal":{}', 0, place):
                self.finding = self._look_inside(entry)
                if self.finding is not None:
                    break
            time = body[place + 16 : place + 43]
            if time < recorded_at:
                self._note_backwards(sequence)
            recorded_at, size, chain_hash = time, sequence, link
            leaves.append(leaf)
        self._advance(Position(size, chain_hash, recorded_at), leaves)
        return len(leaves) == stretch

    def _advance(self, position: Position, leaves: Sequence[bytes]) -> None:
        self.size, self.chain_hash, self._recorded_at = position
        self.tree.extend(leaves)
        self._meet_checkpoints()

    def _note_backwards(self, sequence: int) -> None:
        self._backwards += 1
        if self._first_backwards is None:
            self._first_backwards = sequence

    def _meet_checkpoints(self) -> None:
        """Compares with the checkpoints of exactly this size."""
        while self.finding is None and self._ahead and self._ahead[-1].size <= self.size:
            checkpoint = self._ahead.pop()
            if checkpoint.chain_hash != self.chain_hash:
                where = f"between entry {self._agreed + 1:,} and entry {checkpoint.size:,}"
                message = f"the chain fits itself, but not the checkpoint at {checkpoint.size:,}: rewritten {where}"
                self.finding = Finding(self._agreed + 1, REWRITTEN, message)
            elif not self._whole:
                self.unrooted.append((checkpoint, self.tree.joined(())))
            elif checkpoint.root != self.tree.root():
                message = f"the checkpoint at {checkpoint.size:,} states another Merkle root than the entries have"
                self.finding = Finding(checkpoint.size, REWRITTEN, message)
            else:
                self._met += 1
                self._agreed = checkpoint.size

    def _look_inside(self, entry: Entry) -> Finding | None:
        """Compares columns and openings with what the body says."""
        if entry.columns is not None and not entry.openings and _plainly_repeats(entry.body, entry.columns):
            return None
        try:
            said, personal = _read_body(entry.body)
        except Malformed as error:
            return Finding(entry.sequence, MALFORMED, str(error))
        for name, column, inside in zip(Columns._fields, entry.columns or said, said, strict=True):
            if column != inside:
                return Finding(entry.sequence, EDITED, f"the column {name} reads {column!r}, the body says {inside!r}")
        openings = entry.openings or {}
        for name, opening in openings.items():
            if personal.get(name) != commitment_of(opening).hex():
                message = f"the value shown for {name!r} is not the one that the body commits to"
                return Finding(entry.sequence, EDITED, message)
        self._shown += len(openings)
        self._closed += len(personal) - len(openings)
        return None


def _plainly_repeats(body: bytes, columns: Columns) -> bool:
    """Whether the body repeats the columns; False may also mean that reading the body has to tell.

    Exact without parsing: the body is JSON and both texts begin and end at its edges, so their quotes cannot lie
    inside strings and all members stand at the top; a backslash, which could spell one text in two ways, is left
    to the reader of the body.
    """
    occurred_at, recorded_at, kind, actor, subject_type, subject_id, request_id = columns
    head = f'{{"actor":"{actor}","details":'.encode()
    tail = (
        f',"kind":"{kind}","occurred_at":"{occurred_at}","personal":{{}},"recorded_at":"{recorded_at}",'
        f'"request_id":"{request_id}","subject":{{"id":"{subject_id}","type":"{subject_type}"}},"v":1}}'
    ).encode()
    return body.endswith(tail) and body.startswith(head) and b"\\" not in tail and b"\\" not in head


def _read_body(body: bytes) -> tuple[Columns, dict[str, str]]:
    """What a body says where columns repeat it, and its commitments. Raises Malformed."""
    try:
        said = _read_json(body.decode())
        subject, personal = said["subject"], said["personal"]
        texts = [said[name] for name in ("occurred_at", "recorded_at", "kind", "actor")]
        texts += [subject["type"], subject["id"], said["request_id"]]
        commitments = {name: value for name, value in personal.items() if _HEX.fullmatch(value)}
    except (Malformed, UnicodeDecodeError, LookupError, TypeError, AttributeError) as error:
        raise Malformed("the body is not an entry of version 1") from error
    if said.get("v") != 1 or len(commitments) != len(personal) or not all(isinstance(text, str) for text in texts):
        raise Malformed("the body is not an entry of version 1")
    return Columns(*texts), commitments


def _read_json(text: str) -> Any:
    """The value of a JSON text in which no object names a member twice. Raises Malformed."""
    try:
        return json.loads(text, object_pairs_hook=_once)
    except (json.JSONDecodeError, RecursionError) as error:
        raise Malformed("not JSON") from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("a member stands twice")
    return members


class _Break:
    """The first entry that does not fit. Later entries tell what happened to it; a handful of them is kept."""

    def __init__(self, sequence: int, previous: bytes, entry: Entry) -> None:
        self.sequence = sequence
        self.previous = previous
        self.entry = entry
        self.next: Entry | None = None
        # The entry that belongs here, when it turns up later, and the one that stands after it.
        self.found: Entry | None = None
        self.after_found: Entry | None = None

    def consider(self, later: Entry) -> None:
        """Takes one of the entries that stand after the break."""
        if self.next is None:
            self.next = later
        if self.found is not None:
            self.after_found = self.after_found or later
        elif link_of(self.previous, self.sequence, later.leaf_hash) == later.chain_hash:
            self.found = later

    def finding(self) -> Finding:
        """What happened, as far as it can be told from outside."""
        stated, here = self.entry.sequence, self.sequence
        if stated < here:
            return Finding(stated, FORKED, f"entry {stated} stands in the ledger twice, with two continuations")
        if stated > here and self.found is None:
            missing = f"entry {here} is" if stated == here + 1 else f"entries {here} to {stated - 1} are"
            return Finding(here, DELETED, f"{missing} missing: entry {stated} follows entry {here - 1}")
        if self.found is not None:
            return self._displaced(self.found)
        return self._changed()

    def _displaced(self, found: Entry) -> Finding:
        here = self.sequence
        if self.entry.sequence == here and self._shifted(found):
            return Finding(here, INSERTED, f"an entry was inserted: what belongs at {here} stands after it")
        return Finding(
            here, REORDERED, f"the entry that belongs at {here} stands further down, as number {found.sequence}"
        )

    def _shifted(self, found: Entry) -> bool:
        """Whether all that follows moved down together, which is an insertion and no change of order."""
        if found.sequence == self.sequence:
            return True
        if self.after_found is not None:
            return self._follows(found, self.after_found)
        return not self._follows(found, self.entry)

    def _follows(self, found: Entry, later: Entry) -> bool:
        return link_of(found.chain_hash, self.sequence + 1, later.leaf_hash) == later.chain_hash

    def _changed(self) -> Finding:
        here, entry = self.sequence, self.entry
        if leaf_of(entry.body) != entry.leaf_hash:
            return Finding(here, EDITED, "the body is not the one that was recorded: its hash is not the leaf hash")
        removed = self._removed_and_renumbered()
        if removed:
            message = f"{removed} entries were deleted from {here} on and the later ones renumbered"
            return Finding(here, DELETED, message)
        if self.next is not None and self._continues(link_of(self.previous, here, entry.leaf_hash)):
            return Finding(here, EDITED, "the chain hash was replaced: the next entry continues from the right one")
        return Finding(here, EDITED, "body and leaf hash were replaced: the chain hash belongs to another entry")

    def _continues(self, link: bytes) -> bool:
        later = self.next
        return later is not None and link_of(link, self.sequence + 1, later.leaf_hash) == later.chain_hash

    def _removed_and_renumbered(self) -> int:
        """By how many the numbers of this entry and the next were lowered; 0 when that does not explain the break."""
        later = self.next
        if later is None:
            return 0
        for removed in range(1, RENUMBERING_SEARCH + 1):
            if link_of(self.entry.chain_hash, self.sequence + 1 + removed, later.leaf_hash) == later.chain_hash:
                return removed
        return 0


# --- The exported ledger ---------------------------------------------------------------------------------------------


class Header(NamedTuple):
    """The first line of an exported ledger."""

    chain: UUID
    genesis_nonce: bytes
    size: int
    chain_hash: bytes


class LedgerVerifier(ChainVerifier):
    """Checks the lines of an exported ledger.

    Exactly one text is accepted for each ledger, so that no byte of the file can change without showing.
    """

    def feed_lines(self, lines: Sequence[bytes]) -> None:
        """Takes the next lines, line ends included."""
        position, pace = 0, PACE
        while position < len(lines) and not self.broken:
            # The numbers in one stretch have equally many digits, so the bodies begin at one place; and it ends with a
            # whole block of the tree.
            digits = len(str(self.size + 1))
            stretch = min(pace, self._stretch(), 10**digits - self.size - 1, PACE - self.size % PACE)
            ahead = lines[position : position + stretch]
            taken = self._take_expected(ahead)
            position += taken
            if taken == len(ahead):
                pace = min(2 * pace, PACE)
            else:
                # Whatever shows personal values, say, is looked at in the ordinary way; there may be more of it.
                self.feed(self._read(lines[position : position + 1]))
                position, pace = position + 1, max(pace // 2, 8)
        self.feed(self._read(lines[position:]))

    def _read(self, lines: Iterable[bytes]) -> Iterator[Entry]:
        for line in lines:
            try:
                yield _read_entry(line)
            except Malformed as error:
                if not self.broken:
                    message = f"the line after entry {self.size} is not an entry: {error}"
                    self.finding = Finding(self.size + 1, MALFORMED, message)
                return

    def _take_expected(self, lines: Sequence[bytes]) -> int:
        """Follows the chain over lines that are to the byte what has to come next; how many at the front are.

        The work of several loops is done by ``map``, list by list, which takes a third less time.
        """
        start = len(_line_start % (self.size + 1, b"0" * 64, b"0" * 64))
        leaves = [sha256(b"\x00" + line[start:-2]).digest() for line in lines]
        link, links = self.chain_hash, []
        for sequence, leaf in enumerate(leaves, self.size + 1):
            link = sha256(_link_input(2, link, sequence, leaf)).digest()
            links.append(link)
        starts = map(_line_start.__mod__, zip(count(self.size + 1), map(hexlify, leaves), map(hexlify, links)))
        places = list(map(bytes.rfind, lines, repeat(b',"recorded_at":"')))
        times = [line[place + 16 : place + 43] for line, place in zip(lines, places, strict=True)]
        empty = map(bytes.endswith, lines, repeat(b'"personal":{}'), repeat(0), places)
        closed = [
            0 if nothing else _closed_before(line, place)
            for nothing, line, place in zip(empty, lines, places, strict=True)
        ]
        taken = min(
            _true_at_front(map(bytes.startswith, lines, starts)),
            _true_at_front(map(bytes.endswith, lines, repeat(b"}\n"))),
            _true_at_front(map(le, repeat(0), closed)),
            _true_at_front(map(le, [self._recorded_at, *times], times)),
            _true_at_front(map(le, repeat(0), places)),
        )
        if taken:
            self._closed += sum(closed[:taken])
            self._advance(Position(self.size + taken, links[taken - 1], times[taken - 1]), leaves[:taken])
        return taken


def _closed_before(line: bytes, place: int) -> int:
    """How many commitments stand in the ``personal`` that ends at ``place``; -1 where reading the body has to tell."""
    start = line.rfind(b'"personal":{', 0, place)
    if start < 0 or _COMMITMENTS.fullmatch(line, start, place) is None:
        return -1
    names = line[start + 12 : place].split(b'"')[1::4]
    return len(names) if len(set(names)) == len(names) else -1


def _true_at_front(flags: Iterable[bool]) -> int:
    """How many flags are true before the first that is not."""
    found = list(flags)
    return found.index(False) if False in found else len(found)


def _read_header(line: bytes) -> Header:
    try:
        said = _read_json(line.decode())
        header = Header(
            UUID(said["chain"]), _unhex(said["genesis_nonce"]), int(said["size"]), _unhex(said["chain_hash"])
        )
    except (UnicodeDecodeError, LookupError, TypeError, ValueError) as error:
        raise Malformed(f"the first line is not the header of a {LEDGER_FORMAT} file") from error
    text = (
        f'{{"format":"{LEDGER_FORMAT}","chain":"{header.chain}","genesis_nonce":"{header.genesis_nonce.hex()}",'
        f'"size":{header.size},"chain_hash":"{header.chain_hash.hex()}"}}\n'
    )
    if line != text.encode():
        raise Malformed(f"the first line is not the header of a {LEDGER_FORMAT} file in its exact form")
    return header


_ENTRY: Final = re.compile(
    r'\{"sequence":(?P<sequence>[1-9][0-9]{0,18}),"leaf_hash":"(?P<leaf>[0-9a-f]{64})",'
    r'"chain_hash":"(?P<chain>[0-9a-f]{64})",'
)


def _read_entry(line: bytes) -> Entry:
    """The entry of any well-formed line. Raises Malformed."""
    if not line.endswith(b"}}\n"):
        raise Malformed("it does not end with the body and a line end")
    try:
        text = line.decode()
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8") from error
    match = _ENTRY.match(text)
    if match is None:
        raise Malformed("it does not begin with sequence, leaf_hash and chain_hash")
    openings, place = _read_openings(text, match.end())
    if not text.startswith('"body":{', place):
        raise Malformed("it has something else where the body should be")
    return Entry(
        sequence=int(match["sequence"]),
        body=text[place + 7 : -2].encode(),
        leaf_hash=bytes.fromhex(match["leaf"]),
        chain_hash=bytes.fromhex(match["chain"]),
        openings=openings,
    )


def _read_openings(text: str, place: int) -> tuple[dict[str, Opening] | None, int]:
    """The openings that stand at ``place``, if any, and the place after them and their comma."""
    prefix = '"openings":'
    if not text.startswith(prefix, place):
        return None, place
    place += len(prefix)
    try:
        said, end = json.JSONDecoder(object_pairs_hook=_once).raw_decode(text, place)
        openings = {name: Opening(_unhex(member["salt"]), member["value"]) for name, member in said.items()}
        members = {name: {"salt": opening.salt.hex(), "value": opening.value} for name, opening in openings.items()}
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Malformed("its openings are not of the right form") from error
    exact = json.dumps(members, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if text[place : end + 1] != exact + "," or not all(isinstance(opening.value, str) for opening in openings.values()):
        raise Malformed("its openings are not in their exact form")
    return openings, end + 1


def _unhex(text: str) -> bytes:
    if _HEX.fullmatch(text) is None:
        raise Malformed("not 64 hex digits in lower case")
    return bytes.fromhex(text)


def check_stream(stream: BinaryIO, checkpoints: Iterable[Checkpoint] = ()) -> tuple[Header, Report]:
    """Verifies an exported ledger. Raises Malformed when it is none at all."""
    header = _read_header(stream.readline(CHUNK))
    verifier = LedgerVerifier(genesis_of(header.chain, header.genesis_nonce), checkpoints)
    while lines := stream.readlines(CHUNK):
        verifier.feed_lines(lines)
    return header, _compared(header, verifier.finish())


def check_file(path: Path, checkpoints: Sequence[Checkpoint] = (), *, workers: int = 1) -> tuple[Header, Report]:
    """Verifies an exported ledger, a large one with several processes. Raises Malformed when it is none at all.

    The processes only confirm that all is well. When one of them finds otherwise, the ledger is read again from
    the beginning in one process, which sees the whole and names what is wrong.
    """
    if workers > 1 and path.stat().st_size >= PARALLEL_FROM:
        confirmed = _confirmed_in_parts(path, checkpoints, workers)
        if confirmed is not None:
            return confirmed
    with path.open("rb") as stream:
        return check_stream(stream, checkpoints)


def _compared(header: Header, report: Report) -> Report:
    """The report, with a finding when the file does not hold what its first line states."""
    if report.finding is not None or (report.size, report.chain_hash) == (header.size, header.chain_hash):
        return report
    if report.size < header.size:
        message = f"the first line states {header.size:,} entries, but the ledger ends after entry {report.size:,}"
        return replace(report, finding=Finding(report.size + 1, TAIL_CUT, message))
    message = "the first line states another number of entries or another last chain hash than the file has"
    return replace(report, finding=Finding(min(report.size, header.size), REWRITTEN, message))


class _Part(NamedTuple):
    """A part of a ledger file: the lines between two offsets, behind a position that the part before it checks."""

    path: Path
    begin: int
    end: int
    start: Position
    checkpoints: list[Checkpoint]


def _confirmed_in_parts(path: Path, checkpoints: Sequence[Checkpoint], workers: int) -> tuple[Header, Report] | None:
    """The report on a ledger in which nothing is wrong; None for any other."""
    with path.open("rb") as stream:
        header = _read_header(stream.readline(CHUNK))
        parts = list(_parts(path, stream, header, checkpoints, workers))
    try:
        with ProcessPoolExecutor(len(parts)) as pool:
            verified = list(pool.map(_verified_part, parts))
    except (OSError, NotImplementedError, BrokenExecutor):
        # No processes to be had here, or no memory for them: one process does it as well.
        return None
    tree, reports = Tree(), []
    place = parts[0].start
    for part, outcome in zip(parts, verified, strict=True):
        if outcome is None or place[:2] != part.start[:2]:
            return None
        report, part_tree, unrooted = outcome
        if any(checkpoint.root != tree.joined(at.edge).root() for checkpoint, at in unrooted):
            return None
        tree = tree.joined(part_tree.edge)
        place = Position(report.size, report.chain_hash)
        reports.append(replace(report, checkpoints=report.checkpoints + len(unrooted)))
    report = _compared(header, _summed(reports, tree.root()))
    return (header, report) if report.finding is None else None


def _parts(
    path: Path, stream: BinaryIO, header: Header, checkpoints: Sequence[Checkpoint], workers: int
) -> Iterator[_Part]:
    """Cuts the file at lines near equal distances. A part ends with the very line behind which the next one starts."""
    begin, start = stream.tell(), genesis_of(header.chain, header.genesis_nonce)
    size = path.stat().st_size
    for number in range(1, workers + 1):
        end, last = (
            (size, None) if number == workers else _cut(stream, begin + (size - begin) // (workers - number + 1))
        )
        if last is None:
            end, reach = size, sys.maxsize
        else:
            reach = last.sequence
        own = [checkpoint for checkpoint in checkpoints if start.sequence < checkpoint.size <= reach]
        yield _Part(path, begin, end, start, own)
        if last is None:
            return
        begin, start = end, last


def _cut(stream: BinaryIO, near: int) -> tuple[int, Position | None]:
    """The end of the second line from ``near`` on, and the position behind it; no position where it is no entry."""
    stream.seek(near)
    stream.readline()
    line = stream.readline()
    try:
        entry = _read_entry(line)
        recorded_at = _read_body(entry.body)[0].recorded_at
    except Malformed:
        return near, None
    return stream.tell(), Position(entry.sequence, entry.chain_hash, recorded_at.encode())


def _verified_part(part: _Part) -> tuple[Report, Tree, list[tuple[Checkpoint, Tree]]] | None:
    verifier = LedgerVerifier(part.start, part.checkpoints)
    with part.path.open("rb") as stream:
        stream.seek(part.begin)
        while stream.tell() < part.end and not verifier.broken:
            # readlines ends after the line with which it has read more than it was asked for.
            verifier.feed_lines(stream.readlines(min(CHUNK, part.end - stream.tell() - 1)))
    report = verifier.finish()
    return None if report.finding is not None else (report, verifier.tree, verifier.unrooted)


def _summed(reports: Sequence[Report], root: bytes) -> Report:
    return replace(
        reports[-1],
        root=root,
        checkpoints=sum(report.checkpoints for report in reports),
        backwards=sum(report.backwards for report in reports),
        first_backwards=next((report.first_backwards for report in reports if report.backwards), None),
        personal_shown=sum(report.personal_shown for report in reports),
        personal_closed=sum(report.personal_closed for report in reports),
    )


# --- Keys and signatures ---------------------------------------------------------------------------------------------


class Key(NamedTuple):
    """A named Ed25519 public key of 32 bytes, as C2SP signed-note's verifier keys have it."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n\x01" + self.public).digest()[:4]

    @property
    def fingerprint(self) -> str:
        digits = sha256(self.public).hexdigest()
        return " ".join(digits[start : start + 8] for start in range(0, len(digits), 8))


class Note(NamedTuple):
    """A signed note: its text, and per signature the key's name, the key's id and the signature."""

    text: str
    signatures: list[tuple[str, bytes, bytes]]


class NoCryptography(RuntimeError):
    """The package ``cryptography`` is not installed here, so no signature can be checked."""


def read_keys(text: str) -> list[Key]:
    """The verifier keys of a key file, one per line. Raises Malformed."""
    keys = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, rest = line.partition("+")
        key_id, _, encoded = rest.partition("+")
        material = _unbase64(encoded)
        key = Key(name, material[1:])
        if len(material) != 33 or material[0] != 1 or key.key_id.hex() != key_id.lower():
            raise Malformed(f"no Ed25519 verifier key: {line[:80]!r}")
        keys.append(key)
    if not keys:
        raise Malformed("the key file holds no key")
    return keys


def read_note(text: str) -> Note:
    """The parts of a signed note. Raises Malformed."""
    signed, gap, block = text.rpartition("\n\n")
    lines = block.split("\n")
    if not gap or lines.pop() != "" or not lines:
        raise Malformed("no signed note: a text, an empty line and signature lines")
    signatures = []
    for line in lines:
        mark, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        raw = _unbase64(encoded)
        if mark != "\u2014" or not name or len(raw) < 5:
            raise Malformed("a signature line of the note is malformed")
        signatures.append((name, raw[:4], raw[4:]))
    return Note(signed + "\n", signatures)


def read_checkpoint(text: str) -> Checkpoint:
    """What the text of a checkpoint's note states. Raises Malformed."""
    lines = text.split("\n")
    stated = [line[11:] for line in lines[3:] if line.startswith("chain-hash ")]
    if len(lines) < 5 or len(stated) != 1 or not _SEQUENCE.fullmatch(lines[1]) or len(_unbase64(lines[2])) != 32:
        raise Malformed("no checkpoint: origin, size, Merkle root and chain hash, one per line")
    return Checkpoint(int(lines[1]), _unbase64(lines[2]), _unhex(stated[0]))


def signature_holds(key: Key, signature: bytes, message: bytes) -> bool:
    """Whether the Ed25519 signature is genuine. Raises NoCryptography."""
    try:
        # Here and not above: whoever checks hashes alone needs no package besides Python.
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    except ImportError as error:
        raise NoCryptography("signatures were not checked: install the package cryptography") from error
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _unbase64(text: str) -> bytes:
    """Strict: one text for one value. Raises Malformed."""
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Malformed("not base64") from error
    if base64.b64encode(value).decode() != text:
        raise Malformed("not base64 in its one exact form")
    return value


# --- What is told ----------------------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """The lines that are printed, and the exit code that follows from them."""

    lines: list[tuple[int, str]] = field(default_factory=list)

    def holds(self, text: str) -> None:
        self.lines.append((OK, text))

    def broken(self, text: str) -> None:
        self.lines.append((TAMPERED, text))

    def incomplete(self, text: str) -> None:
        self.lines.append((INCOMPLETE, text))

    @property
    def exit_code(self) -> int:
        """A proven change outweighs missing evidence."""
        levels = {level for level, _ in self.lines}
        return TAMPERED if TAMPERED in levels else max(levels, default=OK)

    def text(self) -> str:
        marks = {OK: "ok          ", TAMPERED: "CHANGED     ", INCOMPLETE: "unconfirmed "}
        verdicts = {
            OK: "Everything holds.",
            TAMPERED: "Something was changed: see CHANGED above.",
            INCOMPLETE: "Nothing contradicts the ledger, but the evidence is incomplete: see unconfirmed above.",
        }
        lines = [marks[level] + _plain(text) for level, text in self.lines]
        return "\n".join([*lines, "", verdicts[self.exit_code], ""])


def _plain(text: str) -> str:
    """One line of ASCII: texts of a package can neither forge lines nor steer the terminal that shows them."""
    return "".join(letter if " " <= letter <= "~" else ascii(letter)[1:-1] for letter in text)


def check_checkpoint(text: str, keys: Sequence[Key], outcome: Outcome) -> Checkpoint | None:
    """The checkpoint that a signed note states, with its signature checked; None when it is worth nothing."""
    try:
        note = read_note(text)
        checkpoint = read_checkpoint(note.text)
    except Malformed as error:
        outcome.broken(f"checkpoint: {error}")
        return None
    if not keys:
        outcome.incomplete(
            f"checkpoint at {checkpoint.size:,}: its signature was not checked, key not confirmed (--key)"
        )
        return checkpoint
    own = [
        (key, value)
        for name, key_id, value in note.signatures
        for key in keys
        if (name, key_id) == (key.name, key.key_id)
    ]
    try:
        if own and all(signature_holds(key, value, note.text.encode()) for key, value in own):
            outcome.holds(f"checkpoint at {checkpoint.size:,}: signed by {own[0][0].name}")
            return checkpoint
    except NoCryptography as error:
        outcome.incomplete(f"checkpoint at {checkpoint.size:,}: {error}")
        return checkpoint
    reason = "the signature is not genuine" if own else "it is not signed by the given key"
    outcome.broken(f"checkpoint at {checkpoint.size:,}: {reason}")
    return None


def check_ledger(path: Path, checkpoints: Sequence[Checkpoint], outcome: Outcome) -> tuple[Header, Report] | None:
    """Verifies the ledger in a file and tells how that went."""
    try:
        header, report = check_file(path, checkpoints, workers=os.cpu_count() or 1)
    except Malformed as error:
        outcome.broken(f"{path.name}: {error}")
        return None
    if report.finding is not None:
        sequence, code, message = report.finding
        outcome.broken(f"{path.name}: first broken entry {sequence}, {code}: {message}")
        return header, report
    outcome.holds(f"{path.name}: {report.size:,} entries of chain {header.chain}, each follows from the one before it")
    outcome.holds(f"{path.name}: last chain hash {report.chain_hash.hex()}")
    if report.checkpoints:
        outcome.holds(f"{path.name}: fits {report.checkpoints} checkpoint(s)")
    elif report.size:
        outcome.incomplete("no checkpoint: a ledger that was rewritten or cut as a whole would not show")
    if report.personal_shown or report.personal_closed:
        outcome.holds(
            f"{path.name}: {report.personal_shown:,} personal value(s) shown as committed to, "
            f"{report.personal_closed:,} erased or withheld"
        )
    if report.first_backwards is not None:
        outcome.incomplete(
            f"{path.name}: recorded_at runs backwards {report.backwards:,} time(s), "
            f"first at entry {report.first_backwards}"
        )
    return header, report


# --- The audit package -----------------------------------------------------------------------------------------------


def check_package(directory: Path, pinned: Sequence[Key], outcome: Outcome) -> None:
    """Verifies an unpacked audit package: the manifest's signature, every file, checkpoint and ledger."""
    try:
        raw = (directory / "manifest.json").read_bytes()
        manifest = _read_manifest(raw)
        keys = pinned or read_keys(_text(directory / "audit-key.txt"))
    except (OSError, Malformed) as error:
        outcome.broken(f"audit package: {error}")
        return
    if not pinned:
        for key in keys:
            outcome.incomplete(f"key not confirmed: {key.name}, compare its fingerprint and give --key")
            outcome.incomplete(f"fingerprint: {key.fingerprint}")
    _check_manifest_signature(directory, raw, keys, outcome)
    _check_files(directory, manifest["files"], outcome)
    _check_package_ledger(directory, manifest, keys, outcome)


def _read_manifest(raw: bytes) -> dict[str, Any]:
    try:
        manifest = _read_json(raw.decode())
        files = manifest["files"]
        well_formed = manifest["format"] == PACKAGE_FORMAT and all(
            _HEX.fullmatch(stated["sha256"]) and isinstance(stated["size"], int) for stated in files.values()
        )
    except (UnicodeDecodeError, LookupError, TypeError, AttributeError, Malformed) as error:
        raise Malformed(f"manifest.json is not a {PACKAGE_FORMAT} manifest") from error
    if not well_formed:
        raise Malformed(f"manifest.json is not a {PACKAGE_FORMAT} manifest")
    return dict(manifest)


def _check_manifest_signature(directory: Path, raw: bytes, keys: Sequence[Key], outcome: Outcome) -> None:
    try:
        signature = _unbase64(_text(directory / "manifest.sig").removesuffix("\n"))
        signer = next((key for key in keys if signature_holds(key, signature, raw)), None)
    except NoCryptography as error:
        outcome.incomplete(f"manifest.json: {error}")
    except (OSError, Malformed) as error:
        outcome.broken(f"manifest.sig: {error}")
    else:
        if signer is None:
            outcome.broken("manifest.json: not signed by the key")
        else:
            outcome.holds(f"manifest.json: signed by {signer.name}")


def _check_files(directory: Path, files: Mapping[str, Mapping[str, Any]], outcome: Outcome) -> None:
    intact = 0
    for name, stated in files.items():
        reason = _file_fault(directory, name, stated)
        if reason:
            outcome.broken(f"{name}: {reason}")
        else:
            intact += 1
    outcome.holds(f"{intact} of {len(files)} files are as the manifest states")
    covered = {*files, "manifest.json", "manifest.sig"}
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if name not in covered and not path.is_dir() and not path.name.startswith("."):
            outcome.incomplete(f"{name}: not covered by the manifest, do not rely on it")


def _file_fault(directory: Path, name: str, stated: Mapping[str, Any]) -> str:
    """What is wrong with a file of the package; nothing is read that does not lie inside it."""
    parts = PurePosixPath(name).parts
    path = directory.joinpath(*parts)
    if not parts or ".." in parts or name.startswith("/") or not path.resolve().is_relative_to(directory.resolve()):
        return "the manifest names a place outside the package"
    if not path.is_file():
        return "missing"
    if path.stat().st_size != stated["size"]:
        return "another size than the manifest states"
    digest = sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return "" if digest.hexdigest() == stated["sha256"] else "other content than the manifest states"


def _check_package_ledger(directory: Path, manifest: Mapping[str, Any], keys: Sequence[Key], outcome: Outcome) -> None:
    ledger, note = directory / "ledger.jsonl", directory / "checkpoint.txt"
    missing = [path.name for path in (ledger, note) if path.name not in manifest["files"] or not path.is_file()]
    if missing:
        outcome.incomplete(f"the package has no {' and no '.join(missing)}")
        return
    checkpoint = check_checkpoint(_text(note), keys, outcome)
    checked = check_ledger(ledger, [checkpoint] if checkpoint else [], outcome)
    if checked is None or checked[1].finding is not None:
        return
    header, report = checked
    found = {
        "chain": str(header.chain),
        "size": report.size,
        "chain_hash": report.chain_hash.hex(),
        "root": report.root.hex(),
    }
    if manifest.get("ledger") == found:
        outcome.holds("the ledger is the one that the manifest states")
    else:
        outcome.broken("the ledger is not the one that the manifest states")


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"{path.name} is not UTF-8") from error


# --- The command -----------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    """Runs the command and returns its exit code; says on standard output what was checked."""
    parser = argparse.ArgumentParser(
        description="Checks a Seatledger ledger or an unpacked audit package.",
        epilog="Exit code 0: everything holds. 1: something was changed. 2: the evidence is incomplete.",
    )
    parser.add_argument(
        "path", nargs="?", default=".", type=Path, help="package directory or ledger.jsonl (default: .)"
    )
    parser.add_argument(
        "--checkpoint", action="append", default=[], type=Path, help="signed checkpoint, may be repeated"
    )
    parser.add_argument("--key", type=Path, help="the organisation's audit key, received outside the package")
    options = parser.parse_args(arguments)
    outcome = Outcome()
    try:
        _run(options.path, options.checkpoint, options.key, outcome)
    except (OSError, Malformed) as error:
        outcome.incomplete(str(error))
    sys.stdout.write(outcome.text())
    return outcome.exit_code


def _run(path: Path, notes: Sequence[Path], key_file: Path | None, outcome: Outcome) -> None:
    pinned = read_keys(_text(key_file)) if key_file else []
    for key in pinned:
        outcome.holds(f"pinned key {key.name}, fingerprint {key.fingerprint}")
    if path.is_dir():
        check_package(path, pinned, outcome)
        return
    checkpoints = [check_checkpoint(_text(note), pinned, outcome) for note in notes]
    check_ledger(path, [checkpoint for checkpoint in checkpoints if checkpoint], outcome)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

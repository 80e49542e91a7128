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

import json
import re
import sys
from binascii import hexlify
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
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

CHUNK: Final = 1 << 20
PARALLEL_FROM: Final = 1 << 25
BLOCK: Final = 256
STRETCH: Final = 16 * BLOCK
RENUMBERING_SEARCH: Final = 1024

_HEX: Final = re.compile(r"[0-9a-f]{64}")
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
        for count in range(1, RENUMBERING_SEARCH + 1):
            if link_of(self.entry.chain_hash, self.sequence + 1 + count, later.leaf_hash) == later.chain_hash:
                return count
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

    def feed_lines(self, lines: Iterable[bytes]) -> None:
        """Takes the next lines, line ends included."""
        remaining = iter(lines)
        while not self.broken:
            line = self._expected_lines(remaining)
            if not line:
                return
            self.feed(self._read((line,)))
        self.feed(self._read(remaining))

    def _read(self, lines: Iterable[bytes]) -> Iterator[Entry]:
        for line in lines:
            try:
                yield _read_entry(line)
            except Malformed as error:
                if not self.broken:
                    message = f"the line after entry {self.size} is not an entry: {error}"
                    self.finding = Finding(self.size + 1, MALFORMED, message)
                return

    def _expected_lines(self, remaining: Iterator[bytes]) -> bytes:
        """Follows the chain over lines that are to the byte what has to come next; the first other line, or none."""
        while not self.broken:
            before, stretch = self.size, self._stretch()
            # The numbers in one stretch have equally many digits, so the bodies begin at one place.
            stretch = min(stretch, 10 ** len(str(before + 1)) - before - 1)
            line = self._expected_stretch(remaining, stretch)
            if line or self.size - before < stretch:
                return line
        return b""

    def _expected_stretch(self, remaining: Iterator[bytes], stretch: int) -> bytes:
        size, chain_hash, recorded_at = self.size, self.chain_hash, self._recorded_at
        leaves: list[bytes] = []
        start = len(_line_start % (size + 1, b"0" * 64, b"0" * 64))
        other = b""
        for line in islice(remaining, stretch):
            body = line[start:-2]
            leaf = sha256(b"\x00" + body).digest()
            link = sha256(_link_input(2, chain_hash, size + 1, leaf)).digest()
            expected = _line_start % (size + 1, hexlify(leaf), hexlify(link))
            place = body.rfind(b',"recorded_at":"')
            time = body[place + 16 : place + 43]
            # What shows or withholds personal values, or runs backwards, is looked at in the ordinary way.
            if not (
                line.startswith(expected)
                and line.endswith(b"}\n")
                and body.endswith(b'"personal":{}', 0, place)
                and time >= recorded_at
                and place > 0
            ):
                other = line
                break
            recorded_at, size, chain_hash = time, size + 1, link
            leaves.append(leaf)
        self._advance(Position(size, chain_hash, recorded_at), leaves)
        return other


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
    with ProcessPoolExecutor(len(parts)) as pool:
        verified = list(pool.map(_verified_part, parts))
    tree, reports = Tree(), []
    for outcome in verified:
        if outcome is None:
            return None
        report, part_tree, unrooted = outcome
        if any(checkpoint.root != tree.joined(at.edge).root() for checkpoint, at in unrooted):
            return None
        tree = tree.joined(part_tree.edge)
        reports.append(report)
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
            verifier.feed_lines(stream.readlines(min(CHUNK, part.end - stream.tell())))
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

"""The verifier on ledgers: what it accepts, and what it says about every way of tampering."""

import io
import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import verifier
from audit.rules import chain, export, merkle
from tests.audit import ledgers
from tests.audit.ledgers import CHAIN, NONCE, Line

LINES = ledgers.ledger(12)
PEOPLE = ledgers.ledger_with_people(12)


def report_on(data: bytes, *checkpoints: verifier.Checkpoint) -> verifier.Report:
    return verifier.check_stream(io.BytesIO(data), checkpoints)[1]


def finding_in(lines: list[Line], *checkpoints: verifier.Checkpoint) -> tuple[int, str]:
    """The sequence and code of what is found; the file's first line states nothing else than its entries."""
    finding = report_on(ledgers.export(lines), *checkpoints).finding
    assert finding is not None
    return finding.sequence, finding.code


def test_a_whole_ledger_holds() -> None:
    """Size, head and root are those that the product's own rules compute, and the checkpoints agree."""
    at = [ledgers.checkpoint(LINES[:size]) for size in (1, 7, 12)]
    report = report_on(ledgers.export(LINES), *at)
    assert report.finding is None
    assert (report.size, report.chain_hash) == (12, LINES[-1].chain_hash)
    assert report.root == merkle.root(line.leaf_hash for line in LINES)
    assert report.checkpoints == 3
    assert (report.backwards, report.personal_shown, report.personal_closed) == (0, 0, 0)


def test_an_empty_ledger_holds() -> None:
    """Before the first entry, the head is the genesis hash and the root that of the empty tree."""
    report = report_on(ledgers.export([]))
    assert (report.finding, report.size, report.root) == (None, 0, merkle.EMPTY_ROOT)


@settings(deadline=None)
@given(st.binary(max_size=99), st.binary(min_size=32, max_size=32), st.integers(1, 2**63), st.text("äx\n", max_size=5))
def test_same_formulas_as_the_product(body: bytes, hashed: bytes, sequence: int, value: str) -> None:
    """The verifier carries its own copy of the formulas, which equals the one that the product records with."""
    assert verifier.leaf_of(body) == chain.leaf_hash(body)
    assert verifier.link_of(hashed, sequence, hashed) == chain.link(hashed, sequence, hashed)
    assert verifier.genesis_of(CHAIN, hashed).chain_hash == chain.genesis(CHAIN, hashed)
    assert verifier.commitment_of(verifier.Opening(hashed, value)) == chain.commitment(hashed, value)
    assert verifier.LEDGER_FORMAT == export.FORMAT


@pytest.mark.requirement("REQ-182")
def test_edited_body() -> None:
    """One word in one body changed: the entry is named."""
    edited = replace(LINES[4], body=LINES[4].body.replace("actor-5", "actor-6"))
    assert finding_in([*LINES[:4], edited, *LINES[5:]]) == (5, verifier.EDITED)


def test_edited_body_with_its_leaf_hash() -> None:
    """The leaf hash was recomputed, too: the chain hash gives it away."""
    body = LINES[4].body.replace("actor-5", "actor-6")
    edited = replace(LINES[4], body=body, leaf_hash=chain.leaf_hash(body.encode()))
    assert finding_in([*LINES[:4], edited, *LINES[5:]]) == (5, verifier.EDITED)
    assert finding_in([*LINES[:4], edited]) == (5, verifier.EDITED)


def test_edited_chain_hash() -> None:
    """Only the chain hash was changed: the next entry shows that the right one had been there."""
    report = report_on(ledgers.export([*LINES[:4], replace(LINES[4], chain_hash=bytes(32)), *LINES[5:]]))
    assert report.finding == (
        5,
        verifier.EDITED,
        "the chain hash was replaced: the next entry continues from the right one",
    )


@pytest.mark.parametrize("column", verifier.Columns._fields)
def test_edited_index_column(column: str) -> None:
    """A column beside an untouched body was changed, as one UPDATE would do: entry and column are named."""
    entries = [with_columns(line) for line in LINES]
    assert verified(entries).finding is None
    columns = entries[4].columns
    assert columns is not None
    entries[4] = entries[4]._replace(columns=columns._replace(**{column: "2026-01-01T00:00:00.000000Z"}))
    finding = verified(entries).finding
    assert finding is not None
    assert (finding.sequence, finding.code) == (5, verifier.EDITED)
    assert column in finding.message


def with_columns(line: Line) -> verifier.Entry:
    said = json.loads(line.body)
    columns = verifier.Columns(
        occurred_at=said["occurred_at"],
        recorded_at=said["recorded_at"],
        kind=said["kind"],
        actor=said["actor"],
        subject_type=said["subject"]["type"],
        subject_id=said["subject"]["id"],
        request_id=said["request_id"],
    )
    return line.entry()._replace(columns=columns)


def verified(entries: list[verifier.Entry], *checkpoints: verifier.Checkpoint) -> verifier.Report:
    judge = verifier.ChainVerifier(verifier.genesis_of(CHAIN, NONCE), checkpoints)
    judge.feed(entries)
    return judge.finish()


AWKWARD = st.text(st.sampled_from('a",:{}\\n\n\u2028é'), max_size=6)


@settings(deadline=None)
@given(AWKWARD, AWKWARD, st.data())
def test_columns_are_compared_exactly(request_id: str, other: str, data: st.DataObject) -> None:
    """Whatever quotes, commas and backslashes a text holds, a column passes when it equals the body's and only then."""
    said = json.loads(ledgers.body_of(1)) | {"request_id": request_id}
    line = ledgers.chained([json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))])[0]
    entry = with_columns(line)
    assert verified([entry]).finding is None
    assert entry.columns is not None
    changed = entry.columns._replace(**{data.draw(st.sampled_from(verifier.Columns._fields)): other})
    finding = verified([entry._replace(columns=changed)]).finding
    assert (finding is None) == (changed == entry.columns)


@pytest.mark.requirement("REQ-182")
def test_deleted_entries() -> None:
    """A gap names the first missing entry, at the beginning and in the middle."""
    assert finding_in([*LINES[:4], *LINES[5:]]) == (5, verifier.DELETED)
    assert finding_in([*LINES[:4], *LINES[8:]]) == (5, verifier.DELETED)
    assert finding_in(LINES[1:]) == (1, verifier.DELETED)


def test_deleted_and_renumbered() -> None:
    """The later entries were renumbered to hide the gap: the links are bound to the numbers and tell."""
    later = [replace(line, sequence=line.sequence - 2) for line in LINES[6:]]
    report = report_on(ledgers.export([*LINES[:4], *later]))
    assert report.finding == (5, verifier.DELETED, "2 entries were deleted from 5 on and the later ones renumbered")


@pytest.mark.requirement("REQ-182")
def test_inserted_entry() -> None:
    """An invented entry, with the later ones renumbered or not, is named by its place."""
    invented = replace(LINES[4], body=LINES[9].body, leaf_hash=LINES[9].leaf_hash, chain_hash=bytes(32))
    later = [replace(line, sequence=line.sequence + 1) for line in LINES[4:]]
    assert finding_in([*LINES[:4], invented, *LINES[4:]]) == (5, verifier.INSERTED)
    assert finding_in([*LINES[:4], invented, *later]) == (5, verifier.INSERTED)
    assert finding_in([*LINES[:4], invented, later[0]]) == (5, verifier.INSERTED)


@pytest.mark.requirement("REQ-182")
def test_reordered_entries() -> None:
    """Two entries changed places, with their numbers or with swapped numbers; one was moved to the end."""
    third, fourth = LINES[2], LINES[3]
    assert finding_in([*LINES[:2], fourth, third, *LINES[4:]]) == (3, verifier.REORDERED)
    renumbered = [replace(fourth, sequence=3), replace(third, sequence=4)]
    assert finding_in([*LINES[:2], *renumbered, *LINES[4:]]) == (3, verifier.REORDERED)
    assert finding_in([*LINES[:2], *renumbered]) == (3, verifier.REORDERED)
    assert finding_in([*LINES[:2], *LINES[3:], third]) == (3, verifier.REORDERED)
    far = [replace(LINES[8], sequence=3), *LINES[3:8], replace(third, sequence=9)]
    assert finding_in([*LINES[:2], *far, *LINES[9:]]) == (3, verifier.REORDERED)


def test_forked_chain() -> None:
    """Two entries with one number, each a right continuation of the one before: the number is named."""
    other = ledgers.chained([ledgers.body_of(99)], after=LINES[:4])[4]
    assert finding_in([*LINES[:5], other, *LINES[5:]]) == (5, verifier.FORKED)
    assert finding_in([*LINES[:4], other, *LINES[4:]]) == (5, verifier.FORKED)
    assert finding_in([*LINES[:5], *LINES[4:]]) == (5, verifier.FORKED)


@pytest.mark.requirement("REQ-182")
def test_tail_cut() -> None:
    """The last entries are gone: the first line tells, and where that was adapted, the checkpoint does."""
    whole = ledgers.checkpoint(LINES)
    stated = report_on(ledgers.export(LINES[:9], size=12, chain_hash=whole.chain_hash)).finding
    assert stated is not None
    assert (stated.sequence, stated.code) == (10, verifier.TAIL_CUT)
    assert finding_in(LINES[:9], whole) == (10, verifier.TAIL_CUT)
    assert finding_in([], whole) == (1, verifier.TAIL_CUT)


def test_rewritten_chain() -> None:
    """Everything from entry 5 on was written anew and fits itself; two checkpoints say between which entries."""
    rewritten = ledgers.chained([ledgers.body_of(90 + number) for number in range(8)], after=LINES[:4])
    assert report_on(ledgers.export(rewritten)).finding is None
    old = [ledgers.checkpoint(LINES[:3]), ledgers.checkpoint(LINES[:6]), ledgers.checkpoint(LINES)]
    finding = report_on(ledgers.export(rewritten), *old).finding
    assert finding is not None
    assert (finding.sequence, finding.code) == (4, verifier.REWRITTEN)
    assert "between entry 4 and entry 6" in finding.message


def test_checkpoint_with_another_root() -> None:
    """A checkpoint whose root does not belong to its own entries is no proof of them."""
    assert finding_in(LINES, ledgers.checkpoint(LINES[:6])._replace(root=bytes(32))) == (6, verifier.REWRITTEN)


def test_first_line_that_states_something_else() -> None:
    """More entries than the first line states, or another last hash, is a finding."""
    assert report_on(ledgers.export(LINES, size=11)).finding is not None
    assert report_on(ledgers.export(LINES, chain_hash=bytes(32))).finding is not None


def test_recorded_at_runs_backwards() -> None:
    """A clock that ran backwards is told with its first entry; it is not tampering, for the chain is whole."""
    times = [ledgers.START + timedelta(seconds=second) for second in (1, 5, 4, 9, 9, 2)]
    lines = ledgers.chained([ledgers.body_of(n, recorded_at=at) for n, at in enumerate(times, start=1)])
    report = report_on(ledgers.export(lines))
    assert report.finding is None
    assert (report.backwards, report.first_backwards) == (2, 3)


def test_personal_values() -> None:
    """Values that are shown are compared with the commitments; the others are counted as erased or withheld."""
    report = report_on(ledgers.export(PEOPLE), ledgers.checkpoint(PEOPLE))
    assert report.finding is None
    assert (report.personal_shown, report.personal_closed) == (2, 2)


@pytest.mark.parametrize("change", ["value", "salt", "name"])
def test_wrong_personal_value(change: str) -> None:
    """A shown value that the entry does not commit to, or under another name, is named as an edit."""
    opening = (PEOPLE[5].openings or {})["body"]
    wrong = {
        "value": {"body": opening._replace(value="Zoe")},
        "salt": {"body": opening._replace(salt=bytes(32))},
        "name": {"person": opening},
    }[change]
    lines = [*PEOPLE[:5], replace(PEOPLE[5], openings=wrong), *PEOPLE[6:]]
    assert finding_in(lines) == (6, verifier.EDITED)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["none", "one", "two", "twice", "upper", "inside"]), min_size=1, max_size=40))
def test_commitments_in_stretches_and_one_by_one_are_the_same(kinds: list[str]) -> None:
    """Entries with commitments are taken in whole stretches; the outcome is that of reading each body: as many closed
    values, and a member that stands twice or a commitment that is none is malformed."""
    hashed = "0a" * 32
    said = {
        "none": "{}",
        "one": f'{{"reason":"{hashed}"}}',
        "two": f'{{"name":"{hashed}","user_name":"{hashed}"}}',
        "twice": f'{{"name":"{hashed}","name":"{hashed}"}}',
        "upper": f'{{"name":"{hashed.upper()}"}}',
        "inside": '{"name":{}}',
    }
    # The last place that reads so is the body's own.
    parts = [ledgers.body_of(number).rpartition('"personal":{},"recorded_at"') for number in range(1, len(kinds) + 1)]
    bodies = [
        f'{head}"personal":{said[kind]},"recorded_at"{tail}' for kind, (head, _, tail) in zip(kinds, parts, strict=True)
    ]
    lines = ledgers.chained(bodies)
    by_lines = report_on(ledgers.export(lines))
    one_by_one = verifier.ChainVerifier(verifier.genesis_of(CHAIN, NONCE))
    one_by_one.feed(line.entry() for line in lines)
    report = one_by_one.finish()
    assert (by_lines.finding, by_lines.size, by_lines.personal_closed) == (
        report.finding,
        report.size,
        report.personal_closed,
    )
    if not {"twice", "upper", "inside"} & set(kinds):
        assert by_lines.personal_closed == kinds.count("one") + 2 * kinds.count("two")


def test_body_that_is_no_entry() -> None:
    """A chained text that is no entry of version 1 is named, even though its hashes are right."""
    for body in (
        "{}",
        '{"v":1}',
        '{"personal":{"a":"b"}}',
        '{"a":1,"a":2}',
        ledgers.body_of(1).replace('"v":1}', '"v":2}'),
    ):
        lines = ledgers.chained([ledgers.body_of(1), body.replace('"personal":{}', '"personal":{"x":"y"}')])
        assert finding_in(lines) == (2, verifier.MALFORMED)


DATA = ledgers.export(PEOPLE)


@settings(max_examples=600, deadline=None)
@given(st.integers(0, len(DATA) - 1), st.integers(1, 255))
def test_any_changed_byte_is_found(place: int, distance: int) -> None:
    """Whichever byte of an exported ledger is changed to whichever other value, the verifier finds something."""
    data = bytearray(DATA)
    data[place] = (data[place] + distance) % 256
    try:
        assert report_on(bytes(data)).finding is not None
    except verifier.Malformed:
        assert place < DATA.index(b"\n") + 1


@settings(max_examples=200, deadline=None)
@given(st.permutations(range(6)).filter(lambda order: order != sorted(order)), st.integers(0, 5))
def test_any_order_of_lines_is_found(order: list[int], missing: int) -> None:
    """Lines in any other order, also with one missing, give a finding at the first place that is not right."""
    lines = [LINES[number] for number in order if number != missing]
    first = next((n for n, line in enumerate(lines, start=1) if line.sequence != n), len(lines) + 1)
    finding = report_on(ledgers.export(lines, size=6, chain_hash=LINES[5].chain_hash)).finding
    assert finding is not None
    assert finding.sequence in {first, lines[first - 1].sequence if first <= len(lines) else first}


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line[:-1],
        lambda line: line.replace(b"{", b"{ ", 1),
        lambda line: line.replace(b'"leaf_hash"', b'"Leaf_hash"'),
        lambda line: line.replace(b'"body":', b'"more":1,"body":'),
        lambda line: line.replace(b'"openings":', b'"openings": '),
        lambda line: line.replace(b'"openings":{', b'"openings":[').replace(b'},"body":{"act', b'],"body":{"act'),
        lambda line: line.replace(b'{"salt":', b'{"extra":1,"salt":'),
        lambda line: line.replace("Zoë".encode(), b"Zo\xeb"),
        lambda line: line.replace("Zoë".encode(), b"Zo\\u00eb"),
        lambda line: b"\n" + line,
        lambda line: b"",
    ],
)
def test_malformed_lines(change: object) -> None:
    """A line of any other form, even one that says the same in JSON, is named by the sequence it should have."""
    assert callable(change)
    lines = DATA.splitlines(keepends=True)
    lines[6] = change(lines[6])
    finding = report_on(b"".join(lines)).finding
    assert finding is not None
    # A line that swallowed the next one reads as an entry with another body, and one that is gone as a gap.
    assert finding.sequence == 6
    assert finding.code in {verifier.MALFORMED, verifier.EDITED, verifier.DELETED}


@pytest.mark.parametrize("line", [b"", b"{}\n", b"[]\n", b"\xff\n", DATA.splitlines()[0], DATA.splitlines()[1] + b"\n"])
def test_files_that_are_no_ledger(line: bytes) -> None:
    """A file without a ledger's first line, in its exact form, is refused as a whole."""
    with pytest.raises(verifier.Malformed):
        report_on(line)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 12), min_size=1, max_size=12))
def test_batches_do_not_matter(sizes: list[int]) -> None:
    """However the entries are handed over, and however many checkpoints lie between, the outcome is the same."""
    entries = iter([line.entry() for line in PEOPLE])
    at = [ledgers.checkpoint(PEOPLE[:size]) for size in sorted(set(sizes))]
    judge = verifier.ChainVerifier(verifier.genesis_of(CHAIN, NONCE), at)
    for size in sizes:
        judge.feed([entry for _, entry in zip(range(size), entries, strict=False)])
    judge.feed(entries)
    report = judge.finish()
    assert (report.finding, report.checkpoints) == (None, len(at))
    assert report.root == merkle.root(line.leaf_hash for line in PEOPLE)


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger file that is read by three processes."""
    monkeypatch.setattr(verifier, "PARALLEL_FROM", 1)
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(ledgers.export(LARGE))
    return path


LARGE = ledgers.ledger_with_people(1_500)


def test_several_processes_find_the_same(large: Path) -> None:
    """Three processes give the very report that one gives, with checkpoints in and between their parts."""
    at = [ledgers.checkpoint(LARGE[:size]) for size in (1, 256, 500, 777, 1_024, 1_499, 1_500)]
    parts = verifier._confirmed_in_parts(large, at, 3)
    assert parts is not None
    assert parts == verifier.check_stream(io.BytesIO(large.read_bytes()), at)
    assert parts[1].checkpoints == len(at)
    assert parts[1].personal_shown == parts[1].personal_closed == 250


@pytest.mark.parametrize("broken", [0, 1, 499, 500, 501, 900, 1_499])
def test_several_processes_name_the_same_entry(large: Path, broken: int) -> None:
    """Wherever the ledger is broken, also at the seams between the parts, the first broken entry is named."""
    large.write_bytes(ledgers.export([*LARGE[:broken], *LARGE[broken + 1 :]], chain_hash=LARGE[-1].chain_hash))
    finding = verifier.check_file(large, [ledgers.checkpoint(LARGE)], workers=3)[1].finding
    assert finding is not None
    assert (finding.sequence, finding.code) == (broken + 1, verifier.DELETED if broken < 1_499 else verifier.TAIL_CUT)


def test_several_processes_see_a_wrong_checkpoint(large: Path) -> None:
    """A wrong root or hash in any part is found, although no process but the first knows a root of its own."""
    for size in (100, 800, 1_500):
        right = ledgers.checkpoint(LARGE[:size])
        for wrong in (right._replace(root=bytes(32)), right._replace(chain_hash=bytes(32))):
            finding = verifier.check_file(large, [wrong], workers=3)[1].finding
            assert finding is not None
            assert finding.code == verifier.REWRITTEN
    cut = ledgers.checkpoint(LARGE)._replace(size=1_501)
    assert verifier.check_file(large, [cut], workers=3)[1].finding == (
        1_501,
        verifier.TAIL_CUT,
        "a checkpoint covers 1,501 entries, but the ledger ends after entry 1,500",
    )


def test_constant_memory() -> None:
    """Forty thousand entries take no more memory than four thousand: less than two megabytes."""

    def many(count: int) -> Iterator[verifier.Entry]:
        previous = chain.genesis(CHAIN, NONCE)
        body = ledgers.body_of(1).encode()
        for sequence in range(1, count + 1):
            leaf = verifier.leaf_of(body)
            previous = verifier.link_of(previous, sequence, leaf)
            yield verifier.Entry(sequence, body, leaf, previous)

    judge = verifier.ChainVerifier(verifier.genesis_of(CHAIN, NONCE))
    tracemalloc.start()
    try:
        judge.feed(many(40_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert judge.finish().size == 40_000
    assert peak < 2_000_000

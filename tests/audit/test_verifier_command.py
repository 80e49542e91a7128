"""The verifier as auditors run it: on files and unpacked packages, outside the project, with or without the key."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from audit import verifier
from audit.rules import note
from tests.audit import ledgers

LINES = ledgers.ledger(9)
CHECKPOINT = ledgers.checkpoint(LINES)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A ledger with its checkpoint and the key that the auditor received by another way."""
    (tmp_path / "ledger.jsonl").write_bytes(ledgers.export(LINES))
    (tmp_path / "checkpoint.txt").write_text(ledgers.signed(CHECKPOINT), encoding="utf-8")
    (tmp_path / "key.txt").write_text(ledgers.key_text(), encoding="utf-8")
    return tmp_path


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """An unpacked audit package; the pinned key lies beside it."""
    ledgers.write_package(tmp_path / "package", LINES)
    (tmp_path / "key.txt").write_text(ledgers.key_text(), encoding="utf-8")
    return tmp_path / "package"


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    code = verifier.main([str(argument) for argument in arguments])
    return code, capsys.readouterr().out


def on_package(capsys: pytest.CaptureFixture[str], package: Path) -> tuple[int, str]:
    return run(capsys, package, "--key", package.parent / "key.txt")


def test_runs_outside_the_project(package: Path, tmp_path: Path) -> None:
    """Copied into an empty directory and run in isolated mode, the one file verifies a package without the project."""
    empty = tmp_path / "elsewhere"
    empty.mkdir()
    shutil.copy(verifier.__file__, empty / "verify.py")
    command = [sys.executable, "-I", "verify.py", "--key", str(tmp_path / "key.txt"), str(package)]
    done = subprocess.run(command, cwd=empty, capture_output=True, text=True, check=False, env={})
    assert (done.returncode, done.stderr) == (0, "")
    assert "9 entries of chain 0193a0c0-5ea1-7ed6-8e12-0123456789ab" in done.stdout
    assert "Everything holds." in done.stdout


def test_runs_inside_the_package(package: Path) -> None:
    """Without arguments it verifies the package in which it stands, and says that nobody confirmed the key."""
    done = subprocess.run([sys.executable, "-I", "verify.py"], cwd=package, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "")
    assert "key not confirmed" in done.stdout


def test_without_cryptography(place: Path) -> None:
    """On a bare Python the hashes are checked, and the missing package is named instead of a stack trace."""
    command = [sys.executable, "-I", "-S", verifier.__file__, "--checkpoint", "checkpoint.txt", "--key", "key.txt"]
    done = subprocess.run([*command, "ledger.jsonl"], cwd=place, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "")
    assert "install the package cryptography" in done.stdout
    assert "fits 1 checkpoint(s)" in done.stdout


def test_ledger_with_checkpoint_and_key(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ledger, checkpoint and pinned key agree: exit code 0, and the fingerprint is shown."""
    code, said = run(
        capsys, place / "ledger.jsonl", "--checkpoint", place / "checkpoint.txt", "--key", place / "key.txt"
    )
    assert code == 0
    assert f"fingerprint {note.fingerprint(ledgers.KEY.public)}" in said
    assert "signed by seatledger/audit/" in said
    assert CHECKPOINT.chain_hash.hex() in said


def test_ledger_alone(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A whole chain without a checkpoint could be a rewritten one: exit code 2 says so."""
    code, said = run(capsys, place / "ledger.jsonl")
    assert code == 2
    assert "no checkpoint" in said


def test_checkpoint_without_key(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A checkpoint whose signature nobody could check is compared all the same; exit code 2 says what is missing."""
    code, said = run(capsys, place / "ledger.jsonl", "--checkpoint", place / "checkpoint.txt")
    assert code == 2
    assert "key not confirmed" in said


def test_tampered_ledger(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The first broken entry and what happened to it stand in the output, and the exit code is 1."""
    (place / "ledger.jsonl").write_bytes(ledgers.export([*LINES[:3], *LINES[4:]]))
    code, said = run(
        capsys, place / "ledger.jsonl", "--checkpoint", place / "checkpoint.txt", "--key", place / "key.txt"
    )
    assert code == 1
    assert "first broken entry 4, deleted: entry 4 is missing" in said


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda text: text.replace("\n9\n", "\n8\n"), "the signature is not genuine"),
        (lambda _: ledgers.signed(CHECKPOINT, ledgers.OTHER), "it is not signed by the given key"),
        (lambda text: text.split("\n\n")[0], "no signed note"),
        (lambda text: text.replace("chain-hash", "chain"), "no checkpoint"),
        (lambda text: text.replace("— ", "- "), "malformed"),
    ],
)
def test_bad_checkpoints(
    place: Path, capsys: pytest.CaptureFixture[str], change: Callable[[str], str], reason: str
) -> None:
    """A checkpoint that was altered, signed by somebody else or is none counts as a change, with its reason."""
    path = place / "checkpoint.txt"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    code, said = run(capsys, place / "ledger.jsonl", "--checkpoint", path, "--key", place / "key.txt")
    assert code == 1
    assert reason in said


def test_clock_that_ran_backwards(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is told with the entry and gives exit code 2: a reason to ask, not a proof of tampering."""
    late, early = ledgers.body_of(9), ledgers.body_of(2)
    (tmp_path / "ledger.jsonl").write_bytes(ledgers.export(ledgers.chained([late, early])))
    code, said = run(capsys, tmp_path / "ledger.jsonl")
    assert code == 2
    assert "recorded_at runs backwards 1 time(s), first at entry 2" in said


@pytest.mark.parametrize("missing", ["ledger.jsonl", "key.txt", "checkpoint.txt"])
def test_missing_files(place: Path, capsys: pytest.CaptureFixture[str], missing: str) -> None:
    """A file that cannot be read is missing evidence, named without a stack trace."""
    (place / missing).unlink()
    code, said = run(
        capsys, place / "ledger.jsonl", "--checkpoint", place / "checkpoint.txt", "--key", place / "key.txt"
    )
    assert code == 2
    assert missing in said


def test_key_file_that_is_none(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A damaged or empty key file pins nothing, and says so."""
    for text in ("", "seatledger+00000000+AQ==\n", ledgers.key_text().replace("+A", "+B")):
        (place / "key.txt").write_text(text, encoding="utf-8")
        assert run(capsys, place / "ledger.jsonl", "--key", place / "key.txt")[0] == 2


def test_rotated_keys(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A key file may hold several keys: an old checkpoint passes when one of them signed it."""
    (place / "key.txt").write_text(ledgers.key_text(ledgers.OTHER) + ledgers.key_text(), encoding="utf-8")
    arguments = (place / "ledger.jsonl", "--checkpoint", place / "checkpoint.txt", "--key", place / "key.txt")
    assert run(capsys, *arguments)[0] == 0


def test_package_with_pinned_key(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Manifest, files, checkpoint and ledger agree and are signed by the pinned key: exit code 0."""
    code, said = on_package(capsys, package)
    assert code == 0, said
    assert "5 of 5 files are as the manifest states" in said
    assert "the ledger is the one that the manifest states" in said


def test_package_without_key(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The key of the package itself proves nothing: its fingerprint is shown and the exit code is 2."""
    code, said = run(capsys, package)
    assert code == 2
    assert "key not confirmed" in said
    assert note.fingerprint(ledgers.KEY.public) in said


def test_package_signed_by_somebody_else(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A package that was made anew with a key of its own fails against the pinned key."""
    ledgers.sign_manifest(package, (package / "manifest.json").read_bytes(), ledgers.OTHER)
    (package / "audit-key.txt").write_text(ledgers.key_text(ledgers.OTHER), encoding="utf-8")
    code, said = on_package(capsys, package)
    assert code == 1
    assert "manifest.json: not signed by the key" in said
    assert "audit-key.txt: " in said


@pytest.mark.parametrize(
    "name", ["ledger.jsonl", "checkpoint.txt", "audit-key.txt", "verify.py", "evidence/seats.csv", "manifest.json"]
)
def test_package_with_an_altered_file(package: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """One byte changed in any file of the package is found, and the file is named."""
    content = bytearray((package / name).read_bytes())
    content[len(content) // 2] ^= 1
    (package / name).write_bytes(bytes(content))
    code, said = on_package(capsys, package)
    assert code == 1
    assert f"CHANGED     {name}: " in said or (name == "manifest.json" and "CHANGED     audit package: " in said)


def test_package_with_files_missing_or_added(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A removed file is a change; an added one is named as not covered, which alone gives exit code 2."""
    (package / "evidence" / "more.csv").write_text("a\n", encoding="utf-8")
    code, said = on_package(capsys, package)
    assert code == 2
    assert "evidence/more.csv: not covered by the manifest" in said
    (package / "evidence" / "seats.csv").unlink()
    code, said = on_package(capsys, package)
    assert code == 1
    assert "evidence/seats.csv: missing" in said


def test_package_whose_manifest_names_places_outside(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Even a signed manifest does not make the verifier read a file outside the package."""
    (package / "link.csv").symlink_to(package.parent / "key.txt")
    stated = {"sha256": "0" * 64, "size": 1}
    for name in ("../key.txt", "/etc/passwd", "evidence/../../key.txt", "link.csv", ""):
        ledgers.write_package(package, LINES, files={name: stated})
        code, said = on_package(capsys, package)
        assert code == 1
        assert f"{name}: the manifest names a place outside the package" in said


def test_names_cannot_forge_lines(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file name with line ends, terminal escapes or letters that the console lacks is shown escaped, on one line."""
    ledgers.write_package(package, LINES, files={"a\nok  all \x1b[2Jé": {"sha256": "0" * 64, "size": 1}})
    code, said = on_package(capsys, package)
    assert code == 1
    assert "\nCHANGED     a\\nok  all \\x1b[2J\\xe9: missing\n" in said
    assert said.isascii()


def test_package_whose_ledger_is_another(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A signed manifest that states another cut-off than its ledger has is contradicted."""
    ledgers.write_package(package, LINES, ledger={"chain": "x", "size": 9, "chain_hash": "", "root": ""})
    code, said = on_package(capsys, package)
    assert code == 1
    assert "the ledger is not the one that the manifest states" in said


def test_package_without_a_ledger(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the package never held is missing evidence, told by name."""
    ledgers.write_package(package, LINES, files={})
    code, said = on_package(capsys, package)
    assert code == 2
    assert "the package has no ledger.jsonl and no checkpoint.txt" in said


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b"\xff", b'{"format":"seatledger/audit-package/v1","files":{"a":1}}']
)
def test_package_with_a_manifest_that_is_none(package: Path, capsys: pytest.CaptureFixture[str], raw: bytes) -> None:
    """A manifest of another form is refused before anything in it is believed."""
    ledgers.sign_manifest(package, raw)
    code, said = on_package(capsys, package)
    assert code == 1
    assert "manifest.json is not a seatledger/audit-package/v1 manifest" in said


def test_manifest_that_names_a_file_twice(package: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Two statements about one file would let two programs read two different manifests."""
    manifest = json.loads((package / "manifest.json").read_bytes())
    twice = json.dumps(manifest).replace('"files": {', '"files": {"ledger.jsonl": {"sha256": "", "size": 0}, ').encode()
    ledgers.sign_manifest(package, twice)
    assert on_package(capsys, package)[0] == 1

"""The archive that is handed over, and the script inside it that an auditor runs elsewhere."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reporting.packages.archive import Built, UnusableSignature, build
from reporting.packages.csv_evidence import listings
from reporting.packages.encoding import digests, from_bytes, to_bytes
from tests.reporting import packages


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exported ledger that belongs to the sample."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    path.write_bytes(packages.ledger_export())
    return path


def _built(folder: Path, report: Path, ledger: Path, **changes) -> Built:
    arguments = {"snapshot": packages.snapshot(), "report": report, "ledger": ledger, "sign": packages.KEY.sign}
    return build(target=folder / "package.zip", **{**arguments, **changes})


@pytest.fixture
def unpacked(tmp_path: Path, report: Path, ledger: Path) -> Path:
    """The sample's package in a folder, as an auditor has it."""
    with zipfile.ZipFile(_built(tmp_path, report, ledger).path) as archive:
        archive.extractall(tmp_path / "package")
    return tmp_path / "package"


def _verified(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """verify.py in a Python that knows nothing of this project."""
    return subprocess.run(
        [sys.executable, "-I", "verify.py", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def key(tmp_path) -> str:
    """The organisation's key as the auditor got it by another way, outside the package's folder."""
    (tmp_path / "key.txt").write_text(packages.ledger().verification_key + "\n")
    return "../key.txt"


@pytest.mark.requirement("REQ-174")
def test_the_package_is_complete_and_its_manifest_signed(tmp_path, report, ledger):
    """Report, every listing, ledger, checkpoint, key, verifier and README are inside, listed with size and SHA-256."""
    built = _built(tmp_path, report, ledger)
    with zipfile.ZipFile(built.path) as archive:
        names = archive.namelist()
        raw = archive.read("manifest.json")
        signature = base64.b64decode(archive.read("manifest.sig"), validate=False)
        manifest = json.loads(raw)
        assert names == sorted(names)
        assert set(names) - set(manifest["files"]) == {"manifest.json", "manifest.sig"}
        assert set(manifest["files"]) >= {
            "README.txt",
            "audit-key.txt",
            "checkpoint.txt",
            "ledger.jsonl",
            "report.pdf",
            "verify.py",
            *(listing.name for listing in listings(packages.snapshot())),
        }
        for name, stated in manifest["files"].items():
            content = archive.read(name)
            assert stated == {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    packages.KEY.public_key().verify(signature, raw)
    assert built.manifest_sha256 == hashlib.sha256(raw).hexdigest()
    assert built.sha256 == hashlib.sha256(built.path.read_bytes()).hexdigest()
    assert built.size == built.path.stat().st_size


def test_the_manifest_names_what_was_asked_and_where_the_ledger_ends(unpacked):
    """Parameters by role and not by name, the digests of the facts, the ledger's cut-off and the versions."""
    manifest = json.loads((unpacked / "manifest.json").read_bytes())
    sample = packages.snapshot()
    assert manifest["format"] == "seatledger/audit-package/v1"
    assert manifest["parameters"]["requested_by_role"] == "Auditor"
    assert manifest["parameters"]["period_end"] == "2026-10-01"
    assert manifest["parameters"]["sections"] == digests(sample)
    assert manifest["ledger"] == {
        "chain": packages.CHAIN,
        "size": sample.ledger.size,
        "chain_hash": sample.ledger.chain_hash,
        "root": sample.ledger.root,
    }
    assert manifest["versions"]["seatledger"] == "0.1.0"


def test_a_rebuild_from_the_stored_snapshot_is_byte_identical(tmp_path, report, ledger):
    """The package made of the snapshot that was stored is the same file, manifest and signature included."""
    (tmp_path / "again").mkdir()
    first = _built(tmp_path, report, ledger)
    again = _built(tmp_path / "again", report, ledger, snapshot=from_bytes(to_bytes(packages.snapshot())))
    assert again.path.read_bytes() == first.path.read_bytes()
    assert (again.sha256, again.manifest_sha256) == (first.sha256, first.manifest_sha256)


def test_the_verifier_passes_where_this_project_is_not(unpacked, key):
    """With the key from elsewhere the script says that everything holds and ends with 0."""
    result = _verified(unpacked, "--key", key)
    assert result.stdout.rstrip().endswith("Everything holds."), result.stdout + result.stderr
    assert result.returncode == 0


def test_without_a_key_the_verifier_shows_the_fingerprint_of_the_cover(unpacked):
    """Nobody confirmed the key, so the script ends with 2 and prints what the report's cover prints."""
    result = _verified(unpacked)
    assert result.returncode == 2
    assert packages.snapshot().ledger.fingerprint in result.stdout


@pytest.mark.parametrize(
    "name", ["report.pdf", "evidence/inventory.csv", "ledger.jsonl", "checkpoint.txt", "README.txt", "manifest.json"]
)
def test_a_changed_file_is_named(unpacked, key, name):
    """One byte more at the end of any file makes the script end with 1 and name the file."""
    with (unpacked / name).open("ab") as stream:
        stream.write(b" ")
    result = _verified(unpacked, "--key", key)
    assert result.returncode == 1
    assert f"CHANGED     {name}" in result.stdout


def test_a_package_signed_by_somebody_else_is_refused(tmp_path, report, ledger, key):
    """A manifest that another key signed does not pass under the organisation's key."""
    other = Ed25519PrivateKey.generate()
    with zipfile.ZipFile(_built(tmp_path, report, ledger, sign=other.sign).path) as archive:
        archive.extractall(tmp_path / "package")
    result = _verified(tmp_path / "package", "--key", key)
    assert result.returncode == 1
    assert "manifest.json: not signed by the key" in result.stdout
    with pytest.raises(InvalidSignature):
        packages.KEY.public_key().verify(
            base64.b64decode((tmp_path / "package/manifest.sig").read_text()),
            (tmp_path / "package/manifest.json").read_bytes(),
        )


def test_a_signer_that_returns_no_signature_leaves_no_archive(tmp_path, report, ledger):
    """A short signature is refused before anything is written."""
    with pytest.raises(UnusableSignature):
        _built(tmp_path, report, ledger, sign=lambda message: b"short")
    assert list(tmp_path.iterdir()) == []


def test_the_readme_speaks_to_a_stranger(unpacked):
    """Every file is explained, with the command, the exit codes and the fingerprint."""
    text = (unpacked / "README.txt").read_text()
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*") if path.is_file()}
    assert {name for name in names if name not in text} == {"README.txt"}
    for words in (
        "python3 verify.py --key",
        "with 1 when something was changed",
        packages.snapshot().ledger.fingerprint,
    ):
        assert words in text
    assert "&#x27;" not in text


def test_zip_members_carry_no_trace_of_the_machine(tmp_path, report, ledger):
    """All members have the same time, plain file rights and relative names."""
    with zipfile.ZipFile(_built(tmp_path, report, ledger).path) as archive:
        for member in archive.infolist():
            assert member.date_time == (1980, 1, 1, 0, 0, 0)
            assert member.external_attr >> 16 == 0o100644
            assert not member.filename.startswith("/")
            assert ".." not in member.filename

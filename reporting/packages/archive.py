"""The ZIP that is handed over: report, evidence, ledger, signed manifest, and the script that checks all of it."""

import base64
import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import IO, Final

from audit import verifier
from reporting.packages.csv_evidence import listings
from reporting.packages.encoding import address, digests, plain
from reporting.packages.readme import readme
from reporting.packages.snapshot import Snapshot

FORMAT: Final = verifier.PACKAGE_FORMAT
MANIFEST: Final = "manifest.json"
SIGNATURE: Final = "manifest.sig"
SIGNATURE_BYTES: Final = 64

# ZIP knows local times from 1980 on and no zone; one fixed moment keeps the same facts the same bytes.
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644 << 16
_CHUNK: Final = 1 << 20

Source = bytes | Path


class UnusableSignature(ValueError):
    """The signer returned something that is no Ed25519 signature."""


@dataclass(frozen=True, slots=True)
class Built:
    """A finished archive: SHA-256 in hex and size of the ZIP, and the SHA-256 of the manifest inside it."""

    path: Path
    sha256: str
    size: int
    manifest_sha256: str


def build(*, target: Path, snapshot: Snapshot, report: Path, ledger: Path, sign: Callable[[bytes], bytes]) -> Built:
    """Writes the package to `target`, complete or not at all; the same arguments give the same bytes.

    `report` is what `child.render_report` made of the same snapshot, `ledger` the exported ledger up to the cut-off
    (audit/rules/export.py). `sign` returns the Ed25519 signature of the organisation's audit key over the bytes it
    gets. Raises UnusableSignature.
    """
    files = _files(snapshot, report, ledger)
    manifest = _manifest(snapshot, files)
    signature = sign(manifest)
    if len(signature) != SIGNATURE_BYTES:
        raise UnusableSignature(f"an Ed25519 signature has {SIGNATURE_BYTES} bytes, this one {len(signature)}")
    files |= {MANIFEST: manifest, SIGNATURE: base64.b64encode(signature) + b"\n"}
    unfinished = target.with_name(f"{target.name}.part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            _add(archive, name, files[name])
    unfinished.replace(target)
    sha256, size = _measured(target)
    return Built(target, sha256, size, hashlib.sha256(manifest).hexdigest())


def _files(snapshot: Snapshot, report: Path, ledger: Path) -> dict[str, Source]:
    """Everything that the manifest lists."""
    return {
        "README.txt": readme(snapshot).encode(),
        "audit-key.txt": f"{snapshot.ledger.verification_key}\n".encode(),
        "checkpoint.txt": snapshot.ledger.checkpoint.encode(),
        "ledger.jsonl": ledger,
        "report.pdf": report,
        "verify.py": Path(verifier.__file__),
        **{listing.name: listing.content for listing in listings(snapshot)},
    }


def _manifest(snapshot: Snapshot, files: Mapping[str, Source]) -> bytes:
    """The exact bytes that are signed: sorted keys, two spaces, a line end, so that people can read and compare it."""
    measured = {name: _measured(source) for name, source in files.items()}
    sealed = digests(snapshot)
    content = {
        "format": FORMAT,
        "files": {name: {"sha256": sha256, "size": size} for name, (sha256, size) in measured.items()},
        "parameters": {**plain(snapshot.parameters), "facts": address(sealed), "sections": sealed},
        "ledger": {
            "chain": snapshot.ledger.chain,
            "size": snapshot.ledger.size,
            "chain_hash": snapshot.ledger.chain_hash,
            "root": snapshot.ledger.root,
        },
        "versions": {"seatledger": snapshot.parameters.software_version, "weasyprint": version("weasyprint")},
    }
    return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def _measured(source: Source) -> tuple[str, int]:
    """SHA-256 in hex, and size, read in pieces: a ledger may not fit into memory."""
    digest, size = hashlib.sha256(), 0
    with _opened(source) as stream:
        while piece := stream.read(_CHUNK):
            digest.update(piece)
            size += len(piece)
    return digest.hexdigest(), size


def _add(archive: zipfile.ZipFile, name: str, source: Source) -> None:
    entry = zipfile.ZipInfo(name, date_time=_MOMENT)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3  # Unix, whatever machine builds it
    entry.external_attr = _MODE
    entry.file_size = source.stat().st_size if isinstance(source, Path) else len(source)
    with _opened(source) as stream, archive.open(entry, "w") as member:
        shutil.copyfileobj(stream, member, _CHUNK)


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream
    else:
        yield BytesIO(source)

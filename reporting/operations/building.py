"""Building an audit package: gather, store, checkpoint, render, archive, sign. Every step may be repeated."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from django.utils.translation import gettext as _

from audit.export import ledger_lines
from audit.models import SigningKey
from audit.operations import NoSigningKey, checkpoint_at, sign_checkpoint, trail
from audit.operations.keys import signer_of
from audit.rules.note import parse_verifier_key
from jobs.ports import Outcome, Progress
from kernel.clock import Clock
from kernel.errors import Conflict, Refusal
from kernel.principal import Principal
from kernel.scope import scope, scope_of
from kernel.vault import VaultError
from reporting.gather.whole import gather, sealed
from reporting.models import AuditPackage, PackageState
from reporting.operations.ordering import locked_package
from reporting.package_files import folder_of, is_intact, name_of, path_of, store_snapshot
from reporting.packages import archive
from reporting.packages.archive import Built
from reporting.packages.child import RenderingFailed, render_report
from reporting.packages.encoding import SnapshotDamaged, from_bytes, to_bytes
from reporting.packages.snapshot import Snapshot

GATHERED, RENDERED = 15, 90
"""Per cent of the work that is done after these steps, as measured on the demo's books."""


class PackageRenderingFailed(Refusal):
    """The report could not be laid out; the log of the worker says why. Trying again starts from the same facts."""

    code = "PACKAGE_RENDERING_FAILED"
    status = 503


class PackageStorageFailed(Refusal):
    """The folder of packages cannot be written or read: no space, wrong owner, or a snapshot that was altered."""

    code = "PACKAGE_STORAGE_FAILED"
    status = 503


class PackageSigningFailed(Refusal):
    """The organisation has no audit key, or the vault does not hold it: an unsigned package is not handed out."""

    code = "PACKAGE_SIGNING_FAILED"
    status = 503


class PackageDiffers(Conflict):
    """Building again from the stored facts gave another manifest: the software, its fonts or the ledger changed."""

    code = "PACKAGE_DIFFERS"


class PackageNotReady(Conflict):
    """The package is not built yet, or could not be."""

    code = "PACKAGE_NOT_READY"


def build(*, package_id: UUID, actor: Principal, progress: Progress, clock: Clock) -> Outcome:
    """Builds an ordered package and records its digests. One that is ready stays as it is; one that broke off after
    its facts were stored goes on from those.

    Raises PackageNotFound, PackageRenderingFailed, PackageStorageFailed and PackageSigningFailed.
    """
    with trail(organization_id=actor.organization_id, actor=actor, clock=clock):
        package = locked_package(package_id)
        if package.state == PackageState.READY:
            return _outcome(package)
        package.state, package.error_code, package.error = PackageState.BUILDING, "", ""
        package.save(update_fields=["state", "error_code", "error"])
    try:
        progress(1, _("Reading the books"))
        stored = _stored(package) or _gathered(package, actor, clock)
        progress(GATHERED, _("Writing the report"))
        target = folder_of(package.organization_id) / f"{package.number}.zip"
        built = _assembled(stored, target, progress)
    except RenderingFailed as error:
        raise PackageRenderingFailed(_("The report could not be laid out.")) from error
    except (OSError, SnapshotDamaged) as error:
        raise PackageStorageFailed(_("The folder of packages could not be written or read.")) from error
    except (NoSigningKey, VaultError) as error:
        raise PackageSigningFailed(_("The organisation's audit key could not be used.")) from error
    return _finished(package, built, actor, clock)


def fail(*, package_id: UUID, actor: Principal, code: str, message: str, clock: Clock) -> None:
    """Notes why a package could not be built; one that is ready stays ready."""
    with trail(organization_id=actor.organization_id, actor=actor, clock=clock) as opened:
        row = locked_package(package_id)
        if row.state == PackageState.READY:
            return
        row.state, row.error_code, row.error = PackageState.FAILED, code, message
        row.save(update_fields=["state", "error_code", "error"])
        opened.record("audit_package.failed", subject=row, details={"number": row.number, "code": code})


def rebuild(*, package_id: UUID, actor: Principal, progress: Progress) -> Built:
    """Builds a ready package once more from its stored facts and the ledger; the archive is put back if it was lost.

    Raises PackageNotReady, PackageStorageFailed, and PackageDiffers when the manifest is not the one on record.
    """
    with scope_of(actor):
        package = AuditPackage.objects.filter(id=package_id, state=PackageState.READY).first()
    if package is None:
        raise PackageNotReady(_("Only a package that is ready can be built again."))
    stored = _stored(package)
    if stored is None:
        raise PackageStorageFailed(_("The stored facts of the package are lost or were altered."))
    target = path_of(package.archive_file, organization_id=package.organization_id)
    with TemporaryDirectory(dir=folder_of(package.organization_id)) as work:
        built = _assembled(stored, Path(work) / target.name, progress)
        if built.manifest_sha256 != package.manifest_sha256:
            raise PackageDiffers(
                _("The package comes out differently than on record."),
                details={"recorded": package.manifest_sha256, "rebuilt": built.manifest_sha256},
            )
        if not is_intact(target, package.archive_sha256):
            built.path.replace(target)
    return Built(target, built.sha256, built.size, built.manifest_sha256)


def _stored(package: AuditPackage) -> Path | None:
    """The facts that an earlier try stored, if they are there and unaltered."""
    path = path_of(package.snapshot_file, organization_id=package.organization_id)
    return path if package.snapshot_file and is_intact(path, package.snapshot_sha256) else None


def _gathered(package: AuditPackage, actor: Principal, clock: Clock) -> Path:
    """Reads the books, signs a checkpoint at the cut-off, stores both as one snapshot and notes its digest."""
    with scope_of(actor):
        # A verification without any checkpoint would have to say that its evidence is incomplete.
        sign_checkpoint(organization_id=actor.organization_id, clock=clock)
    facts = gather(package, clock=clock)
    with scope_of(actor):
        signed = checkpoint_at(
            size=facts.ledger.size,
            chain_hash=bytes.fromhex(facts.ledger.chain_hash),
            organization_id=actor.organization_id,
            clock=clock,
        )
    content = to_bytes(sealed(facts, signed))
    path = store_snapshot(content, organization_id=actor.organization_id)
    package.snapshot_file, package.snapshot_sha256 = name_of(path), hashlib.sha256(content).hexdigest()
    package.ledger_size = facts.ledger.size
    with trail(organization_id=actor.organization_id, actor=actor, clock=clock):
        package.save(update_fields=["snapshot_file", "snapshot_sha256", "ledger_size"])
    return path


def _assembled(stored: Path, target: Path, progress: Progress) -> Built:
    """Report, ledger and archive from the stored facts; reads nothing else of the database than the ledger."""
    snapshot = from_bytes(stored.read_bytes())
    organization_id = UUID(snapshot.parameters.organization_id)
    with TemporaryDirectory(dir=target.parent) as work:
        report, ledger = Path(work) / "report.pdf", Path(work) / "ledger.jsonl"
        render_report(snapshot=stored, target=report, on_progress=_share(progress))
        progress(RENDERED, _("Packing and signing"))
        with scope(organization_id):
            with ledger.open("w", encoding="utf-8", newline="") as lines:
                lines.writelines(ledger_lines(up_to=snapshot.ledger.size))
            sign = _signer(snapshot)
        return archive.build(target=target, snapshot=snapshot, report=report, ledger=ledger, sign=sign)


def _signer(snapshot: Snapshot) -> Callable[[bytes], bytes]:
    """The key that the package names, also when another one signs by now: a rebuild is signed as the first time."""
    public = parse_verifier_key(snapshot.ledger.verification_key).public
    rows = [row for row in SigningKey.objects.order_by("created_at") if bytes(row.public) == public]
    if not rows:
        raise NoSigningKey("the key that the package names is gone")
    return signer_of(rows[0]).sign


def _share(progress: Progress) -> Callable[[int], None]:
    """The renderer's per cent as part of the whole, at most once a second: each report is a write."""
    last = [0.0]

    def report(percent: int) -> None:
        now = time.monotonic()
        if now - last[0] >= 1:
            last[0] = now
            progress(GATHERED + percent * (RENDERED - GATHERED) // 100, _("Writing the report"))

    return report


def _finished(package: AuditPackage, built: Built, actor: Principal, clock: Clock) -> Outcome:
    with trail(organization_id=actor.organization_id, actor=actor, clock=clock) as opened:
        row = locked_package(package.id)
        row.state, row.built_at, row.archive_file = PackageState.READY, opened.clock.now(), name_of(built.path)
        row.archive_sha256, row.archive_size, row.manifest_sha256 = built.sha256, built.size, built.manifest_sha256
        row.error_code = row.error = ""
        row.save()
        details = {
            "number": row.number,
            "ledger_size": row.ledger_size,
            "snapshot_sha256": row.snapshot_sha256,
            "archive_sha256": row.archive_sha256,
            "manifest_sha256": row.manifest_sha256,
        }
        opened.record("audit_package.built", subject=row, details=details)
    return _outcome(row)


def _outcome(package: AuditPackage) -> Outcome:
    return {"package": str(package.id), "number": package.number, "manifest_sha256": package.manifest_sha256}

"""Which releases may a licence run? What a validation of that version would say, asked for each release."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from licensing.rules.codes import Code, severity
from licensing.rules.decision import decide
from licensing.rules.expiry import release_access
from licensing.rules.facts import LicenseFacts, ValidationScope
from licensing.rules.versions import BadVersion, Precedence, read_version


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRelease:
    """A release that was published, also one that was taken back since."""

    version: str
    released_at: datetime
    yanked_at: datetime | None = None
    required_features: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the licence may run the release at the moment asked for; `codes` are the reasons against it, most severe
    first, empty when it may."""

    release: PublishedRelease
    codes: tuple[Code, ...]

    @property
    def is_eligible(self) -> bool:
        return not self.codes


def eligible_until(facts: LicenseFacts, at: datetime) -> datetime | None:
    """Releases published by this moment are covered; None when all are, or when the licence reaches none at all."""
    return release_access(facts, at).until


def verdict(facts: LicenseFacts, release: PublishedRelease, at: datetime) -> Verdict:
    """What a client of this version would be told at `at`."""
    asked = replace(
        facts,
        released_at=release.released_at,
        release_yanked_at=release.yanked_at,
        required_features=release.required_features,
    )
    codes = {finding.code for finding in decide(asked, ValidationScope(version=release.version), at).findings}
    # Said here as well: a list of downloads offers no release that was taken back.
    if release.yanked_at is not None and release.yanked_at <= at:
        codes.add(Code.RELEASE_YANKED)
    return Verdict(release, tuple(sorted(codes, key=severity)))


def newest(releases: Iterable[PublishedRelease]) -> PublishedRelease | None:
    """The highest version by precedence, whenever it was published."""
    return max((one for one in releases if _readable(one)), key=_precedence, default=None)


def _precedence(release: PublishedRelease) -> Precedence:
    return read_version(release.version).precedence


def _readable(release: PublishedRelease) -> bool:
    try:
        read_version(release.version)
    except BadVersion:
        return False
    return True

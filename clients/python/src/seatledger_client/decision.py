"""What is asked about a licence, and what the server decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the licence is needed for. Everything is optional, and what is left out is not judged.

    `fingerprints` and `components` (by name) describe the machine; `country` is ISO 3166-1 alpha-2; `lease` is the
    token or the certificate of a floating seat.
    """

    product: str | None = None
    version: str | None = None
    features: Sequence[str] = ()
    fingerprints: Sequence[str] = ()
    components: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    country: str | None = None
    domain: str | None = None
    department: str | None = None
    virtual_machine: bool | None = None
    lease: str | None = None

    def scope(self) -> dict[str, Any]:
        """The question as the server reads it."""
        said = {
            "product": self.product,
            "version": self.version,
            "features": sorted(self.features) or None,
            "fingerprints": list(self.fingerprints) or None,
            "components": dict(self.components) or None,
            "user": self.user,
            "country": self.country,
            "domain": self.domain,
            "department": self.department,
            "vm": self.virtual_machine,
            "lease": self.lease,
        }
        return {name: value for name, value in said.items() if value is not None}


@dataclass(frozen=True)
class Warned:
    """Something that changes nothing today and starts to matter at `until`."""

    code: str
    until: datetime | None


@dataclass(frozen=True)
class Obligation:
    """What the client has to do with a valid answer."""

    code: str
    until: datetime | None


@dataclass(frozen=True)
class Decision:
    """`valid` is what counts; `code` is the most severe finding; a code that the application does not know is a reason
    like any other.

    `license_id` is None for a key that nobody issued. `at` is the server's time of the answer. `offline`: the server
    could not be reached, and the answer of `at` is used as long as the connectivity grace lasts.
    """

    valid: bool
    code: str
    at: datetime
    findings: tuple[str, ...] = ()
    warnings: tuple[Warned, ...] = ()
    obligations: tuple[Obligation, ...] = ()
    license_id: str | None = None
    offline: bool = False
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


def decision_of(claims: Mapping[str, Any]) -> Decision:
    """The decision in the verified claims of an answer."""
    return Decision(
        valid=claims["valid"] is True,
        code=str(claims["code"]),
        at=datetime.fromisoformat(str(claims["server_time"])),
        findings=tuple(map(str, claims.get("findings", ()))),
        warnings=tuple(Warned(str(one["code"]), _moment(one.get("until"))) for one in claims.get("warnings", ())),
        obligations=tuple(
            Obligation(str(one["code"]), _moment(one.get("until"))) for one in claims.get("obligations", ())
        ),
        license_id=claims.get("sub"),
        claims=dict(claims),
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)

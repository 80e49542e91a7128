"""What a client states about the machine that it runs on, in digests: the plain values go no further than this."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from licensing.rules.digests import Pepper, subject_digest
from licensing.rules.facts import ValidationScope


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineDigests:
    """One machine under one pepper: hex digests of its fingerprint and, by name, of its components."""

    pepper_version: int
    fingerprint: str
    components: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedMachine:
    """A machine as its client describes it. `spellings`: its digests under each pepper in use, newest first; the
    newest makes new rows, the others find rows that were written before a rotation.

    `country` is an ISO 3166-1 alpha-2 code in capitals, `platform` and `label` are words of the client; "" where
    nothing is known. `virtual_machine` None: the client did not say.
    """

    spellings: tuple[MachineDigests, ...]
    country: str = ""
    platform: str = ""
    label: str = ""
    virtual_machine: bool | None = None

    @property
    def newest(self) -> MachineDigests:
        return self.spellings[0]

    @property
    def fingerprints(self) -> tuple[str, ...]:
        return tuple(one.fingerprint for one in self.spellings)

    def under(self, pepper_version: int) -> MachineDigests:
        """The digests under this pepper; the newest where it is no longer in use."""
        return next((one for one in self.spellings if one.pepper_version == pepper_version), self.newest)

    def asked(self, scope: ValidationScope, *, pepper_version: int | None = None) -> ValidationScope:
        """The question of this machine: components under the pepper of the row that they are compared with."""
        spelling = self.newest if pepper_version is None else self.under(pepper_version)
        return replace(
            scope,
            fingerprints=self.fingerprints,
            components=spelling.components or None,
            virtual_machine=self.virtual_machine,
            country=self.country or scope.country,
        )


def machine_digests(
    *, fingerprint: str, components: Mapping[str, str], peppers: Iterable[Pepper]
) -> tuple[MachineDigests, ...]:
    """The digests of a machine under each pepper, newest version first."""
    newest_first = sorted(peppers, key=lambda pepper: pepper.version, reverse=True)
    return tuple(
        MachineDigests(
            pepper_version=pepper.version,
            fingerprint=subject_digest(kind="fingerprint", value=fingerprint, pepper=pepper),
            components={
                name: subject_digest(kind="component", value=value, pepper=pepper) for name, value in components.items()
            },
        )
        for pepper in newest_first
    )

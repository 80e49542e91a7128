"""What a licence type may demand of machines, and what its limits allow on top."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from django.utils.translation import gettext as _

from kernel.errors import FieldError, InvalidInput
from licensing.models.strategies import (
    HEARTBEAT_CHOICES,
    LONGEST_HEARTBEAT,
    MATCHING_CHOICES,
    OVERAGE_CHOICES,
    RESURRECTION_CHOICES,
    SHORTEST_HEARTBEAT,
    UNIQUENESS_CHOICES,
    USUAL_HEARTBEAT,
    VIRTUAL_MACHINE_CHOICES,
)
from licensing.rules.allowances import OverageKind
from licensing.rules.machines import FingerprintMatching, HeartbeatRule, Resurrection, UniquenessScope

LONGEST_GRACE_HOURS = 24 * 366
MOST_TRANSFERS = 1_000_000
LARGEST_OVERAGE = 1_000_000
CHOICES = {
    "fingerprint_matching": MATCHING_CHOICES,
    "uniqueness_scope": UNIQUENESS_CHOICES,
    "heartbeat": HEARTBEAT_CHOICES,
    "resurrection": RESURRECTION_CHOICES,
    "virtual_machines": VIRTUAL_MACHINE_CHOICES,
    "overage": OVERAGE_CHOICES,
}


class MachineRulesInvalid(InvalidInput):
    """What the licence type demands of machines contradicts itself or is out of range."""

    code = "LICENSE_MACHINE_RULES_INVALID"


@dataclass(frozen=True, kw_only=True)
class MachineRules:
    """The columns of licensing.models.strategies.MachineStrategies, with their usual values."""

    fingerprint_matching: str = FingerprintMatching.ANY.value
    uniqueness_scope: str = UniquenessScope.LICENSE.value
    heartbeat: str = HeartbeatRule.OFF.value
    heartbeat_seconds: int = USUAL_HEARTBEAT
    resurrection: str = Resurrection.NEVER.value
    virtual_machines: str = "allowed"
    connectivity_grace_hours: int | None = None
    connectivity_fail_open: bool = False
    transfers_per_year: int | None = None
    overage: str = OverageKind.NONE.value
    overage_by: int = 0
    overage_until: datetime | None = None


MACHINE_RULES = tuple(field.name for field in fields(MachineRules))
"""The names of the columns, as every interface calls them."""


def check_machine_rules(*, rules: MachineRules) -> None:
    """Raises MachineRulesInvalid with every mistake."""
    mistakes = [*_choice_mistakes(rules), *_number_mistakes(rules), *_overage_mistakes(rules)]
    if rules.connectivity_fail_open and rules.connectivity_grace_hours is None:
        mistakes.append(FieldError("/connectivity_fail_open", _("State for how many hours a client may be away.")))
    if mistakes:
        raise MachineRulesInvalid(mistakes[0].message, errors=tuple(mistakes))


def _choice_mistakes(rules: MachineRules) -> Iterator[FieldError]:
    for name, choices in CHOICES.items():
        known = [value for value, _label in choices]
        if getattr(rules, name) not in known:
            yield FieldError(f"/{name}", _("One of these is needed: %(known)s.") % {"known": ", ".join(known)})


def _number_mistakes(rules: MachineRules) -> Iterator[FieldError]:
    ranges = {
        "heartbeat_seconds": (SHORTEST_HEARTBEAT, LONGEST_HEARTBEAT),
        "connectivity_grace_hours": (1, LONGEST_GRACE_HOURS),
        "transfers_per_year": (0, MOST_TRANSFERS),
        "overage_by": (0, LARGEST_OVERAGE),
    }
    for name, (least, most) in ranges.items():
        value = getattr(rules, name)
        if value is not None and not least <= value <= most:
            yield FieldError(
                f"/{name}",
                _("A whole number from %(least)d to %(most)d is needed.") % {"least": least, "most": most},
            )


def _overage_mistakes(rules: MachineRules) -> Iterator[FieldError]:
    if rules.overage == OverageKind.NONE:
        if rules.overage_by or rules.overage_until is not None:
            yield FieldError("/overage_by", _("Without overage there is neither an amount nor an end of it."))
    elif rules.overage_by < 1:
        yield FieldError("/overage_by", _("An overage is at least 1."))

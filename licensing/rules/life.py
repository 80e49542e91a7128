"""Which step a licence may take: draft → active → (grace) → over; active ⇄ suspended; active ⇄ paused; any → revoked.

That a term ends is nobody's step: the clock says so (licensing.rules.expiry).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from licensing.rules.facts import LicenseModel, LicenseStatus


class Step(StrEnum):
    """What somebody, or a task, does to a licence."""

    ACTIVATE = "activate"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    KEEP = "keep"
    RENEW = "renew"
    RESIZE = "resize"
    MARK_PAST_DUE = "mark_past_due"
    SETTLE = "settle"
    CONVERT = "convert"
    TRANSFER = "transfer"
    REVOKE = "revoke"


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Where a licence stands at one moment. `is_over`: term and grace are over; `has_end`: its end is known."""

    model: LicenseModel
    status: LicenseStatus
    is_paused: bool = False
    is_cancelled: bool = False
    is_past_due: bool = False
    has_end: bool = False
    is_over: bool = False


def _active(life: Life) -> bool:
    return life.status is LicenseStatus.ACTIVE


def _in_use(life: Life) -> bool:
    return life.status in {LicenseStatus.ACTIVE, LicenseStatus.SUSPENDED}


def _issued(life: Life) -> bool:
    return life.status is not LicenseStatus.REVOKED


def _renewable(life: Life) -> bool:
    stands = _active(life) and not life.is_paused and not life.is_cancelled
    return stands and life.has_end and life.model is not LicenseModel.TRIAL


STEPS: dict[Step, Callable[[Life], bool]] = {
    Step.ACTIVATE: lambda life: life.status is LicenseStatus.DRAFT,
    Step.SUSPEND: _active,
    Step.REINSTATE: lambda life: life.status is LicenseStatus.SUSPENDED and not life.is_past_due,
    Step.PAUSE: lambda life: _active(life) and not life.is_paused and not life.is_over,
    Step.RESUME: lambda life: _in_use(life) and life.is_paused,
    Step.CANCEL: lambda life: _in_use(life) and life.has_end and not life.is_cancelled and not life.is_over,
    Step.KEEP: lambda life: _in_use(life) and life.is_cancelled and not life.is_over,
    Step.RENEW: _renewable,
    Step.RESIZE: lambda life: _active(life) and not life.is_paused and not life.is_over,
    Step.MARK_PAST_DUE: lambda life: _active(life) and not life.is_past_due and life.model is not LicenseModel.TRIAL,
    Step.SETTLE: lambda life: _in_use(life) and life.is_past_due,
    Step.CONVERT: lambda life: _active(life) and life.model is LicenseModel.TRIAL and not life.is_paused,
    Step.TRANSFER: _issued,
    Step.REVOKE: _issued,
}


def may(step: Step, life: Life) -> bool:
    """Whether a licence that stands like this can take the step."""
    return STEPS[step](life)

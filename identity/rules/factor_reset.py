"""Who may take away the second factor that somebody else lost."""

from dataclasses import dataclass
from enum import StrEnum


class ResetCode(StrEnum):
    ALLOWED = "ALLOWED"
    OWN = "OWN"
    HEAD_ONLY = "HEAD_ONLY"
    SHARED = "SHARED"


@dataclass(frozen=True, kw_only=True)
class FactorReset:
    """Whose factor it is, and who asks.

    `by_operator`: a command on the server, where whoever runs the installation may do anything. `of_head` and `by_head`
    say who holds the role that answers for the organisation; `works_elsewhere`, that the account has a membership of
    another organisation, whatever its state in the directory there.
    """

    by_operator: bool
    is_own: bool
    of_head: bool
    by_head: bool
    works_elsewhere: bool


def may_reset(asked: FactorReset) -> ResetCode:
    """The first rule that the reset breaks, or ALLOWED.

    A second factor belongs to the account and protects it everywhere, so one organisation may take it away only from
    an account that works nowhere else. That covers platform operators: they work in the platform's organisation.
    """
    if asked.by_operator:
        return ResetCode.ALLOWED
    if asked.is_own:
        return ResetCode.OWN
    if asked.of_head and not asked.by_head:
        return ResetCode.HEAD_ONLY
    return ResetCode.SHARED if asked.works_elsewhere else ResetCode.ALLOWED

"""The transitions of a licence that need a reason, in words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from licensing.models import License
from licensing.operations import reinstate_license, revoke_license, suspend_license


@dataclass(frozen=True)
class Transition:
    """One operation with what its page says; `title` and `done` name the licence by `%(number)s`."""

    operation: Callable[..., License]
    title: Any
    explanation: Any
    submit: Any
    done: Any
    is_dangerous: bool = False


SUSPENDING = Transition(
    suspend_license,
    title=_("Suspend licence %(number)s"),
    explanation=_("Validation answers SUSPENDED until the licence is reinstated. Its term runs on meanwhile."),
    submit=_("Suspend the licence"),
    done=_("Licence %(number)s is suspended."),
    is_dangerous=True,
)
REINSTATING = Transition(
    reinstate_license,
    title=_("Reinstate licence %(number)s"),
    explanation=_("The licence validates again at once."),
    submit=_("Reinstate the licence"),
    done=_("Licence %(number)s is active again."),
)
REVOKING = Transition(
    revoke_license,
    title=_("Revoke licence %(number)s"),
    explanation=_("For good: validation answers REVOKED, and the units go back to the right that they came from."),
    submit=_("Revoke the licence"),
    done=_("Licence %(number)s is revoked."),
    is_dangerous=True,
)

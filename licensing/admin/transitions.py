"""The steps of a licence that need nothing but a reason, in words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel.trail import Trail
from licensing.models import License
from licensing.operations import (
    activate_license,
    cancel_license,
    convert_trial,
    keep_license,
    pause_license,
    record_renewal,
    reinstate_license,
    renew_license,
    resume_license,
    settle_payment,
    suspend_license,
)
from licensing.ports import bindings
from licensing.rules.life import Step

ISSUE = "licensing.license.issue"
SUSPEND = "licensing.license.suspend"


@dataclass(frozen=True)
class Transition:
    """One operation with what its page says; `title` and `done` name the licence by `%(number)s`. `step` judges
    whether the page of a licence offers it; `label` and `icon` are those of its button."""

    operation: Callable[..., object]
    step: Step
    needs: str
    label: Any
    icon: str
    title: Any
    explanation: Any
    submit: Any
    done: Any
    is_dangerous: bool = False


def ask_to_revoke(*, license_id: UUID, reason: str, trail: Trail) -> object:
    """Asks a second person; the operation itself takes the approval."""
    return bindings.ask_to_revoke(license=License.objects.get(id=license_id), reason=reason, trail=trail)


TRANSITIONS: dict[str, Transition] = {
    "activate": Transition(
        activate_license,
        Step.ACTIVATE,
        ISSUE,
        label=_("Put in force"),
        icon="player-play",
        title=_("Put licence %(number)s in force"),
        explanation=_("The licence validates from now on, and a term that counts from its creation begins now."),
        submit=_("Put the licence in force"),
        done=_("Licence %(number)s is in force."),
    ),
    "renew": Transition(
        renew_license,
        Step.RENEW,
        ISSUE,
        label=_("Renew"),
        icon="refresh",
        title=_("Renew licence %(number)s"),
        explanation=_(
            "The next term is added at once; where one was recorded and waits, that one is confirmed. It begins as the "
            "licence type says: at the end of the term before, not at the end of its grace."
        ),
        submit=_("Renew the licence"),
        done=_("Licence %(number)s is renewed."),
    ),
    "record_renewal": Transition(
        record_renewal,
        Step.RENEW,
        ISSUE,
        label=_("Record a renewal"),
        icon="calendar-event",
        title=_("Record a renewal of licence %(number)s"),
        explanation=_(
            "The renewal is noted and changes nothing yet: the licence keeps its rights until its grace ends. Renewing "
            "confirms it."
        ),
        submit=_("Record the renewal"),
        done=_("A renewal of licence %(number)s is recorded."),
    ),
    "convert": Transition(
        convert_trial,
        Step.CONVERT,
        ISSUE,
        label=_("Make it a paid licence"),
        icon="shopping-cart",
        title=_("Make trial %(number)s a paid licence"),
        explanation=_(
            "It becomes what its licence type names. A new term begins now; number, keys and history stay as they are."
        ),
        submit=_("Make it a paid licence"),
        done=_("Licence %(number)s is paid."),
    ),
    "reinstate": Transition(
        reinstate_license,
        Step.REINSTATE,
        SUSPEND,
        label=_("Reinstate"),
        icon="circle-check",
        title=_("Reinstate licence %(number)s"),
        explanation=_("The licence validates again at once."),
        submit=_("Reinstate the licence"),
        done=_("Licence %(number)s is active again."),
    ),
    "resume": Transition(
        resume_license,
        Step.RESUME,
        SUSPEND,
        label=_("End the pause"),
        icon="player-play",
        title=_("End the pause of licence %(number)s"),
        explanation=_("The licence validates again at once; what was to end ends later by the length of the pause."),
        submit=_("End the pause"),
        done=_("Licence %(number)s goes on."),
    ),
    "keep": Transition(
        keep_license,
        Step.KEEP,
        SUSPEND,
        label=_("Take the cancellation back"),
        icon="circle-check",
        title=_("Take the cancellation of licence %(number)s back"),
        explanation=_("The licence is as if it had never been cancelled: grace and renewal are as before."),
        submit=_("Take the cancellation back"),
        done=_("Licence %(number)s is not cancelled any more."),
    ),
    "settle": Transition(
        settle_payment,
        Step.SETTLE,
        SUSPEND,
        label=_("Payment has come"),
        icon="coin",
        title=_("Payment for licence %(number)s has come"),
        explanation=_("Dunning is over: features are back, and a licence that dunning suspended is active again."),
        submit=_("Record the payment"),
        done=_("Payment for licence %(number)s is settled."),
    ),
    "pause": Transition(
        pause_license,
        Step.PAUSE,
        SUSPEND,
        label=_("Pause"),
        icon="clock",
        title=_("Pause licence %(number)s"),
        explanation=_("Validation answers PAUSED, and term, grace and dunning stand still until the pause is ended."),
        submit=_("Pause the licence"),
        done=_("Licence %(number)s is paused."),
        is_dangerous=True,
    ),
    "suspend": Transition(
        suspend_license,
        Step.SUSPEND,
        SUSPEND,
        label=_("Suspend"),
        icon="ban",
        title=_("Suspend licence %(number)s"),
        explanation=_("Validation answers SUSPENDED until the licence is reinstated. Its term runs on meanwhile."),
        submit=_("Suspend the licence"),
        done=_("Licence %(number)s is suspended."),
        is_dangerous=True,
    ),
    "cancel": Transition(
        cancel_license,
        Step.CANCEL,
        SUSPEND,
        label=_("Cancel as of its end"),
        icon="calendar-due",
        title=_("Cancel licence %(number)s as of its end"),
        explanation=_(
            "The licence ends with its term, without grace, and is not renewed. Until then this can be taken back."
        ),
        submit=_("Cancel the licence"),
        done=_("Licence %(number)s is cancelled as of its end."),
        is_dangerous=True,
    ),
    "revoke": Transition(
        ask_to_revoke,
        Step.REVOKE,
        SUSPEND,
        label=_("Ask to revoke"),
        icon="circle-x",
        title=_("Ask to revoke licence %(number)s"),
        explanation=_(
            "Somebody else has to approve this. Then it is for good: validation answers REVOKED, and the units go back "
            "to the right that they came from."
        ),
        submit=_("Ask to revoke the licence"),
        done=_("Revoking licence %(number)s was asked for and waits for a second person."),
        is_dangerous=True,
    ),
}
"""Name of the page → the step, in the order in which the menu offers them."""

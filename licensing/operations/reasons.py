"""The reason that people state for what they do to something of others."""

from django.utils.translation import gettext as _

from kernel.errors import InvalidInput

LONGEST_REASON = 500


class StatedReasonMissing(InvalidInput):
    """Keys and certificates are withdrawn, and bought keys are shown, for a reason, which stays on record."""

    code = "LICENSING_REASON_REQUIRED"


def stated_reason(text: str, *, refusal: type[InvalidInput] = StatedReasonMissing) -> str:
    """The reason without white space round it. Raises `refusal` for none and beyond 500 characters."""
    reason = text.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise refusal(
            _("A reason of at most %(most)d characters is needed.") % {"most": LONGEST_REASON}, pointer="/reason"
        )
    return reason

"""Users whom a licence counts: those that live activations name, and whoever asks."""

from dataclasses import replace

from licensing.rules.allowances import Allowance
from licensing.rules.facts import LicenseFacts, ValidationScope


def user_seats_with(facts: LicenseFacts, scope: ValidationScope) -> Allowance | None:
    """The allowance of users with whoever asks: somebody who is not counted under any pepper in use is one more. Where
    nobody is counted by name, the number stands as it is."""
    allowance, seated = facts.user_seats, facts.seated_users
    if allowance is None or seated is None or scope.user is None:
        return allowance
    if not seated.isdisjoint(scope.spellings(scope.user)):
        return allowance
    return replace(allowance, used=allowance.used + 1)

"""Accounts with an authenticator app, enrolled by the operations as in production."""

from dataclasses import dataclass
from datetime import datetime

from identity.models import Account
from identity.one_time_codes import code_at
from identity.operations import enable_second_factor, pending_secret
from kernel.clock import DatabaseClock
from kernel.trail import Trail


@dataclass(frozen=True)
class App:
    """What the owner of the account has at hand: the app's secret and the recovery codes."""

    secret: bytes
    recovery: list[str]

    def code(self, at: datetime) -> str:
        return code_at(self.secret, at)


def enrolled(account: Account, trail: Trail) -> App:
    """Enrols the account. The code of this moment is used up; each recovery code opens one sign-in."""
    secret = pending_secret(account=account, clock=DatabaseClock())
    code = code_at(secret, DatabaseClock().now())
    return App(secret, enable_second_factor(account=account, code=code, trail=trail))

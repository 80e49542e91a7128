"""Password sign-in. Roles are not looked up here: the middleware builds the principal per request."""

from typing import Any
from uuid import UUID

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from identity.models import Account


class PasswordBackend(BaseBackend):
    """E-mail and password; an unknown address costs as much time as a known one."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> Account | None:
        if username is None or password is None:
            return None
        account = Account.objects.filter(email_lower=username.strip().lower()).first()
        if account is None:
            Account().set_password(password)
            return None
        return account if account.check_password(password) and account.is_active else None

    def get_user(self, user_id: UUID) -> Account | None:
        return Account.objects.filter(pk=user_id, is_active=True).first()

"""Browser sessions in the database, under digests of their keys: a copy of the database opens nobody's session."""

import hashlib
from typing import Any

from django.contrib.sessions.backends import db

from identity.operations import move_session
from kernel.clock import SystemClock

LENGTH = 40
"""What Django's column takes: 160 bits of the digest in hexadecimal."""


def stored_key(session_key: str) -> str:
    """The primary key under which a session rests. Session keys are random, so the digest needs no salt."""
    return hashlib.sha256(session_key.encode()).hexdigest()[:LENGTH]


class SessionStore(db.SessionStore):
    """Django's own store; the cookie has the key, the table its digest. A new key takes the account's session along."""

    def _get_session_from_db(self) -> Any:
        row = self.model.objects.filter(
            session_key=stored_key(self.session_key or ""), expire_date__gt=SystemClock().now()
        ).first()
        if row is None:
            self._session_key = None
        return row

    def exists(self, session_key: str) -> bool:
        return super().exists(stored_key(session_key))

    def create_model_instance(self, data: Any) -> Any:
        row = super().create_model_instance(data)
        row.session_key = stored_key(row.session_key)
        return row

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            super().delete(stored_key(key))

    def cycle_key(self) -> None:
        before = self.session_key
        super().cycle_key()
        if before is not None:
            move_session(before=stored_key(before), after=stored_key(str(self.session_key)))

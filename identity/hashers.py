"""A fast digest for secrets that this product draws itself."""

import hashlib
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _


class DrawnSecretHasher(BasePasswordHasher):
    """Salted SHA-256, once. A secret of 128 random characters cannot be guessed, so that a slow digest would protect
    nothing and make every token request expensive. Never the first of PASSWORD_HASHERS: passwords can be guessed."""

    algorithm = "drawn-secret"

    def encode(self, password: str, salt: str) -> str:
        digest = hashlib.sha256(f"{salt}:{password}".encode()).hexdigest()
        return f"{self.algorithm}${salt}${digest}"

    def decode(self, encoded: str) -> dict[str, Any]:
        algorithm, salt, digest = encoded.split("$", 2)
        return {"algorithm": algorithm, "salt": salt, "hash": digest}

    def verify(self, password: str, encoded: str) -> bool:
        return constant_time_compare(encoded, self.encode(password, self.decode(encoded)["salt"]))

    def safe_summary(self, encoded: str) -> Any:
        return {_("algorithm"): self.algorithm}

    def harden_runtime(self, password: str, encoded: str) -> None:
        """There is one round; nothing to make up for."""

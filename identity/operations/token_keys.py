"""Drawing and changing the key that signs access tokens."""

from django.db import IntegrityError, transaction
from joserfc.jwk import RSAKey

from identity.models import TokenSigningKey
from identity.queries.token_keys import sealed_at, signing_key
from identity.rules.access_tokens import ALGORITHM
from kernel.ids import new_id
from kernel.trail import Trail
from kernel.vault import vault

BITS = 2048


def ensure_token_key(*, trail: Trail) -> TokenSigningKey:
    """The key that signs, drawn now when there is none. Of two processes that draw at once one succeeds, the constraint
    decides, and the other takes its key."""
    found = signing_key()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return _draw(trail)
    except IntegrityError:
        return TokenSigningKey.objects.get(algorithm=ALGORITHM, retired_at__isnull=True)


def rotate_token_key(*, trail: Trail) -> TokenSigningKey:
    """A new key signs from now on; tokens of the old one stay valid to their end, five minutes at most."""
    old = TokenSigningKey.objects.select_for_update().filter(algorithm=ALGORITHM, retired_at__isnull=True).first()
    if old is not None:
        old.retired_at = trail.clock.now()
        old.save(update_fields=["retired_at"])
        trail.record("signing_key.retired", subject=old, details={"kid": str(old.id), "use": "access tokens"})
    return _draw(trail)


def _draw(trail: Trail) -> TokenSigningKey:
    kid = new_id()
    key = RSAKey.generate_key(BITS, {"kid": str(kid), "use": "sig", "alg": ALGORITHM}, private=True)
    row = TokenSigningKey.objects.create(
        id=kid,
        algorithm=ALGORITHM,
        public=key.as_dict(private=False),
        sealed_private=vault().encrypt(key.as_pem(private=True), aad=sealed_at(kid)),
        created_at=trail.clock.now(),
    )
    trail.record("signing_key.created", subject=row, details={"kid": str(kid), "use": "access tokens"})
    return row

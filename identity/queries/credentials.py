"""From a credential to the organisation that issued it, before any organisation is known."""

import hashlib

from django.db.models import Exists, OuterRef, Q

from identity.models import CredentialRoute, Organization


def issuer_of_credential(kind: str, *digests: bytes) -> Organization | None:
    """The organisation that issued a credential; for one that nobody issued the platform's, which answers instead.

    Several digests are those of one credential under several peppers. One query either way, so that an answer's time
    does not tell whether the credential exists. None where no platform organisation was created.
    """
    issued = CredentialRoute.objects.filter(kind=kind, digest__in=digests, organization=OuterRef("id"))
    rows = Organization.objects.annotate(issued=Exists(issued)).filter(Q(issued=True) | Q(kind="platform"))
    return rows.order_by("-issued").first()


def credential_digest(secret: str) -> bytes:
    """For credentials of full entropy (tokens); licence keys have a keyed digest of their own."""
    return hashlib.sha256(secret.encode()).digest()

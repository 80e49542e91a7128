"""`GET /.well-known/audit-keys.json?organization=<short name or id>`: where an auditor confirms a ledger's key."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.models import SigningKey
from audit.queries import chain_origin, published_keys
from audit.rules.note import VerifierKey, fingerprint, format_verifier_key
from kernel.errors import NotFound
from kernel.rest.problems import PROBLEM, problem_body
from kernel.scope import scope

CACHED_SECONDS = 300


class Named(Protocol):
    """An organisation, as far as this address shows it."""

    @property
    def id(self) -> UUID: ...
    @property
    def slug(self) -> str: ...


def audit_keys(organization_named: Callable[[str], Named | None]) -> Callable[[HttpRequest], JsonResponse]:
    """The view over a look-up by short name or id, which identity owns; no name asks for the platform's ledger.

    Each key with its verifier key (C2SP signed note) and with the fingerprint that a package prints on its cover.
    """

    @require_safe
    def published(request: HttpRequest) -> JsonResponse:
        organization = organization_named(request.GET.get("organization", ""))
        if organization is None:
            refusal = NotFound(_("No organisation of this name publishes keys here."), pointer="/query/organization")
            return JsonResponse(problem_body(refusal), status=refusal.status, content_type=PROBLEM)
        with scope(organization.id):
            keys = [_key(row) for row in published_keys()]
        body = {"organization": organization.slug, "origin": chain_origin(organization.id), "keys": keys}
        return JsonResponse(body, headers={"Cache-Control": f"public, max-age={CACHED_SECONDS}"})

    return published


def _key(row: SigningKey) -> dict[str, str | None]:
    key = VerifierKey(name=row.name, public=bytes(row.public))
    return {
        "verifier_key": format_verifier_key(key),
        "fingerprint": fingerprint(key.public),
        "created_at": row.created_at.isoformat(),
        "retired_at": row.retired_at.isoformat() if row.retired_at else None,
    }

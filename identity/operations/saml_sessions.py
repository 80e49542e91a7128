"""Sessions that an identity provider vouches for: noted, and ended when it says so."""

from uuid import UUID

from django.db.models import QuerySet

from identity.models import Purpose, SamlConnection, SamlLink, SamlPendingRequest, SamlSession
from identity.operations.saml_requests import begin_request, keep_answer
from kernel.trail import Trail


def note_session(*, link: SamlLink, session_index: str, trail: Trail) -> SamlSession:
    """The row that a browser session shall name, so that the provider may end it from now on."""
    return SamlSession.objects.create(
        organization_id=trail.organization_id,
        link=link,
        session_index=session_index,
        started_at=trail.clock.now(),
    )


def end_named_sessions(*, connection: SamlConnection, name_id: str, session_indexes: list[str], trail: Trail) -> int:
    """Signs somebody out everywhere, or in the sessions that the provider names; returns how many sessions ended."""
    rows = SamlSession.objects.filter(link__connection=connection, link__name_id=name_id, ended_at__isnull=True)
    ended = _end(rows.filter(session_index__in=session_indexes) if session_indexes else rows, trail)
    trail.record("saml.signed_out", subject=connection, details={"sessions": ended})
    return ended


def end_sessions_of(*, connection: SamlConnection, trail: Trail) -> int:
    """Ends every session that the connection vouched for."""
    return _end(SamlSession.objects.filter(link__connection=connection, ended_at__isnull=True), trail)


def leave(*, session_id: UUID, nonce: str, trail: Trail) -> SamlPendingRequest | None:
    """Notes that somebody signs out here; the request that tells the provider, where it wants to be told."""
    row = SamlSession.objects.select_related("link__connection").filter(id=session_id, ended_at__isnull=True).first()
    if row is None:
        return None
    row.ended_at = trail.clock.now()
    row.save(update_fields=["ended_at"])
    connection = row.link.connection
    if not connection.slo_url:
        return None
    request = begin_request(connection=connection, purpose=Purpose.SIGN_OUT, nonce=nonce, target="", trail=trail)
    keep_answer(request=request, answer={"name_id": row.link.name_id, "session_index": row.session_index}, trail=trail)
    return request


def _end(rows: QuerySet[SamlSession], trail: Trail) -> int:
    found = list(rows)
    for row in found:
        row.ended_at = trail.clock.now()
    SamlSession.objects.bulk_update(found, ["ended_at"])
    return len(found)

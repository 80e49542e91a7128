"""Kept answers, in the shape that kernel.rest asks for."""

import json
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from jobs.operations.idempotency import keep_answer, kept_answer
from kernel.trail import Trail

ALREADY_SHOWN = "SECRET_ALREADY_SHOWN"


class KeptAnswers:
    """Implements kernel.rest.IdempotencyStore on the table jobs_idempotency_key."""

    def kept(self, *, key: str, request_digest: bytes, trail: Trail) -> Response | None:
        """The first answer again; a secret that it carried is null now, with the code that says why."""
        answer = kept_answer(key=key, request_digest=request_digest, trail=trail)
        if answer is None:
            return None
        body = {**answer.answer, "code": ALREADY_SHOWN} if answer.had_secret else answer.answer
        return Response(body, status=answer.status, headers={"Idempotent-Replayed": "true"})

    def keep(
        self, *, key: str, request_digest: bytes, response: Response, secret_fields: tuple[str, ...], trail: Trail
    ) -> None:
        # As it is sent: serialised data still holds ids and times as objects, which a JSON column cannot keep.
        body: Any = json.loads(JSONRenderer().render(response.data))
        secrets = [name for name in secret_fields if isinstance(body, dict) and name in body]
        if secrets:
            body = {**body, **dict.fromkeys(secrets)}
        keep_answer(
            key=key,
            request_digest=request_digest,
            status=response.status_code,
            answer=body,
            had_secret=bool(secrets),
            trail=trail,
        )

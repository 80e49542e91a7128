"""The body of a refusal (RFC 7644 §3.12), without the library of schemas, which takes a second to load: the pages for
errors of the whole site need this."""

from dataclasses import dataclass

import orjson
from django.http import HttpResponse
from django_scim import constants


@dataclass(frozen=True)
class Problem:
    """A refusal in the three words that SCIM has for it."""

    status: int
    scim_type: str
    detail: str

    @property
    def body(self) -> dict[str, object]:
        """`status` is a text, as the standard wants it; `scimType` only where there is one."""
        typed = {"scimType": self.scim_type} if self.scim_type else {}
        return {"schemas": [constants.SchemaURI.ERROR], "status": str(self.status), **typed, "detail": self.detail}


def json_response(body: object, *, status: int = 200) -> HttpResponse:
    return HttpResponse(orjson.dumps(body), status=status, content_type=constants.SCIM_CONTENT_TYPE)

"""A directory service as the tests play it: a tenant with a token, and requests as JSON."""

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client

from identity.operations.provisioning import create_scim_token
from tests.factories.tenants import Tenant, tenant

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


@dataclass(frozen=True)
class Service:
    """Sends requests with a token of one tenant."""

    tenant: Tenant
    token: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return Client(HTTP_HOST="127.0.0.1").generic(
            method,
            f"/scim/v2/{path}",
            data,
            content_type="application/scim+json",
            headers={"authorization": f"Bearer {self.token}", **headers},
        )

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any) -> Any:
        return self.send("POST", path, body)

    def user(self, user_name: str, **attributes: Any) -> dict[str, Any]:
        """A new person, as it was answered."""
        answer = self.post("Users", {"schemas": [USER], "userName": user_name, **attributes})
        assert answer.status_code == 201, answer.content
        made: dict[str, Any] = answer.json()
        return made

    def group(self, name: str, *members: str) -> dict[str, Any]:
        answer = self.post(
            "Groups", {"schemas": [GROUP], "displayName": name, "members": [{"value": one} for one in members]}
        )
        assert answer.status_code == 201, answer.content
        made: dict[str, Any] = answer.json()
        return made

    def patch(self, path: str, *operations: dict[str, Any], **headers: str) -> Any:
        return self.send("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)}, **headers)


def service(one: Tenant | None = None, name: str = "Directory") -> Service:
    one = one or tenant()
    with one.writing() as trail:
        issued = create_scim_token(name=name, trail=trail)
    return Service(one, issued.token)


def error(answer: Any, status: int, scim_type: str = "") -> None:
    """The answer is a SCIM error with this status, as text, and type."""
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert answer["Content-Type"] == "application/scim+json"
    assert body["schemas"] == [ERROR]
    assert body["status"] == str(status)
    assert body.get("scimType", "") == scim_type

"""API clients made by their operation, and requests to the authorisation server."""

import base64
import hashlib
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

from identity.models import ClientKind, GrantKind
from identity.operations import IssuedClient, NewApiClient, create_api_client
from tests.factories.tenants import Tenant

TOKEN = "/oauth/token/"
AUTHORIZE = "/oauth/authorize/"
CALLBACK = "https://app.example.org/callback?from=seatledger"
VERIFIER = "v" * 60
READ_PEOPLE = ("people:read", "organization:read")
_next = count(1)


def program(**columns: Any) -> Client:
    """A client without cookies and without a CSRF token, as programs are."""
    return Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True, **columns)


def own_client(one: Tenant, *scopes: str, roles: tuple[str, ...] = ("it_admin",), **more: Any) -> IssuedClient:
    """A client that acts in its own name."""
    wanted = NewApiClient(name=f"Client {next(_next)}", scopes=scopes or READ_PEOPLE, roles=roles, **more)
    with one.writing() as trail:
        return create_api_client(client=wanted, trail=trail)


def app_client(one: Tenant, *scopes: str, client_type: str = ClientKind.CONFIDENTIAL, **more: Any) -> IssuedClient:
    """A client that acts for accounts."""
    wanted = NewApiClient(
        name=f"App {next(_next)}",
        scopes=scopes or READ_PEOPLE,
        grant=GrantKind.FOR_ACCOUNTS,
        client_type=client_type,
        redirect_uris=more.pop("redirect_uris", (CALLBACK,)),
        **more,
    )
    with one.writing() as trail:
        return create_api_client(client=wanted, trail=trail)


def basic(issued: IssuedClient, secret: str = "") -> dict[str, Any]:
    pair = f"{issued.row.client_id}:{secret or issued.secret}"
    return {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(pair.encode()).decode()}


def asked(issued: IssuedClient, **form: Any) -> Any:
    """The answer of the token endpoint to a client that proves itself by its secret."""
    return post(TOKEN, {"grant_type": "client_credentials", **form}, **basic(issued))


def post(address: str, form: dict[str, Any], **headers: Any) -> Any:
    return program().post(
        address, urlencode(form, doseq=True), content_type="application/x-www-form-urlencoded", **headers
    )


def token_of(issued: IssuedClient, **form: Any) -> str:
    answer = asked(issued, **form)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


def bearer(token: str) -> Client:
    return program(HTTP_AUTHORIZATION=f"Bearer {token}")


def challenge(verifier: str = VERIFIER) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def authorization(issued: IssuedClient, **parameters: Any) -> str:
    """The address to which an application sends somebody; a parameter that is None is left out."""
    wanted = {
        "response_type": "code",
        "client_id": issued.row.client_id,
        "redirect_uri": CALLBACK,
        "scope": "people:read",
        "state": "a state",
        "code_challenge": challenge(),
        "code_challenge_method": "S256",
        **parameters,
    }
    given = {name: value for name, value in wanted.items() if value is not None}
    return f"{AUTHORIZE}?{urlencode(given, doseq=True)}"


def returned(answer: Any) -> dict[str, str]:
    """What came back to the application with a redirect."""
    assert answer.status_code == 302, answer.content
    return {name: values[0] for name, values in parse_qs(urlsplit(answer["Location"]).query).items()}


def code_for(browser: Client, issued: IssuedClient, **parameters: Any) -> str:
    """The code that somebody's agreement in this browser brought."""
    return returned(browser.post(authorization(issued, **parameters), {"decision": "allow"}))["code"]


def exchanged(issued: IssuedClient, code: str, **form: Any) -> Any:
    """The answer of the token endpoint to a code."""
    wanted = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
        **form,
    }
    if issued.secret:
        return post(TOKEN, wanted, **basic(issued))
    return post(TOKEN, {**wanted, "client_id": issued.row.client_id})

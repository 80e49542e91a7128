"""What clients read before they begin: RFC 8414, RFC 9728 and the key set, complete and true."""

from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import resolve
from joserfc.jwk import KeySet
from oauth2_provider.settings import DEFAULTS, oauth2_settings

from identity.rules.scopes import SCOPES
from tests.factories.oauth import own_client, program, token_of
from tests.factories.tenants import tenant

pytestmark = pytest.mark.django_db
SERVER = "/.well-known/oauth-authorization-server"
RESOURCE = "/.well-known/oauth-protected-resource"
REQUIRED_OF_SERVERS = {"issuer", "response_types_supported", "authorization_endpoint", "token_endpoint"}
"""RFC 8414 §2: REQUIRED, the two endpoints because grants need them."""
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}


def document(address: str):
    answer = program().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    return answer.json()


def test_the_server_says_what_it_does():
    """All required members; the issuer is the address without the suffix; nothing is announced that is not there."""
    found = document(SERVER)
    assert set(found) >= REQUIRED_OF_SERVERS
    assert found["issuer"] == settings.BASE_URL
    assert found["response_types_supported"] == ["code"]
    assert set(found["grant_types_supported"]) == {"authorization_code", "client_credentials", "refresh_token"}
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found["scopes_supported"] == list(SCOPES)
    assert not [name for name, value in found.items() if value in ([], "", None)]
    for name, address in found.items():
        if name.endswith(("_endpoint", "_uri")):
            assert address.startswith(settings.BASE_URL + "/")
            assert resolve(urlsplit(address).path).view_name


def test_addresses_do_not_follow_the_host_header():
    """They come from the settings: a forged Host leads nobody astray."""
    answer = program().get(SERVER, HTTP_HOST="evil.example.org")
    assert (answer.status_code, b"evil" in answer.content) == (400, False)
    forwarded = program().get(SERVER, HTTP_X_FORWARDED_HOST="evil.example.org", HTTP_FORWARDED="host=evil.example.org")
    assert forwarded.json() == document(SERVER)


@pytest.mark.parametrize("place", ["api", "graphql", "scim"])
def test_each_resource_says_whose_tokens_it_takes(place):
    """RFC 9728: `resource` is the identifier into whose address the suffix was put; the server lists it too."""
    found = document(f"{RESOURCE}/{place}")
    assert found["resource"] == f"{settings.BASE_URL}/{place}"
    assert found["authorization_servers"] == [document(SERVER)["issuer"]]
    assert found["bearer_methods_supported"] == ["header"]
    assert set(found["scopes_supported"]) <= set(SCOPES)
    assert found["resource"] in document(SERVER)["protected_resources"]


def test_without_a_name_it_is_the_site():
    """RFC 9728 §3.3: the address without a path belongs to the identifier without one, or clients throw it away."""
    found = document(RESOURCE)
    assert found["resource"] == settings.BASE_URL
    assert {**found, "resource": "", "resource_name": ""} == {
        **document(f"{RESOURCE}/api"),
        "resource": "",
        "resource_name": "",
    }
    assert program().get(f"{RESOURCE}/elsewhere").status_code == 404


def test_the_key_set_holds_public_halves_alone():
    """RFC 7517; empty before the first token, afterwards one key with kid, use and alg."""
    assert document("/.well-known/jwks.json") == {"keys": []}
    token_of(own_client(tenant()))
    found = document("/.well-known/jwks.json")
    [key] = found["keys"]
    assert (key["kty"], key["use"], key["alg"], len(key["kid"])) == ("RSA", "sig", "RS256", 36)
    assert not PRIVATE & set(key)
    assert KeySet.import_key_set(found).keys


def test_every_gate_of_best_practice_is_closed():
    """All COMPLIANT_BCP_RFC9700_* of the installed toolkit are on, and its own deployment checks find nothing."""
    gates = [name for name in DEFAULTS if name.startswith("COMPLIANT_BCP_RFC9700_")]
    assert len(gates) >= 10
    assert not [name for name in gates if getattr(oauth2_settings, name) is not True]
    call_command("check", "--deploy", "--tag", "security", "--fail-level", "ERROR")

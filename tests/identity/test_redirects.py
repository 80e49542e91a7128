"""Where a code may be sent: https addresses, and for native applications the machine they run on."""

from io import StringIO

import pytest
from django.core.management import call_command

from identity.models import ApiClient, ClientKind
from identity.operations.api_clients import RedirectAddressInvalid
from identity.rules.redirects import is_loopback, redirect_allowed
from tests.factories.oauth import app_client, authorization, code_for, exchanged, returned
from tests.factories.tenants import Tenant, signed_in, tenant

pytestmark = pytest.mark.django_db
NATIVE = "http://127.0.0.1/callback"
NATIVE_6 = "http://[::1]/callback"


@pytest.fixture
def one() -> Tenant:
    return tenant()


@pytest.mark.parametrize(
    ("asked", "allowed"),
    [
        ("http://127.0.0.1/callback", True),
        ("http://127.0.0.1:51004/callback", True),
        ("http://127.0.0.1:65535/callback", True),
        ("http://[::1]:51004/callback", True),
        ("http://127.0.0.1:0/callback", False),
        ("http://127.0.0.1:65536/callback", False),
        ("http://127.0.0.1:051004/callback", False),
        ("http://127.0.0.1:/callback", False),
        ("http://127.0.0.1:51004/other", False),
        ("http://127.0.0.1:51004/callback/", False),
        ("http://127.0.0.1:51004/callback?x=1", False),
        ("http://127.0.0.1:51004/callback#x", False),
        ("http://127.0.0.1.example.org/callback", False),
        ("http://127.0.0.1@example.org/callback", False),
        ("http://user@127.0.0.1/callback", False),
        ("http://127.0.0.1:51004\\@example.org/callback", False),
        ("http://127.0.0.2/callback", False),
        ("http://localhost:51004/callback", False),
        ("http://2130706433/callback", False),
        ("http://[::ffff:127.0.0.1]/callback", False),
        ("https://127.0.0.1:51004/callback", False),
        ("HTTP://127.0.0.1/callback", False),
        ("http://127.0.0.1:51004/call\nback", False),
        ("https://app.example.org/callback", True),
        ("https://app.example.org:444/callback", False),
        ("https://app.example.org/callback/", False),
    ],
)
def test_the_port_alone_may_differ(asked, allowed):
    """RFC 8252 §7.3: of a loopback address by number any port; everything else is compared sign by sign."""
    assert redirect_allowed(asked, [NATIVE, NATIVE_6, "https://app.example.org/callback"]) is allowed


@pytest.mark.parametrize("registered", [NATIVE, NATIVE_6, "http://127.0.0.1:7777/callback", "http://127.0.0.1"])
def test_loopback_addresses_are_known(registered):
    """By number, with a port or without."""
    assert is_loopback(registered)


@pytest.mark.parametrize(("registered", "port"), [(NATIVE, "127.0.0.1:51004"), (NATIVE_6, "[::1]:7777")])
def test_a_native_application_gets_its_code_at_the_port_it_chose(one, registered, port):
    """The browser may send the form there, the code comes, and with PKCE and without a secret it brings a token."""
    client = app_client(one, client_type=ClientKind.PUBLIC, redirect_uris=(registered,))
    address = f"http://{port}/callback"
    browser = signed_in(one, "it_admin")
    page = browser.get(authorization(client, redirect_uri=address))
    assert page.status_code == 200, page.content
    assert f"form-action 'self' http://{port}" in page["Content-Security-Policy"]
    answer = browser.post(authorization(client, redirect_uri=address), {"decision": "allow"})
    assert answer["Location"].startswith(f"{address}?")
    assert set(returned(answer)) == {"code", "state", "iss"}
    code = code_for(browser, client, redirect_uri=address)
    # The token endpoint wants the very address of the request, port and all (RFC 6749 §4.1.3).
    assert exchanged(client, code, redirect_uri=registered).status_code == 400
    code = code_for(browser, client, redirect_uri=address)
    assert exchanged(client, code, redirect_uri=address, code_verifier="w" * 60).status_code == 400
    code = code_for(browser, client, redirect_uri=address)
    assert exchanged(client, code, redirect_uri=address).status_code == 200


def test_another_path_gets_no_code(one):
    """Nothing is sent to an address that was not registered: the page says so here."""
    client = app_client(one, client_type=ClientKind.PUBLIC, redirect_uris=(NATIVE,))
    browser = signed_in(one, "it_admin")
    answer = browser.get(authorization(client, redirect_uri="http://127.0.0.1:51004/else"))
    assert answer.status_code == 400
    assert "Location" not in answer


@pytest.mark.parametrize("address", [NATIVE, "http://localhost/callback", "http://10.0.0.1/callback"])
def test_a_server_has_no_loopback_address(one, address):
    """Who keeps a secret is no program on somebody's desk; and no other address goes without TLS."""
    with pytest.raises(RedirectAddressInvalid):
        app_client(one, redirect_uris=(address,))


@pytest.mark.parametrize("address", ["http://localhost/callback", "http://127.0.0.1/#x", "http://127.0.0.1:99999/"])
def test_a_native_application_names_the_machine_by_number(one, address):
    """A name could lead elsewhere, a fragment nowhere (RFC 8252 §8.3)."""
    with pytest.raises(RedirectAddressInvalid):
        app_client(one, client_type=ClientKind.PUBLIC, redirect_uris=(address,))


def test_page_rest_and_command_take_loopback_addresses(one):
    """The same rule wherever a client is made; the command prints no secret where there is none."""
    browser = signed_in(one, "owner")
    given = {"grant": "authorization-code", "client_type": "public", "scopes": ["people:read"]}
    page = browser.post(
        "/organization/api-clients/new/", {**given, "name": "Desk", "days": "90", "redirect_uris": NATIVE}
    )
    assert page.status_code == 200
    body = {**given, "name": "Shell", "redirect_uris": [NATIVE, NATIVE_6]}
    assert browser.post("/api/v1/api-clients/", body, content_type="application/json").status_code == 201
    out = StringIO()
    call_command(
        "api_client",
        organization=one.organization.slug,
        name="Script",
        scopes=["people:read"],
        redirect_uris=[NATIVE],
        public=True,
        stdout=out,
        stderr=StringIO(),
    )
    assert "client_secret" not in out.getvalue()
    with one.reading():
        assert {row.redirect_uris for row in ApiClient.objects.all()} == {NATIVE, f"{NATIVE} {NATIVE_6}"}

"""A whole log-in and log-out against pysaml2, an identity provider of another house in a process of its own."""

import html
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode, urljoin

import pytest
from django.test import override_settings

from audit.queries import events
from identity.idp_metadata import read_metadata
from identity.models import Account, Membership, SamlConnection
from identity.operations.email_domains import claim_domain, prove_domain
from identity.operations.saml_connections import (
    Treatment,
    activate_connection,
    change_treatment,
    create_connection,
    describe_provider,
)
from tests.factories.tenants import Tenant, tenant
from tests.identity.saml.provider import started_provider

OWN = "/api/v1/organizations/"
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
FIELD = re.compile(r'name="(SAMLResponse|RelayState)"\s+value="([^"]*)"')


@dataclass
class Answer:
    status: int
    url: str
    text: str


class Browser:
    """Follows redirections across both servers and keeps cookies, as a browser does."""

    def __init__(self) -> None:
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def open(self, url: str, fields: dict[str, str] | None = None) -> Answer:
        data = urlencode(fields).encode() if fields is not None else None
        try:
            with self.opener.open(url, data, timeout=30) as answer:
                return Answer(answer.status, answer.url, answer.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.url or "", error.read().decode())

    def submit(self, page: Answer) -> Answer:
        """Posts the form of the provider's page, as its script does."""
        action = re.search(r'action="([^"]+)"', page.text)
        assert action, page.text
        return self.open(html.unescape(action[1]), {name: html.unescape(one) for name, one in FIELD.findall(page.text)})


@dataclass
class World:
    tenant: Tenant
    connection: SamlConnection
    base: str
    provider: str

    @property
    def saml(self) -> str:
        return f"{self.base}/saml/{self.connection.public_id}"


@pytest.fixture(scope="module")
def world(site: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Our server and the provider's process, introduced to each other by their metadata files alone."""
    folder = tmp_path_factory.mktemp("idp")
    with override_settings(BASE_URL=site), ExitStack() as ended:
        yield _introduced(site, folder, ended)


def _introduced(base: str, folder: Path, ended: ExitStack) -> World:
    one = tenant()
    with one.writing() as trail:
        connection = create_connection(name="pysaml2", trail=trail)
        domain = claim_domain(domain="a.example.org", trail=trail)
        prove_domain(domain=domain, texts=[domain.token], trail=trail)
    (folder / "sp.xml").write_text(Browser().open(f"{base}/saml/{connection.public_id}/metadata/").text)
    provider = started_provider(folder, ended)
    described = read_metadata(Browser().open(f"{provider}/metadata").text.encode())
    treatment = Treatment(attribute_map={}, default_role="viewer", creates_people=True, allows_idp_initiated=False)
    with one.writing() as trail:
        describe_provider(connection=connection, provider=described, trail=trail)
        change_treatment(connection=connection, treatment=treatment, trail=trail)
        activate_connection(connection=connection, trail=trail)
    return World(one, connection, base, provider)


def _signed_in(world: World) -> Browser:
    browser = Browser()
    page = browser.open(f"{world.saml}/sign-in/")
    assert page.url.startswith(f"{world.provider}/sso"), page
    assert browser.submit(page).status == 200
    assert browser.open(urljoin(world.base, OWN)).status == 200
    return browser


def test_log_in_by_pysaml2(world):
    """Our signed request is accepted there, its signed answer here; Kim is added with address, name and role."""
    _signed_in(world)
    account = Account.objects.get(email_lower="kim@a.example.org")
    with world.tenant.reading():
        row = Membership.objects.select_related("person").get(account=account)
        assert row.person is not None
        assert (row.roles, row.person.given_name, row.person.user_name) == (["viewer"], "Kim", "kim")


def test_log_out_here_and_there(world):
    """Our sign-out leads to the provider with a signed request, and its signed answer back to a page that says so."""
    browser = _signed_in(world)
    token = TOKEN.search(browser.open(f"{world.base}/").text)
    assert token
    page = browser.open(f"{world.base}/accounts/sign-out/", {"csrfmiddlewaretoken": token[1]})
    onward = re.search(r'href="(/saml/[^"]+)"', page.text)
    assert onward, page.text
    end = browser.open(urljoin(world.base, html.unescape(onward[1])))
    assert (end.status, end.url.startswith(f"{world.saml}/slo/?SAMLResponse=")) == (200, True)
    assert browser.open(urljoin(world.base, OWN)).status == 401


def test_log_out_there_and_here(world):
    """A signed request of the provider ends the session here, and the provider gets a signed answer."""
    browser = _signed_in(world)
    end = browser.open(f"{world.provider}/leave")
    assert end.url.startswith(f"{world.provider}/slo?SAMLResponse="), end
    assert (end.status, "left" in end.text) == (200, True)
    assert browser.open(urljoin(world.base, OWN)).status == 401


def test_an_answer_of_pysaml2_cannot_be_used_twice(world):
    """The second post of the same form is refused, and the ledger says why."""
    browser = Browser()
    page = browser.open(f"{world.saml}/sign-in/")
    assert browser.submit(page).status == 200
    assert browser.submit(page).status == 403
    with world.tenant.reading():
        assert [event.kind for event in events()][-1] == "saml.refused"

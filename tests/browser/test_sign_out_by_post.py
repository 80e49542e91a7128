"""Single log-out by POST in a real browser: the page in between leads on by itself, and to the provider alone."""

import pytest
from django.test import Client, override_settings
from playwright.sync_api import Page, Route

from identity.models import SamlConnection
from identity.queries.single_sign_on import addresses_of
from tests.browser.conftest import Watch
from tests.factories.tenants import tenant
from tests.identity.saml.forge import SLO, Trial, connected, packed
from tests.identity.saml.leaving import request, signed_inside

SEND = """([address, message]) => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: address});
  form.append(Object.assign(document.createElement("input"), {name: "SAMLRequest", value: message}));
  document.body.append(form);
  form.submit();
}"""


@pytest.fixture
def message(committed_db, site: str) -> tuple[str, str]:
    """The address of our single log-out and a signed request for it, of a provider that takes answers by POST."""
    one = tenant()
    with override_settings(BASE_URL=site):
        connection = connected(one)
        with one.writing():
            SamlConnection.objects.update(slo_binding="post")
        addresses = addresses_of(connection)
    attempt = Trial(one, connection, Client(), addresses, "", "")
    return addresses.slo_url, packed(signed_inside(request(attempt)))


def test_the_answer_is_posted_on_by_the_page_itself(page: Page, site: str, watch: Watch, message: tuple[str, str]):
    """Under the strict content security policy the form goes to the provider; without scripts there is a button."""
    posted: list[str] = []

    def answered(route: Route) -> None:
        posted.append(route.request.post_data or "")
        route.fulfill(status=200, content_type="text/html", body="<title>Out</title>")

    watch.expect("https://idp.example.com/")
    page.route("https://idp.example.com/**", answered)
    page.goto(f"{site}/accounts/sign-in/")
    with override_settings(BASE_URL=site):
        page.evaluate(SEND, list(message))
        page.wait_for_url(SLO)
    assert [text.startswith("SAMLResponse=") for text in posted] == [True]


def test_without_scripts_a_button_leads_on(browser, site: str, message: tuple[str, str]):
    """The button of the page posts the answer."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.route("https://idp.example.com/**", lambda route: route.fulfill(status=200, body="out"))
    address, text = message
    body = f'<form method="post" action="{address}"><input name="SAMLRequest" value="{text}"><button>Go</button></form>'
    page.route("**/start", lambda route: route.fulfill(status=200, content_type="text/html", body=body))
    with override_settings(BASE_URL=site):
        page.goto(f"{site}/start")
        page.get_by_role("button", name="Go").click()
        page.get_by_role("button", name="Continue").click()
        page.wait_for_url(SLO)
    context.close()

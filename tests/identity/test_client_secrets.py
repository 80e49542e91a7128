"""A new secret beside the old one: how long both work, that never more than two do, and where it is shown."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.queries import events
from identity.models import ApiClient, ClientKind
from identity.operations import IssuedClient, rotate_client_secret
from identity.operations.api_clients import MOST_OVERLAP, OverlapInvalid
from kernel.clock import SystemClock
from kernel.scope import scope
from tests.constraints import constraints_of, refused_by
from tests.factories.moments import NOW, days
from tests.factories.oauth import app_client, asked, own_client
from tests.factories.tenants import Tenant, member, signed_in, tenant

pytestmark = pytest.mark.django_db
PAGE = "/organization/api-clients/"


@pytest.fixture
def one() -> Tenant:
    return tenant()


def rotated(one: Tenant, client: IssuedClient, **more: Any) -> IssuedClient:
    with one.writing() as trail:
        return rotate_client_secret(client_id=client.row.id, trail=trail, **more)


def works(*clients: IssuedClient) -> list[bool]:
    """Which of these secrets open the token endpoint."""
    return [asked(one).status_code == 200 for one in clients]


def test_both_secrets_work_until_the_overlap_ends(one):
    """The old secret opens until the moment that the ledger states, and from that moment on is refused."""
    old = own_client(one)
    new = rotated(one, old, overlap=timedelta(hours=2))
    assert works(old, new) == [True, True]
    with one.reading():
        row = ApiClient.objects.get()
        assert row.former_secret_until == row.secret_drawn_at + timedelta(hours=2)
        [entry] = [event for event in events() if event.kind == "api_client.secret_rotated"]
        assert row.former_secret_until.isoformat() in entry.body
        # The clock stands still in a database; the moments move instead.
        now = SystemClock().now()
        ApiClient.objects.update(secret_drawn_at=now - timedelta(hours=2), former_secret_until=now)
    assert works(old, new) == [False, True]


def test_never_more_than_two_are_live(one):
    """Drawing a third ends the first, whatever was left of its time; without an overlap the new one is alone."""
    first = own_client(one)
    second = rotated(one, first)
    third = rotated(one, second)
    assert works(first, second, third) == [False, True, True]
    fourth = rotated(one, third, overlap=timedelta(0))
    assert works(second, third, fourth) == [False, False, True]
    with one.reading():
        assert ApiClient.objects.get().former_secret == ""


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), MOST_OVERLAP + timedelta(seconds=1)])
def test_an_overlap_has_bounds(one, overlap):
    """Neither before now nor longer than two weeks; the secret stays."""
    client = own_client(one)
    with pytest.raises(OverlapInvalid):
        rotated(one, client, overlap=overlap)
    assert works(client) == [True]


@pytest.mark.parametrize(
    "columns",
    [
        {"former_secret": "digest"},
        {"former_secret_until": days(1)},
        {"former_secret": "digest", "former_secret_until": NOW},
        {
            "former_secret": "digest",
            "former_secret_until": days(1),
            "client_type": ClientKind.PUBLIC,
            "client_secret": "",
            "authorization_grant_type": "authorization-code",
            "redirect_uris": "https://app.example.org/",
        },
    ],
)
def test_a_former_secret_has_an_end(one, columns):
    """The database refuses one that would live on for ever, an end without a secret, and one of a public client."""
    values = {
        "name": "Probe",
        "client_id": "probe",
        "client_secret": "digest",
        "client_type": ClientKind.CONFIDENTIAL,
        "authorization_grant_type": "client-credentials",
        "created_at": NOW,
        "secret_drawn_at": NOW,
        **columns,
    }
    with (
        scope(one.organization.id),
        refused_by(constraints_of("identity")["identity_api_client_former_secret_ends"]),
    ):
        ApiClient.objects.create(organization=one.organization, **values)


def test_an_empty_secret_is_none(one):
    """A client without a former secret is not opened by the empty text."""
    client = own_client(one)
    wrong = IssuedClient(client.row, " ")
    assert works(wrong) == [False]


def test_the_page_asks_how_long_and_says_until_when(one):
    """24 hours unless said otherwise; the secret's page and the list say until when the old one works."""
    client = own_client(one)
    browser = signed_in(one, "it_admin")
    form = browser.get(f"{PAGE}{client.row.id}/secret/").content.decode()
    assert 'value="24"' in form
    shown = browser.post(f"{PAGE}{client.row.id}/secret/", {"overlap_hours": "24"}).content.decode()
    assert "The old secret works beside it until" in shown
    [secret] = re.findall(r"[A-Za-z0-9]{128}", shown)
    assert works(client, IssuedClient(client.row, secret)) == [True, True]
    assert "Old secret works until" in browser.get(PAGE).content.decode()
    assert "It ends as soon as you draw a new one" in browser.get(f"{PAGE}{client.row.id}/secret/").content.decode()
    for wrong in ("337", "-1", "soon", ""):
        assert browser.post(f"{PAGE}{client.row.id}/secret/", {"overlap_hours": wrong}).status_code == 422
    with one.reading():
        assert [event.kind for event in events()].count("api_client.secret_rotated") == 1


def test_rest_takes_the_overlap(one):
    """`overlap_hours`, 24 unless said otherwise; the answer says until when, and no answer shows a digest."""
    client = own_client(one)
    browser = signed_in(one, "owner")
    address = f"/api/v1/api-clients/{client.row.id}/rotate-secret/"
    body = browser.post(address, {"overlap_hours": 1}, content_type="application/json").json()
    assert body["former_secret_until"] is not None
    assert "former_secret" not in body
    assert works(client, IssuedClient(client.row, body["client_secret"])) == [True, True]
    assert (
        browser.post(address, {"overlap_hours": 0}, content_type="application/json").json()["former_secret_until"]
        is None
    )
    answer = browser.post(address, {"overlap_hours": 999}, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/overlap_hours")


def test_the_admin_says_until_when_and_leads_to_the_pages(one):
    """To read, with links to what changes the client; none for one that was revoked."""
    client = own_client(one)
    rotated(one, client)
    page = signed_in(one, "owner").get(f"/admin/identity/apiclient/{client.row.id}/change/").content.decode()
    assert "Former secret works until" in page
    for place in ("scopes", "secret", "revoke"):
        assert f"{PAGE}{client.row.id}/{place}/" in page


def test_the_command_draws_a_new_secret(one):
    """For a client that the organisation has; its old secret works on as long as was said."""
    client = own_client(one)
    out = StringIO()
    call_command(
        "api_client",
        organization=one.organization.slug,
        client=client.row.client_id,
        rotate=True,
        overlap_hours=1,
        stdout=out,
        stderr=StringIO(),
    )
    printed = dict(line.split("=", 1) for line in out.getvalue().splitlines())
    assert works(client, IssuedClient(client.row, printed["client_secret"])) == [True, True]
    foreign = own_client(tenant())
    for wrong in (foreign.row.client_id, "nobody"):
        with pytest.raises(CommandError, match="API_CLIENT_NOT_FOUND"):
            call_command("api_client", organization=one.organization.slug, client=wrong, rotate=True)
    public = app_client(one, client_type=ClientKind.PUBLIC)
    with pytest.raises(CommandError, match="API_CLIENT_WITHOUT_SECRET"):
        call_command("api_client", organization=one.organization.slug, client=public.row.client_id, rotate=True)


def test_whoever_may_not_make_the_client_draws_no_secret_of_it(one):
    """The right to manage is not enough for a client with more roles; the old secret stays alone."""
    strong = own_client(one, roles=("owner",))
    _account, actor = member(one, "it_admin")
    browser = signed_in(one, "it_admin")
    page = browser.post(f"{PAGE}{strong.row.id}/secret/", {"overlap_hours": "24"})
    assert page.status_code == 403
    with one.reading():
        assert ApiClient.objects.get(id=strong.row.id).former_secret_until is None
    assert actor.organization_id == one.organization.id

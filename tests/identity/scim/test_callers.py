"""Who may ask: tokens and their ends, the rate limit, access tokens, and other organisations."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django_scim.views import UsersView
from oauth2_provider.models import AccessToken

from audit.operations import trail as open_trail
from identity.models import Account, ApiClient, Membership, ScimToken
from identity.operations.provisioning import create_scim_token, revoke_scim_token, rotate_scim_token
from identity.ports import bindings
from identity.rules.access_tokens import Audience, audience_of
from identity.scim import authentication
from kernel.clock import DatabaseClock, FixedClock
from kernel.principal import Principal
from tests.factories.oauth import own_client, token_of
from tests.factories.tenants import Tenant, member, signed_in, tenant
from tests.identity.scim.service import ENTERPRISE, USER, Service, error, service

pytestmark = pytest.mark.django_db


@pytest.fixture
def one() -> Service:
    return service()


@pytest.mark.parametrize("path", ["Users", "Groups", "Me", "ServiceProviderConfig", "Schemas", "Nothing", ""])
def test_anonymous(path: str):
    """Every address answers a visitor with 401 in JSON; one that does not exist too."""
    error(Client(HTTP_HOST="127.0.0.1").get(f"/scim/v2/{path}"), 401)


def test_browser_sessions_do_not_authenticate(one: Service):
    """The owner of the organisation, signed in, is nobody here: neither reading nor writing."""
    browser = signed_in(one.tenant, "owner")
    error(browser.get("/scim/v2/Users"), 401)
    error(browser.post("/scim/v2/Users", {"userName": "x"}, content_type="application/json"), 401)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer slscim_x", "Bearer a.b.c", "Bearer " + "x" * 9000]
)
def test_wrong_credentials(header: str):
    """Wrong schemes, unknown tokens and endless ones are 401."""
    error(Client(HTTP_HOST="127.0.0.1").get("/scim/v2/Users", headers={"authorization": header}), 401)


def test_revoked_and_expired(one: Service):
    """A token ends when it is revoked, and when its time is over."""
    with one.tenant.writing() as trail:
        revoke_scim_token(token_id=ScimToken.objects.get().id, trail=trail)
    error(one.get("Users"), 401)
    past = FixedClock(DatabaseClock().now() - timedelta(days=3))
    early = tenant(clock=past)
    with open_trail(organization_id=early.organization.id, actor=early.actor, clock=past) as opened:
        issued = create_scim_token(name="short", days=1, trail=opened)
    error(Service(early, issued.token).get("Users"), 401)


def test_rotation_overlaps(one: Service):
    """Both tokens work until the overlap ends; without an overlap the old one ends at once."""
    with one.tenant.writing() as trail:
        first = rotate_scim_token(token_id=ScimToken.objects.get().id, trail=trail)
    new = Service(one.tenant, first.token)
    assert one.get("Users").status_code == new.get("Users").status_code == 200
    with one.tenant.writing() as trail:
        rotate_scim_token(token_id=first.row.id, overlap=timedelta(0), trail=trail)
    error(new.get("Users"), 401)


def test_use_is_remembered_once_a_minute(one: Service):
    """`last_used_at` is written by the first request of a minute."""
    one.get("Users")
    with one.tenant.reading():
        used = ScimToken.objects.get().last_used_at
    assert used is not None
    one.get("Users")
    with one.tenant.reading():
        assert ScimToken.objects.get().last_used_at == used


def test_rate_limit(one: Service, settings, monkeypatch):
    """Beyond the limit a token gets 429 with Retry-After."""
    settings.SCIM_REQUESTS_PER_SECOND = 1
    still = FixedClock(DatabaseClock().now())
    monkeypatch.setattr(authentication, "SystemClock", lambda: still)
    first, *refused = [one.get("ServiceProviderConfig") for _ in range(3)]
    assert first.status_code == 200
    for answer in refused:
        error(answer, 429)
        assert answer["Retry-After"] == "1"


def test_an_emptied_cache_is_no_error(one: Service, monkeypatch):
    """A count that the cache lost between two steps counts as the first one."""

    def lost(key: str) -> int:
        raise ValueError(key)

    monkeypatch.setattr(cache, "incr", lost)
    assert one.get("Users").status_code == 200


def test_plan(one: Service, monkeypatch):
    """An organisation whose plan has no provisioning gets 403."""
    monkeypatch.setattr(bindings, "plan", lambda **_asked: False)
    error(one.get("Users"), 403)


def test_access_tokens_need_the_permission_too(one: Service, monkeypatch):
    """An access token works within the permissions of the roles behind it; /Me is the person of its account."""
    account, principal = member(one.tenant, "it_admin")
    person = one.user("me")
    with one.tenant.writing():
        Membership.objects.filter(account=account).update(person_id=person["id"])
    who: list[Principal] = [principal]
    monkeypatch.setattr(bindings, "access_token", lambda *, token, audience, at: who[0])
    holder = Service(one.tenant, "an.access.token")
    assert holder.get("Users").status_code == 200
    assert holder.get("Me").json()["id"] == person["id"]
    assert holder.patch("Me", {"op": "replace", "path": "title", "value": "Chief"}).json()["title"] == "Chief"
    who[0] = member(one.tenant, "viewer")[1]
    error(holder.get("Users"), 403)
    error(holder.post("Users", {"schemas": [USER], "userName": "x"}), 403)


def scim_token(house: Tenant, *scopes: str) -> Service:
    """A program of the organisation with an access token for SCIM."""
    issued = own_client(house, "scim", "people:read", "people:write")
    resource = audience_of(settings.BASE_URL, Audience.SCIM)
    return Service(house, token_of(issued, scope=" ".join(scopes), resource=resource))


@pytest.mark.parametrize("path", ["Users", "Groups", "Me", "ServiceProviderConfig", "Nothing"])
def test_an_access_token_without_the_scope_is_told_which(one: Service, path: str):
    """403 in SCIM's words at every address, with what a client asks for next (RFC 6750 §3.1), although its other scopes
    and its roles would let it read and write people; with the scope it is let in."""
    answer = scim_token(one.tenant, "people:read", "people:write").get(path)
    error(answer, 403)
    assert answer["WWW-Authenticate"].startswith("Bearer ")
    assert 'error="insufficient_scope", scope="scim"' in answer["WWW-Authenticate"]
    assert scim_token(one.tenant, "scim").get("Users").status_code == 200


def test_a_scope_taken_from_the_client_is_taken_from_its_tokens(one: Service):
    """A token on its way keeps no scope that its client has no longer: 403 as well."""
    holder = scim_token(one.tenant, "scim", "people:read")
    with one.tenant.writing():
        ApiClient.objects.update(scopes=["people:read"])
    error(holder.get("Users"), 403)


@pytest.mark.parametrize("how", ["expired", "revoked", "for another address", "forged"])
def test_a_token_that_is_not_valid_stays_401_without_the_scope_too(one: Service, how: str):
    """The scope is spoken of to holders of valid tokens alone: neither expired nor revoked ones, nor those for REST."""
    holder = scim_token(one.tenant, "people:read")
    if how == "expired":
        AccessToken.objects.update(expires=DatabaseClock().now() - timedelta(seconds=1))
    elif how == "revoked":
        AccessToken.objects.all().delete()
    elif how == "forged":
        holder = Service(one.tenant, holder.token[:-8] + "AAAAAAAA")
    else:
        holder = Service(one.tenant, token_of(own_client(one.tenant, "people:read")))
    answer = holder.get("Users")
    error(answer, 401)
    assert "insufficient_scope" not in answer["WWW-Authenticate"]


def test_me_of_a_provisioning_token(one: Service):
    """A directory service is nobody."""
    error(one.get("Me"), 404)


def test_other_organisations_do_not_exist(one: Service):
    """Reading, writing, filtering and referring find nothing of another organisation, and say so alike."""
    other = service()
    theirs = other.user("theirs", displayName="Theirs")["id"]
    group = other.group("Theirs", theirs)["id"]
    nobody = "01a217ad-54ad-73db-8af8-9997adfa696e"
    for path in (f"Users/{theirs}", f"Groups/{group}"):
        kind = path.split("/")[0]
        assert (
            one.get(path).json()["detail"].replace(path.split("/")[1], nobody)
            == one.get(f"{kind}/{nobody}").json()["detail"]
        )
        error(one.get(path), 404)
        error(one.send("DELETE", path), 404)
        error(one.patch(path, {"op": "replace", "path": "displayName", "value": "Ours"}), 404)
    error(one.send("PUT", f"Users/{theirs}", {"schemas": [USER], "userName": "ours"}), 404)
    for asked in ('userName eq "theirs" or title pr', 'userName pr or displayName eq "Theirs"', f'id eq "{theirs}"'):
        assert one.get(f"Users?filter={asked}").json()["totalResults"] == 0
    mine = one.group("Mine")["id"]
    error(
        one.patch(f"Groups/{mine}", {"op": "add", "path": "members", "value": [{"value": theirs}]}), 400, "invalidValue"
    )
    me = one.user("me")["id"]
    manager = {"op": "add", "path": f"{ENTERPRISE}:manager", "value": {"value": theirs}}
    error(one.patch(f"Users/{me}", manager), 400, "invalidValue")
    assert other.get(f"Users/{theirs}").json()["displayName"] == "Theirs"
    assert other.user("me")["id"] != me


def test_a_mounted_view_of_the_library_stays_shut(rf):
    """A view of django_scim that somebody routes by mistake answers 401, whoever is signed in."""
    request = rf.get("/elsewhere/Users")
    request.user = Account(email="x@example.org")
    answer = UsersView.as_view()(request)
    assert answer.status_code == 401

"""Two set-ups by the pages alone: a directory service over SCIM, and single sign-on over SAML.

They are the last stops of the walk, since company sign-in only ends what the others need. The directory service is an
HTTP client, the identity provider a process on pysaml2.
"""

import base64
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
from django_otp.oath import totp
from playwright.sync_api import Page, expect

from tests.browser.stops import Walk
from tests.identity.saml.provider import started_provider

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


def connect_a_directory(walk: Walk) -> None:
    """A token is made and shown once; a client uses it, and what it asked for stands in the log."""
    walk.sign_in("it_admin")
    walk.go("/organization/provisioning/")
    walk.look("provisioning-start", walk.page)
    walk.page.get_by_label("Name").fill("Entra ID, second")
    walk.press("Create the token")
    token = walk.page.get_by_label("Token", exact=True).input_value()
    walk.page.get_by_text("Microsoft Entra ID").click()
    walk.look("provisioning-token", walk.page)
    _provision(walk.origin, token)
    walk.press("I have copied it")
    expect(walk.page.get_by_text("uniqueness:").first).to_be_visible()
    walk.page.locator("section[aria-labelledby=log]").evaluate(
        "part => part.scrollIntoView({block: 'end', behavior: 'instant'})"
    )
    walk.look("provisioning-log", walk.page)


def _provision(origin: str, token: str) -> None:
    """What a directory service sends on its first day, one mistake among it."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
    ann: dict[str, Any] = {
        "schemas": [USER],
        "userName": "ann.lindqvist@halden.example",
        "externalId": "8f1c7ad2",
        "displayName": "Ann Lindqvist",
        "emails": [{"value": "ann.lindqvist@halden.example", "type": "work"}],
        "active": True,
    }
    leaves = {"schemas": [PATCH], "Operations": [{"op": "Replace", "path": "active", "value": "False"}]}
    with httpx.Client(base_url=f"{origin}/scim/v2/", headers=headers, timeout=30) as service:
        made = service.post("Users", json=ann)
        again = service.post("Users", json=ann)
        left = service.patch(f"Users/{made.json()['id']}", json=leaves)
    assert [made.status_code, again.status_code, left.status_code] == [201, 409, 200]


def connect_single_sign_on(walk: Walk, folder: Path) -> None:
    """An owner makes a connection, exchanges metadata, tests it, maps groups and lets the company alone sign in."""
    folder.mkdir()
    _with_a_second_factor(walk, "it_admin")
    _with_a_second_factor(walk, "owner")
    walk.go("/organization/single-sign-on/")
    walk.look("single-sign-on-start", walk.page)
    walk.press("Make the first connection")
    walk.page.get_by_label("Name").fill("Halden account")
    walk.press("Make a draft")
    expect(walk.page.get_by_text("Next:")).to_be_visible()
    walk.look("single-sign-on-draft", walk.page)
    with ExitStack() as ended:
        _exchange_metadata(walk.page, folder, ended)
        walk.look("single-sign-on-provider", walk.page)
        _map_groups(walk.page)
        walk.look("single-sign-on-groups", walk.page)
        walk.press("Test")
        expect(walk.page.get_by_role("heading", name="The test succeeded")).to_be_visible()
        walk.look("single-sign-on-test", walk.page)
        walk.page.get_by_role("link", name="Halden account", exact=True).click()
        walk.press("Switch on")
        expect(walk.page.get_by_role("button", name="Switch off")).to_be_visible()
    _company_only(walk)


def _with_a_second_factor(walk: Walk, role: str) -> None:
    """Signs in; owners are led to the set-up, others open it."""
    walk.give_password(role)
    walk.page.wait_for_url(re.compile(rf"{re.escape(walk.origin)}/($|accounts/second-factor/set-up/)"))
    if "set-up" not in walk.page.url:
        walk.go("/accounts/second-factor/set-up/")
    walk.page.get_by_text("No camera?").click()
    secret = base64.b32decode(walk.page.locator("details .mono").inner_text().replace(" ", ""))
    walk.page.get_by_label("Code that the app shows").fill(f"{totp(secret):06}")
    walk.press("Turn it on")
    walk.press("I have kept them")


def _exchange_metadata(page: Page, folder: Path, ended: ExitStack) -> None:
    with page.expect_download() as download:
        page.get_by_role("link", name="Our metadata").click()
    download.value.save_as(folder / "sp.xml")
    provider = started_provider(folder, ended)
    (folder / "idp.xml").write_bytes(httpx.get(f"{provider}/metadata").content)
    page.get_by_label("Metadata file of your identity provider").set_input_files(folder / "idp.xml")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text(f"{provider}/sso").first).to_be_visible()


def _map_groups(page: Page) -> None:
    for number, (group, role) in enumerate((("IT", "IT administrator"), ("Finance and books", "Finance")), start=1):
        page.get_by_label(f"Group {number}", exact=True).fill(group)
        page.get_by_label(f"Role of group {number}").select_option(label=role)
    part = page.locator("section[aria-labelledby=groups]")
    part.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The connection is saved.")).to_be_visible()
    part.evaluate("part => part.scrollIntoView({block: 'center', behavior: 'instant'})")


def _company_only(walk: Walk) -> None:
    """The certificate that ends soon stands above; two accounts may break the glass; others are led to the company."""
    walk.go("/organization/single-sign-on/")
    expect(walk.page.get_by_text("a certificate of your identity provider ends")).to_be_visible()
    walk.page.get_by_label("Company sign-in only").check()
    for which, role in (("First", "owner"), ("Second", "it_admin")):
        label = re.compile(re.escape(walk.sign_ins[role]["email"]))
        field = walk.page.get_by_label(f"{which} emergency account")
        field.select_option(field.locator("option").filter(has_text=label).get_attribute("value"))
    walk.press("Save the policy")
    expect(walk.page.get_by_text("The sign-in policy is saved.")).to_be_visible()
    walk.look("single-sign-on-policy", walk.page)
    walk.give_password("finance")
    expect(walk.page.get_by_role("heading", name="Your organisation signs in by the company")).to_be_visible()
    walk.look("single-sign-on-only", walk.page)

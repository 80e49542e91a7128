"""Seats in a real browser: who is found gets a seat, a full pool says so beside the form, a seat is released."""

import pytest
from playwright.sync_api import Page, expect

from seats.models import SeatPool
from tests.factories import identity, seats
from tests.factories.tenants import PASSWORD, Tenant, member, tenant
from tests.plugins.databases import CommittedDatabase
from tests.seats.books import fed_pool, fill

EMAIL = "it.admin@halden.example"


@pytest.fixture(scope="module")
def halden(committed_db: CommittedDatabase) -> tuple[Tenant, SeatPool]:
    """One free seat, and two people who could have it."""
    one = tenant(name="Halden Energy")
    member(one, "it_admin", email=EMAIL)
    with one.writing():
        identity.person(one.organization, user_name="ann.lindqvist", display_name="Ann Lindqvist")
        identity.person(one.organization, user_name="omar.haddad", display_name="Omar Haddad")
        return one, fed_pool(one, bought=1, name="Sketcher Professional")


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/accounts/sign-in/")
    page.fill("[name=username]", EMAIL)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/")


def ask_for(page: Page, name: str) -> None:
    """Types a part of the name, waits for the choice, gives a reason and asks for the seat."""
    page.get_by_label("Person or device").press_sequentially(name[:4])
    page.get_by_role("radio", name=name).check()
    page.get_by_label("Reason").fill("Starts on Monday")
    page.get_by_role("button", name="Assign the seat").click()


def test_a_seat_is_found_a_holder_refused_to_the_next_and_released(page, watch, site, halden):
    """Search as you type, give the only seat, see the refusal beside the form with what was typed, release with a
    reason: without a script of ours on the page and without a report of the content security policy."""
    watch.expect("409 (Conflict)")
    sign_in(page, site)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Seats", exact=True).click()
    page.get_by_role("link", name="Sketcher Professional").click()
    ask_for(page, "Ann Lindqvist")
    expect(page.get_by_text("Ann Lindqvist holds a seat now.")).to_be_visible()
    ask_for(page, "Omar Haddad")
    expect(page.get_by_text("Sketcher Professional is full: 1 of 1 seats are in use.")).to_be_visible()
    expect(page.get_by_role("radio", name="Omar Haddad")).to_be_checked()
    expect(page.get_by_label("Reason")).to_have_value("Starts on Monday")
    page.get_by_role("link", name="Release").click()
    page.get_by_label("Reason").fill("Moved to sales")
    page.get_by_role("button", name="Release the seat").click()
    expect(page.get_by_text("Ann Lindqvist no longer holds a seat.")).to_be_visible()


def test_a_seat_passes_on_and_a_cut_shows_who_would_lose(page, site, halden):
    """From the list of holders to somebody who was found; a cut below the use names the holders before it takes one."""
    one, _pool = halden
    with one.writing():
        pool = fed_pool(one, name="Drawing desk")
        seats.reservation(pool, unit=identity.unit(one.organization, name="Design"), quantity=2)
    fill(one, pool, 6)
    sign_in(page, site)
    page.goto(f"{site}/it/seats/{pool.id}/")
    page.get_by_role("link", name="Transfer").first.click()
    page.get_by_label("Person or device").press_sequentially("omar")
    page.get_by_role("radio", name="Omar Haddad").check()
    page.get_by_label("Reason").fill("Takes over the desk")
    page.get_by_role("button", name="Transfer the seat").click()
    expect(page.get_by_text("Omar Haddad holds the seat now.")).to_be_visible()
    page.get_by_role("link", name="Plan a cut").click()
    page.get_by_label("New capacity").fill("5")
    page.get_by_label("Reason").fill("The contract is smaller")
    page.get_by_role("button", name="Plan the cut").click()
    expect(page.get_by_role("cell", name="Omar Haddad")).to_be_visible()
    page.get_by_role("button", name="Confirm the cut").click()
    expect(page.get_by_text("The cut is carried out; 1 seat is free.")).to_be_visible()


def test_the_list_narrows_as_one_types(page, site, halden):
    """The rows change without loading the page, and the address can be shared."""
    sign_in(page, site)
    page.goto(f"{site}/it/seats/")
    page.get_by_label("Search", exact=True).press_sequentially("nothing like this")
    expect(page.get_by_text("No pool is like this")).to_be_visible()
    assert "q=nothing" in page.url
    page.get_by_label("Search", exact=True).fill("sketch")
    expect(page.get_by_role("link", name="Sketcher Professional")).to_be_visible()


def test_the_admin_finds_people_and_refuses_beyond_capacity(page, site, halden):
    """The admin's form searches the directory, and its refusal stands above the form."""
    one, pool = halden
    with one.writing():
        SeatPool.objects.filter(id=pool.id).update(capacity=0)
    sign_in(page, site)
    page.goto(f"{site}/admin/seats/seatpool/{pool.id}/assign/")
    page.locator(".select2-selection").first.click()
    page.keyboard.type("omar")
    page.get_by_role("option", name="Omar Haddad").click()
    page.get_by_label("Reason").fill("Starts on Monday")
    page.get_by_role("button", name="Assign the seat").click()
    expect(page.get_by_text("Sketcher Professional is full: 0 of 0 seats are in use.")).to_be_visible()

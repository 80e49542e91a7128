"""The page on which GraphQL is tried, in a real browser under the content security policy."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import barriers
from tests.browser.conftest import Watch
from tests.browser.owners import give_code, owner
from tests.factories.tenants import PASSWORD, Tenant, tenant


@pytest.fixture(scope="module")
def house(site: str) -> Tenant:
    return tenant("vendor", name="Lumen CAD")


@pytest.fixture
def desk(page: Page, site: str, house: Tenant) -> Page:
    """The page, opened by an owner."""
    account, code = owner(house)
    page.goto(f"{site}/accounts/sign-in/?next=/graphql/")
    page.get_by_label("E-mail").fill(account.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    give_code(page, code)
    page.wait_for_url(f"{site}/graphql/")
    expect(page.locator(".graphiql-editor .CodeMirror").first).to_be_visible()
    return page


def write(desk: Page, query: str) -> None:
    """Puts a query in place of what the editor holds."""
    desk.locator(".graphiql-query-editor .CodeMirror").evaluate(
        "(editor, text) => editor.CodeMirror.setValue(text)", query
    )


def run(desk: Page) -> None:
    with desk.expect_response(re.compile("/graphql/$")):
        desk.get_by_role("button", name=re.compile("Execute query")).click()


def result(desk: Page) -> Any:
    return desk.locator(".graphiql-response .CodeMirror")


def test_the_first_query_runs_with_the_readers_rights(desk: Page) -> None:
    """What the page opens with is answered at once, and no content-security report is raised."""
    run(desk)
    expect(result(desk)).to_contain_text("Lumen CAD")
    expect(result(desk)).to_contain_text("owner")


def test_a_mistake_is_shown_where_the_answer_would_be(desk: Page, watch: Watch) -> None:
    """A query that does not fit the schema brings the code, not an empty page."""
    watch.expect("400 (Bad Request)")
    write(desk, "{ people(first: 500) { nodes { id } } }")
    run(desk)
    expect(result(desk)).to_contain_text("PAGE_TOO_LARGE")


def test_a_mutation_goes_through_the_csrf_check(desk: Page) -> None:
    """The page sends the token of the session, so that changes work as well."""
    write(desk, 'mutation { createPerson(input: { userName: "ann" }) { userName } }')
    run(desk)
    expect(result(desk)).to_contain_text('"userName": "ann"')
    expect(result(desk)).to_contain_text("ledgerEntries")


def test_the_documentation_and_completion_open(desk: Page) -> None:
    """The schema came by introspection: its descriptions can be read, and the editor completes its fields."""
    desk.get_by_role("button", name="Show Documentation Explorer").click()
    explorer = desk.locator(".graphiql-doc-explorer")
    explorer.get_by_role("link", name="Query", exact=True).click()
    expect(explorer).to_contain_text("What can be read.")
    write(desk, "")
    desk.locator(".graphiql-query-editor .CodeMirror").click()
    desk.keyboard.type("{ organ")
    expect(desk.locator(".CodeMirror-hints")).to_contain_text("organization")


def test_dialogs_open_without_inline_styles(desk: Page) -> None:
    """Settings and short keys are dialogs; opening and closing them raises no report either."""
    for name in ("Open short keys dialog", "Open settings dialog"):
        desk.get_by_role("button", name=name).click()
        expect(desk.get_by_role("dialog")).to_be_visible()
        desk.keyboard.press("Escape")
        expect(desk.get_by_role("dialog")).to_have_count(0)


def test_nothing_that_was_typed_stays_in_the_browser(desk: Page) -> None:
    """Queries can name people: the browser's storage has none of them, and another visit starts anew."""
    write(desk, '{ people(filter: { userName: "ann" }) { nodes { id } } }')
    run(desk)
    stored = desk.evaluate("JSON.stringify([Object.entries(localStorage), Object.entries(sessionStorage)])")
    assert "ann" not in stored
    assert "graphiql" not in stored
    desk.reload()
    expect(desk.locator(".graphiql-query-editor .CodeMirror")).to_contain_text("viewer")


def test_the_page_follows_the_chosen_look(desk: Page) -> None:
    """Dark is dark in the editor as well, at once."""
    desk.locator("details[data-menu] summary").click()
    desk.get_by_role("button", name="Dark").click()
    expect(desk.locator("body")).to_have_class(re.compile("graphiql-dark"))


def test_a_phone_scrolls_inside_the_editor_and_never_sideways(desk: Page) -> None:
    """At 390 pixels the page is as wide as the screen; the editor scrolls in its panel."""
    desk.set_viewport_size({"width": 390, "height": 844})
    assert desk.evaluate("document.documentElement.scrollWidth") <= 390
    expect(desk.locator("#explorer")).to_be_visible()


@pytest.mark.parametrize("look", ["Light", "Dark"])
def test_nobody_is_kept_out_by_the_editor(desk: Page, look: str) -> None:
    """Names for the editors, contrast and keyboard: no serious barrier, in either look, with the documentation open."""
    desk.locator("details[data-menu] summary").click()
    desk.get_by_role("button", name=look).click()
    desk.keyboard.press("Escape")
    run(desk)
    desk.get_by_role("button", name="Show Documentation Explorer").click()
    expect(result(desk)).to_contain_text("owner")
    assert barriers(desk) == []

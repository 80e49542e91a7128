"""Lists of the admin under our skin, as a signed-in procurement manager gets them."""

import re

import pytest

from tests.factories import licensing
from tests.factories.tenants import Tenant, signed_in, tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def buyer() -> Tenant:
    """An organisation with two entitlements and a metric that an agreement does not renew."""
    made = tenant("buyer")
    with made.writing():
        licensing.entitlement(made.organization, number="E-1", quantity=120)
        licensing.agreement(made.organization, number="A-1", auto_renew=True)
        licensing.agreement(made.organization, number="A-2", auto_renew=False)
    return made


def page(buyer: Tenant, path: str) -> str:
    """The page at /admin/<path> as a procurement manager gets it."""
    answer = signed_in(buyer, "procurement", "auditor").get(f"/admin/{path}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_figures_stand_to_the_right_and_cells_know_their_column(buyer: Tenant) -> None:
    """A method that sorts by a number column is a figure, text is not; every cell carries its column's name."""
    html = page(buyer, "licensing/entitlement/")
    assert '<td class="num field-rights_shown" data-label="Rights">120</td>' in html
    assert re.search(r'<th class="field-number" data-label="Number"><a [^>]*>E-1</a></th>', html)
    assert re.search(r'<th scope="col" class="[^"]*column-rights_shown num"', html)


def test_a_boolean_is_an_icon_with_a_word(buyer: Tenant) -> None:
    """Yes and no are told by shape and label, without the red cross of the stock admin."""
    html = page(buyer, "licensing/agreement/")
    assert html.count('aria-label="Yes"') == 1
    assert html.count('aria-label="No"') == 1
    assert "icon-no" not in html


def test_the_sorted_column_says_so(buyer: Tenant) -> None:
    """The column that sorts the list is marked for screen readers, the others are not."""
    assert page(buyer, "licensing/agreement/?o=-1").count('aria-sort="descending"') == 1


def test_a_filter_that_is_set_is_a_chip(buyer: Tenant) -> None:
    """The chip names filter and value and leads to the list without it; without filters there is none."""
    assert 'class="filter-chips"' not in page(buyer, "licensing/agreement/")
    html = page(buyer, "licensing/agreement/?auto_renew__exact=1&q=A")
    assert re.search(r'<a class="chip" href="\?q=A">[^<]*: <strong>Yes</strong>', html)


def test_nothing_found_offers_the_way_back(buyer: Tenant) -> None:
    """A search without result says so and links to the whole list."""
    html = page(buyer, "licensing/agreement/?q=nowhere")
    assert "Nothing matches" in html
    assert 'href="?"' in html


def test_history_comes_from_the_ledger(buyer: Tenant) -> None:
    """A publisher added through the admin has one entry in its history; who may not read the ledger gets no page."""
    browser = signed_in(buyer, "procurement", "auditor")
    assert browser.post("/admin/licensing/publisher/add/", {"name": "Lumen CAD"}).status_code == 302
    listed = browser.get("/admin/licensing/publisher/").content.decode()
    link = re.search(r'href="(/admin/licensing/publisher/[0-9a-f-]+/)change/[^"]*">Lumen CAD', listed)
    assert link
    told = browser.get(f"{link[1]}history/").content.decode()
    assert "A publisher was added to the catalogue." in told
    assert "Kim Member" in told
    other = signed_in(buyer, "procurement")
    assert "historylink" not in other.get(f"{link[1]}change/").content.decode()
    assert other.get(f"{link[1]}history/").status_code == 403


def test_the_admin_has_no_inline_code(buyer: Tenant) -> None:
    """Index, list, form and history are free of what the content security policy would block."""
    for path in ("", "licensing/", "licensing/agreement/", "licensing/publisher/add/", "licensing/party/add/"):
        html = page(buyer, path)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)", html), path

"""Dates and numbers as each language writes them; what programs read stays as it is."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import Context, Template
from django.template.loader import render_to_string
from django.utils.translation import override

from config.composition import site
from kernel.clock import moment, second
from licensing.models import Entitlement
from tests.factories import licensing
from tests.factories.tenants import signed_in, tenant

NOON = datetime(2025, 4, 6, 12, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "day", "minute", "exact", "count", "price"),
    [
        ("en", "6 Apr 2025", "6 Apr 2025, 12:00", "6 Apr 2025, 12:00:30 UTC", "12,500", "1,284.5"),
        ("de", "06.04.2025", "06.04.2025, 12:00", "06.04.2025, 12:00:30 UTC", "12.500", "1.284,5"),
    ],
)
def test_each_language_has_its_formats(language, day, minute, exact, count, price):
    """British English and German: day before month, 24 hours, and the separators of the language."""
    values = {"day": date(2025, 4, 6), "at": NOON, "count": 12_500, "price": Decimal("1284.5")}
    with override(language):
        assert Template("{{ day }}|{{ at }}|{{ count }}|{{ price }}").render(Context(values)) == "|".join(
            (day, minute, count, price)
        )
        assert moment(NOON) == f"{minute} UTC"
        assert second(NOON) == exact
        assert moment(None) == second(None) == ""


@pytest.mark.parametrize("language", ["en", "de"])
def test_fields_of_forms_are_written_as_browsers_read_them(language):
    """Numbers without separators and dates in ISO 8601, whatever the language; hidden fields too."""

    class Order(forms.Form):
        count = forms.IntegerField()
        price = forms.DecimalField()
        since = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
        kept = forms.IntegerField(widget=forms.HiddenInput())

    with override(language):
        html = str(
            Order(initial={"count": 12_500, "price": Decimal("1284.50"), "since": date(2025, 4, 6), "kept": 4321})
        )
    for value in ("12500", "1284.50", "2025-04-06", "4321"):
        assert f'value="{value}"' in html


def test_pages_far_back_have_plain_addresses():
    """The link to page 1,200 says 1200, which the server understands."""
    page = Paginator(range(60_000), 25).page(1_200)
    html = render_to_string("components/pagination.html", {"page": page, "pages": [1, 1_199, 1_200], "query": ""})
    assert 'href="?page=1199"' in html
    assert "29,976–30,000 of 60,000" in " ".join(html.split())


@pytest.mark.django_db
def test_lists_group_figures_and_rest_does_not():
    """Administration prints 12,500 rights; the same number over REST is a number."""
    buyer = tenant("buyer")
    with buyer.writing():
        row = licensing.entitlement(buyer.organization, quantity=12_500)
    browser = signed_in(buyer, "procurement")
    assert Entitlement in site._registry
    assert ">12,500<" in browser.get("/admin/licensing/entitlement/").content.decode()
    assert browser.get(f"/api/v1/entitlements/{row.id}/").json()["quantity"] == 12_500

"""One product however a sheet spells it: what the dry run says, and what the catalogue does with it."""

import pytest

from licensing.models import Product, Publisher
from licensing.operations import Named, ensure_product
from licensing.operations.product_spellings import ProductSpellings, product_line
from tests.factories import licensing
from tests.factories.tenants import tenant


def said(spellings: ProductSpellings, publisher: str, product: str) -> tuple[str, object]:
    problem = spellings.problem(publisher, product)
    return ("", None) if problem is None else (problem.rule.code, problem.details.get("product"))


def test_spellings_are_told_from_new_products() -> None:
    """A known name passes, another spelling names what it is taken for, a new product is new in every row."""
    spellings = ProductSpellings({product_line("Lumen CAD", "Lumen CAD Studio"): ("Lumen CAD", "Lumen CAD Studio")})
    assert said(spellings, "Lumen CAD", "LUMEN CAD STUDIO") == ("", None)
    assert said(spellings, "Lumen-CAD", "LumenCAD Studio") == ("PRODUCT_SPELT", "Lumen CAD Studio")
    assert said(spellings, "Tessel", "Tessel GIS") == ("PRODUCT_NEW", "Tessel GIS")
    assert said(spellings, "Tessel", "Tessel G.I.S.") == ("PRODUCT_SPELT", "Tessel GIS")
    assert said(spellings, "Tessel", "Tessel GIS") == ("PRODUCT_NEW", "Tessel GIS")


@pytest.mark.django_db
def test_a_spelling_adds_nothing_to_the_catalogue() -> None:
    """Publisher, product and edition are found under other cases, spaces, punctuation and accents; another publisher's
    product of the same name is another product."""
    one = tenant()
    with one.writing() as trail:
        edition = licensing.edition(
            licensing.product(
                one.organization,
                name="Lumen CAD Studio",
                publisher=licensing.publisher(one.organization, name="Lumen CAD"),
            ),
            name="Pro Plus",
        )
        for publisher, product in (("LUMEN-CAD", "LumenCAD Studio"), ("Lumen  CAD", "lumen cad-studio")):
            assert ensure_product(named=Named(publisher, product, "Pro-Plus"), trail=trail) == (
                edition.product,
                edition,
            )
        assert Product.objects.count() == Publisher.objects.count() == 1
        other, _edition = ensure_product(named=Named("Lumen", "Lumen CAD Studio"), trail=trail)
        assert other != edition.product


@pytest.mark.django_db
def test_names_of_signs_alone_are_not_alike() -> None:
    """Where nothing is left to compare, only the name itself counts."""
    one = tenant()
    with one.writing() as trail:
        first, _none = ensure_product(named=Named("Signs", "++"), trail=trail)
        second, _none = ensure_product(named=Named("Signs", "--"), trail=trail)
        assert first != second

"""How sheets write the products of the catalogue: one rule for the dry run, the commit and a second import."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from django.utils.translation import gettext_lazy as _

from licensing.importing.findings import Problem, warning
from licensing.importing.texts import comparable
from licensing.models import Product

PRODUCT_NEW = warning("PRODUCT_NEW", _("%(product)s is not in the catalogue yet and will be added."))
PRODUCT_SPELT = warning("PRODUCT_SPELT", _("Taken for %(product)s of %(publisher)s, which is spelt otherwise."))

spelt = lru_cache(maxsize=8192)(comparable)


def product_line(publisher: str, product: str) -> tuple[str, str]:
    """What two spellings of one product have in common."""
    return spelt(publisher), spelt(product)


@dataclass
class ProductSpellings:
    """Publisher and name of each product that is known, and of those that the sheet at hand adds."""

    known: dict[tuple[str, str], tuple[str, str]]
    added: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    @classmethod
    def of_catalogue(cls) -> Self:
        rows = Product.objects.values_list("publisher__name", "name").iterator()
        return cls({product_line(publisher, name): (publisher, name) for publisher, name in rows})

    def problem(self, publisher: str, product: str) -> Problem | None:
        """What there is to say of a name: new, or another spelling of a product known or named further up."""
        line = product_line(publisher, product)
        meant = self.known.get(line) or self.added.setdefault(line, (publisher, product))
        if [name.lower() for name in meant] != [publisher.lower(), product.lower()]:
            return Problem(PRODUCT_SPELT, {"publisher": meant[0], "product": meant[1]})
        return None if line in self.known else Problem(PRODUCT_NEW, {"product": product})

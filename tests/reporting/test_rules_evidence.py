"""Which papers a right lacks."""

import pytest

from reporting.rules.evidence import Paper, Papers, missing

FULL = {"agreement": "AG-1", "order": "PO-1", "invoice": "INV-1", "document": "order-form.pdf"}


@pytest.mark.parametrize(
    ("papers", "lacks"),
    [
        (FULL, ()),
        ({}, tuple(Paper)),
        ({**FULL, "invoice": ""}, (Paper.INVOICE,)),
        ({**FULL, "order": ""}, ()),
        ({**FULL, "order": "", "invoice": ""}, (Paper.PURCHASE, Paper.INVOICE)),
        ({**FULL, "agreement": "", "document": ""}, (Paper.AGREEMENT, Paper.DOCUMENT)),
        ({"is_trial": True, "document": "offer.pdf"}, (Paper.AGREEMENT,)),
    ],
)
def test_what_is_missing_is_named(papers, lacks):
    """An invoice proves a purchase without an order number; a trial was never bought."""
    assert missing(Papers(**papers)) == lacks

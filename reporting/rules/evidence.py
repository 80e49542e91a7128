"""Which papers a recorded right should have and has not."""

from dataclasses import dataclass
from enum import StrEnum


class Paper(StrEnum):
    """The papers that an auditor asks for, in the order in which they come into being."""

    AGREEMENT = "agreement"
    PURCHASE = "purchase"
    INVOICE = "invoice"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class Papers:
    """What is on record behind a right; empty where nothing is. `document` may be the agreement's own."""

    agreement: str = ""
    order: str = ""
    invoice: str = ""
    document: str = ""
    is_trial: bool = False


def missing(papers: Papers) -> tuple[Paper, ...]:
    """The papers that are not there. Nobody buys a trial, so it lacks neither order nor invoice; an invoice without an
    order number is a purchase all the same."""
    absent = {
        Paper.AGREEMENT: not papers.agreement,
        Paper.PURCHASE: not papers.is_trial and not papers.order and not papers.invoice,
        Paper.INVOICE: not papers.is_trial and not papers.invoice,
        Paper.DOCUMENT: not papers.document,
    }
    return tuple(paper for paper in Paper if absent[paper])

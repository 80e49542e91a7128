"""Several clients at once on real commits: rights are never exceeded, a term begins once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit.models import Event
from kernel.errors import Refusal
from kernel.trail import run_in_trail
from licensing.models import Entitlement, License
from licensing.operations import NewLicense, issue_license
from tests.factories import licensing
from tests.licensing.vendors import Vendor, ask, vendor
from tests.plugins.databases import CommittedDatabase

CLIENTS = 8


@pytest.fixture(scope="module")
def lumen(committed_db: CommittedDatabase) -> Vendor:
    return vendor("lumen")


def at_once(work: Callable[[], Any]) -> list[Any]:
    """What each client got: its result, or the code of its refusal."""
    start = Barrier(CLIENTS)

    def client(_number: int) -> Any:
        try:
            start.wait(timeout=20)
            return work()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(client, range(CLIENTS)))


def issue(lumen: Vendor, wanted: NewLicense) -> License:
    return run_in_trail(lambda trail: issue_license(license=wanted, trail=trail), actor=lumen.house.actor)


def test_issued_units_never_exceed_the_rights(lumen: Vendor) -> None:
    """Eight clients ask for 3 of 10 rights at once: three succeed, five are refused, 9 are issued."""
    kind = lumen.license_type("subscription")
    for _round in range(5):
        with lumen.house.writing():
            bought = licensing.entitlement(lumen.house.organization, product=lumen.product, quantity=10)
        wanted = NewLicense(license_type=kind, licensee=lumen.customer, quantity=3, entitlement=bought)
        got = at_once(partial(issue, lumen, wanted))
        assert got.count("ENTITLEMENT_EXHAUSTED") == CLIENTS - 3
        with lumen.house.reading():
            assert Entitlement.objects.get(id=bought.id).issued == 9
            assert License.objects.filter(entitlement=bought).count() == 3


def test_the_database_alone_refuses_more_than_the_rights(lumen: Vendor) -> None:
    """With the operation out of the way the named constraint holds."""
    with lumen.house.writing():
        bought = licensing.entitlement(lumen.house.organization, product=lumen.product, quantity=10)
    with pytest.raises(IntegrityError, match="issued_within_rights"), lumen.house.writing(), transaction.atomic():
        Entitlement.objects.filter(id=bought.id).update(issued=11)


def test_a_term_begins_once_however_many_ask_first(lumen: Vendor) -> None:
    """Eight first questions at once: all valid, one start of the term, one entry, one end for all."""
    license, key = lumen.keyed("trial")
    answers = [answer.json() for answer in at_once(lambda: ask(key))]
    assert {answer["code"] for answer in answers} == {"VALID"}
    begun = [answer["obligations"] for answer in answers if answer["obligations"]]
    assert len(begun) == 1
    with lumen.house.reading():
        assert Event.objects.filter(kind="license.term_started", subject_id=str(license.id)).count() == 1

"""Two people who save the same new name in the same instant: one row, and one mistake that is told as a mistake."""

from collections import Counter
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from licensing.models import Publisher
from tests.factories.tenants import PASSWORD, Tenant, member, tenant
from tests.plugins.databases import CommittedDatabase

pytestmark = pytest.mark.postgres
ROUNDS = 25
TYPISTS = 4


def signed_in_as(one: Tenant) -> Client:
    account, _principal = member(one, "it_admin")
    browser = Client(HTTP_HOST="127.0.0.1")
    browser.post("/accounts/sign-in/", {"username": account.email, "password": PASSWORD})
    return browser


def saved_at_once(browsers: list[Client], name: str) -> Counter[tuple[int, str]]:
    """What everybody was answered: status, and the pointer of the mistake."""
    barrier, answers = Barrier(len(browsers)), Counter[tuple[int, str]]()

    def save(browser: Client) -> None:
        barrier.wait(timeout=20)
        answer = browser.post("/api/v1/publishers/", {"name": name}, content_type="application/json")
        mistakes = answer.json().get("errors", [])
        answers[answer.status_code, mistakes[0]["pointer"] if mistakes else ""] += 1
        connection.close()

    threads = [Thread(target=save, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return answers


def test_the_same_name_in_the_same_instant_is_one_row_and_mistakes(committed_db: CommittedDatabase) -> None:
    """Of four who save one name together, one gets the row and three are told that the name is taken; nobody sees an
    error of the server."""
    one = tenant()
    browsers = [signed_in_as(one) for _typist in range(TYPISTS)]
    for number in range(ROUNDS):
        answers = saved_at_once(browsers, f"Lumen {number}")
        assert answers == {(201, ""): 1, (400, "/name"): TYPISTS - 1}
    with one.reading():
        assert Publisher.objects.count() == ROUNDS

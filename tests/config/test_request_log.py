"""What the log says about requests."""

import logging

import pytest
from django.test import Client


@pytest.mark.django_db
def test_queries_are_not_logged(caplog):
    """The path is logged with the request's id; what somebody searched for is not."""
    with caplog.at_level(logging.INFO):
        Client(HTTP_HOST="127.0.0.1").get("/healthz?q=Kim+Member")
    assert "GET /healthz" in caplog.text
    assert "Kim" not in caplog.text

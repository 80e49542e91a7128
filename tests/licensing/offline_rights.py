"""Offline certificates as tests ask for them: by the operation, and over REST."""

from typing import Any

from django.test import Client

from licensing.models import License
from licensing.operations import CheckOut, IssuedCertificate, check_out
from tests.licensing.vendors import Vendor


def out(lumen: Vendor, license: License, machine: str = "m-1", **asked: Any) -> IssuedCertificate:
    with lumen.house.writing() as trail:
        return check_out(license_id=license.id, asked=CheckOut(fingerprint=machine, **asked), trail=trail)


def visitor() -> Client:
    return Client(HTTP_HOST="127.0.0.1")


def post(browser: Client, path: str, body: Any = None) -> Any:
    return browser.post(f"/api/v1/{path}", body or {}, content_type="application/json")

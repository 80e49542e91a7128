"""The walk through the journey, on the site as `make run` starts it: each stop works, is accessible and is quiet."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import barriers
from tests.browser.conftest import Watch
from tests.browser.stops import Walk, accounts
from tests.browser.walk import whole_journey
from tests.launching import launched, newcomers_environment


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("walk") / "data"


@pytest.fixture(scope="module")
def site(data: Path) -> Iterator[str]:
    """Web server, worker and scheduler with the demo, instead of a server thread."""
    environment = newcomers_environment(data)
    with launched(environment):
        yield environment["SEATLEDGER_BASE_URL"]


def test_the_journey_is_walked_without_a_barrier(
    page: Page, site: str, watch: Watch, data: Path, tmp_path: Path
) -> None:
    """From the import to the package, then a directory service and single sign-on: no serious accessibility finding at
    any stop, no report of the content security policy, no console error, no request outside the site."""
    watch.expect("409 (Conflict)")
    watch.expect("request outside the site: http://127.0.0.1:")  # the identity provider
    watch.expect("net::ERR_EMPTY_RESPONSE")  # which has no picture for the browser's tab
    watch.expect("403 (Forbidden)")  # a password, where the company's sign-in is the only way
    page.set_default_timeout(30_000)
    found: dict[str, list[str]] = {}
    walk = Walk(page, site, lambda name, page: found.update({name: barriers(page)}), accounts(data))
    archive = whole_journey(walk, tmp_path)
    assert {name: lines for name, lines in found.items() if lines} == {}
    assert len(found) >= 25

    empty = tmp_path / "elsewhere"
    with zipfile.ZipFile(archive) as package:
        package.extractall(empty)
    [verifier] = empty.rglob("verify.py")
    judged = subprocess.run([sys.executable, "-I", verifier.name], cwd=verifier.parent, capture_output=True, text=True)
    # 2: everything holds, and nobody confirmed the key by another way.
    assert (judged.returncode, "CHANGED" in judged.stdout) == (2, False), judged.stdout

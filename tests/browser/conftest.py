"""Debian's Chromium under Playwright, watched: a content-security report, a page error, an error on the console or a
request outside the site fails the test in which it happened."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

from tests.browser.chromium import FLAGS, chromium

# Playwright's event loop lives in this thread; the database calls of fixtures are synchronous all the same.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

REPORTS = """
document.addEventListener('securitypolicyviolation', event => {
    console.error(`CSP ${event.violatedDirective}: ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`);
});
"""


@dataclass
class Watch:
    """What the pages of a test did that they must not do. A test that provokes an error on purpose says so with
    `expect`, by a part of the message."""

    origin: str
    seen: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def expect(self, part: str) -> None:
        self.expected.append(part)

    def request(self, request: Request) -> None:
        if not request.url.startswith((self.origin + "/", "data:", "blob:", "about:")):
            self.seen.append(f"request outside the site: {request.url}")

    def console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.seen.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def unexpected(self) -> list[str]:
        return [line for line in self.seen if not any(part in line for part in self.expected)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": chromium(), "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_context_args,
        "locale": "en-GB",
        "timezone_id": "Europe/Berlin",
        "viewport": {"width": 1280, "height": 900},
    }


@pytest.fixture
def watch(context: BrowserContext, site: str) -> Iterator[Watch]:
    """Collects from every page of the test's browser context and judges after the test."""
    watching = Watch(origin=site)
    context.add_init_script(REPORTS)
    context.on("request", watching.request)
    context.on("console", watching.console)
    context.on("weberror", lambda error: watching.seen.append(f"page error: {error.error}"))
    yield watching
    assert watching.unexpected() == []


@pytest.fixture
def page(page: Page, watch: Watch) -> Page:
    """pytest-playwright's page, watched."""
    page.set_default_timeout(30_000)
    return page

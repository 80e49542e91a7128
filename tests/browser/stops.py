"""One browser tab that walks, and the accounts of the demo that it signs in with."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

Look = Callable[[str, Page], None]


@dataclass
class Walk:
    """One browser tab on the site at `origin`. `look` is called at each stop with the stop's name."""

    page: Page
    origin: str
    look: Look
    sign_ins: dict[str, dict[str, str]]
    """The demo's accounts by role and, for the vendor's, `lumen-` before it."""

    def go(self, path: str) -> None:
        self.page.goto(self.origin + path)

    def press(self, name: str) -> None:
        """The button or link of this name."""
        button = self.page.get_by_role("button", name=name)
        (button.or_(self.page.get_by_role("link", name=name))).first.click()

    def give_password(self, role: str) -> None:
        """Leaves whoever was signed in behind."""
        self.page.context.clear_cookies(name="session")
        self.go("/accounts/sign-in/")
        account = self.sign_ins[role]
        self.page.get_by_label("E-mail").fill(account["email"])
        self.page.get_by_label("Password").fill(account["password"])
        self.press("Sign in")

    def sign_in(self, role: str) -> None:
        self.give_password(role)
        self.page.wait_for_url(self.origin + "/")


def accounts(data: Path) -> dict[str, dict[str, str]]:
    """The sign-ins that the start printed and kept beside the data."""
    rows = json.loads((data / "demo-sign-ins.json").read_text(encoding="utf-8"))
    return {f"{'lumen-' if row['organization'] == 'Lumen CAD' else ''}{row['role']}": row for row in rows}

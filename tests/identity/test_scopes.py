"""Scopes: each permission is within one or kept from programs; scope and role must both allow."""

import pytest

from identity.rules.roles import ROLES, permissions_of
from identity.rules.scopes import FOR_PEOPLE_ALONE, SCOPES, permissions_within, roles_beyond
from tests.architecture.documented import permissions
from tests.architecture.source import ROOT, none


def test_every_permission_is_within_a_scope_or_kept_from_programs():
    """A new permission is given a scope, or a reason why no program has it; none is in both."""
    covered = frozenset().union(*(scope.permissions for scope in SCOPES.values()))
    none(set(permissions()) - covered - set(FOR_PEOPLE_ALONE))
    none(covered & set(FOR_PEOPLE_ALONE))


def test_scopes_name_permissions_that_exist():
    """A misspelt permission would make a scope that allows nothing."""
    none(f"{scope.code}: {name}" for scope in SCOPES.values() for name in scope.permissions - set(permissions()))
    none(set(FOR_PEOPLE_ALONE) - set(permissions()))


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_token_allows_what_role_and_scope_both_allow(role):
    """With every scope a token allows no more than the role, with one scope no more than that."""
    assert permissions_within(roles=[role], scopes=SCOPES) == permissions_of([role]) - set(FOR_PEOPLE_ALONE)
    for code, scope in SCOPES.items():
        assert permissions_within(roles=[role], scopes=[code]) == permissions_of([role]) & scope.permissions
    assert permissions_within(roles=[role], scopes=["unknown"]) == frozenset()


def test_nobody_gives_a_role_that_is_more_than_the_own():
    """An administrator offers what is within the own permissions; whoever grants memberships may offer all."""
    assert roles_beyond(roles=ROLES, permissions=permissions_of(["owner"])) == ["platform_operator"]
    beyond = roles_beyond(roles=ROLES, permissions=permissions_of(["it_admin"]))
    assert {"owner", "finance", "auditor", "vendor_ops"} <= set(beyond)
    assert not {"it_admin", "support", "member"} & set(beyond)


def test_the_page_names_every_scope_with_its_purpose():
    """docs/scopes.md says what the code says."""
    page = (ROOT / "docs" / "scopes.md").read_text(encoding="utf-8")
    rows = [
        f"| `{scope.code}` | {scope.purpose} | {', '.join(f'`{name}`' for name in sorted(scope.permissions))} |"
        for scope in SCOPES.values()
    ]
    none(row for row in rows if row not in page)
    none(f"`{name}`: {why}" for name, why in FOR_PEOPLE_ALONE.items() if f"| `{name}` | {why} |" not in page)
    assert page.count("\n| `") == len(rows) + len(FOR_PEOPLE_ALONE)

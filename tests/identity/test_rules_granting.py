"""Who may give which roles to whom: the pure rule, one sentence each."""

import pytest

from identity.rules.granting import GrantCode, RoleChange, head_role, may_change


def change(before=(), after=(), **facts):
    values = {"kind": "buyer", "actor": {"owner"}, "other_heads": 1, **facts}
    return may_change(RoleChange(before=frozenset(before), after=frozenset(after), **values))


def test_an_owner_gives_any_role_of_the_house():
    """Owners make owners, and everybody else."""
    assert change(after={"owner", "finance"}) is GrantCode.ALLOWED


@pytest.mark.parametrize(("before", "after"), [((), {"owner"}), ({"owner"}, {"viewer"}), ({"owner"}, ())])
def test_only_an_owner_gives_or_takes_the_role_of_owner(before, after):
    """Whoever may manage memberships and is no owner cannot make one, and cannot remove one."""
    assert change(before, after, actor={"it_admin"}) is GrantCode.HEAD_ONLY
    assert change(before, after, actor={"owner"}) is GrantCode.ALLOWED
    assert change(before, after, actor=None) is GrantCode.ALLOWED


@pytest.mark.parametrize("after", [{"viewer"}, ()])
@pytest.mark.parametrize("actor", [{"owner"}, None])
def test_the_last_owner_stays(after, actor):
    """Neither a colleague nor a task takes away the last owner; with another one it works."""
    assert change({"owner"}, after, actor=actor, other_heads=0) is GrantCode.LAST_OWNER
    assert change({"owner"}, after, actor=actor, other_heads=1) is GrantCode.ALLOWED


def test_the_platform_has_operators_in_place_of_owners():
    """There the last platform operator stays, and only an operator makes another."""
    assert head_role("platform") == "platform_operator"
    facts = {"kind": "platform", "actor": {"platform_operator"}}
    assert change({"platform_operator"}, (), other_heads=0, **facts) is GrantCode.LAST_OWNER
    assert change((), {"platform_operator"}, **facts) is GrantCode.ALLOWED
    assert change((), {"platform_operator"}, kind="platform", actor={"owner"}) is GrantCode.HEAD_ONLY


@pytest.mark.parametrize("kind", ["buyer", "vendor", "both"])
def test_operators_stand_in_the_platform_alone(kind):
    """Whoever asks, a task of the system included."""
    assert change((), {"platform_operator"}, kind=kind, actor=None) is GrantCode.ROLE_NOT_HERE


def test_nobody_adds_to_the_own_roles():
    """Giving roles up is everybody's own business; adding one is a colleague's."""
    assert change({"owner"}, {"owner", "finance"}, is_own=True) is GrantCode.OWN_ROLES
    assert change({"owner", "finance"}, {"owner"}, is_own=True) is GrantCode.ALLOWED
    assert change({"finance"}, {"procurement"}, is_own=True) is GrantCode.OWN_ROLES


def test_a_customer_belongs_to_a_partner_and_holds_nothing_else():
    """Without a partner there is nothing to see, with another role there would be too much."""
    assert change((), {"customer"}) is GrantCode.CUSTOMER_NEEDS_PARTY
    assert change((), {"customer"}, has_party=True) is GrantCode.ALLOWED
    assert change((), {"customer", "support"}, has_party=True) is GrantCode.CUSTOMER_STANDS_ALONE

"""The one name under which something of an organisation is kept outside its tables."""

from itertools import combinations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.scope import organization_key

ONE, OTHER = UUID(int=1), UUID(int=2)
PARTS = st.lists(
    st.one_of(st.text(), st.sampled_from(["", ".", "..", "/", "a/b", "%2F", "%2E", str(OTHER)])), max_size=3
)


@given(st.sampled_from([ONE, OTHER]), PARTS, st.sampled_from([ONE, OTHER]), PARTS)
def test_no_two_things_share_a_name(first: UUID, parts: list[str], second: UUID, others: list[str]) -> None:
    """Another organisation, or other parts, give another name, whatever the parts contain."""
    same = (first, parts) == (second, others)
    assert (organization_key(first, *parts) == organization_key(second, *others)) is same


def test_no_part_leads_out_of_the_folder() -> None:
    """Neither a slash nor two dots in a part climb to what belongs to others."""
    for part in ("..", ".", "../../etc/passwd", "a/../b", "/etc/passwd"):
        [whose, rest] = organization_key(ONE, part).split("/")
        assert whose == str(ONE)
        assert rest not in {"", ".", ".."}


def test_names_are_readable() -> None:
    """Ids, numbers and plain words stand in it as they are."""
    assert organization_key(ONE, "scim", 7, "I-0001.csv") == f"{ONE}/scim/7/I-0001.csv"
    assert len({organization_key(*pair) for pair in combinations([ONE, OTHER, UUID(int=3)], 2)}) == 3


@pytest.mark.parametrize("nobody", [None, "", str(ONE), 1])
def test_only_an_id_names_an_organisation(nobody: Any) -> None:
    """None or a text would be one name for all who forgot theirs."""
    with pytest.raises(TypeError, match="no id of an organisation"):
        organization_key(nobody, "a")

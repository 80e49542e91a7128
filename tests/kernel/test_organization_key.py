"""The one name under which something of an organisation is kept outside its tables."""

from itertools import product
from typing import Any
from uuid import UUID

import pytest

from kernel.scope import organization_key

ONE, OTHER = UUID(int=1), UUID(int=2)
NASTY = (
    "",
    ".",
    "..",
    "/",
    "a",
    "a/b",
    "a%2Fb",
    "b",
    "%2E",
    "%2E%2E",
    "%",
    "é",
    "e\u0301",
    "A",
    "a ",
    "a\n",
    "\ud800",
    str(OTHER),
)


def test_no_two_things_share_a_name() -> None:
    """Another organisation, or other parts, give another name, whatever the parts contain: a slash, a dot, a percent
    sign, an id of somebody else."""
    parts = [(), *product(NASTY), *product(NASTY, repeat=2)]
    names = {organization_key(whose, *one) for whose in (ONE, OTHER) for one in parts}
    assert len(names) == 2 * len(parts)


def test_no_part_leads_out_of_the_folder() -> None:
    """Neither a slash nor two dots in a part climb to what belongs to others."""
    for part in ("..", ".", "../../etc/passwd", "a/../b", "/etc/passwd"):
        [whose, rest] = organization_key(ONE, part).split("/")
        assert whose == str(ONE)
        assert rest not in {"", ".", ".."}


def test_names_are_readable() -> None:
    """Ids, numbers and plain words stand in it as they are."""
    assert organization_key(ONE, "scim", 7, "I-0001.csv") == f"{ONE}/scim/7/I-0001.csv"


@pytest.mark.parametrize("nobody", [None, "", str(ONE), 1])
def test_only_an_id_names_an_organisation(nobody: Any) -> None:
    """None or a text would be one name for all who forgot theirs."""
    with pytest.raises(TypeError, match="no id of an organisation"):
        organization_key(nobody, "a")

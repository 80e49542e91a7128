"""The documentation names every answer that a validation can give, in order."""

import re
from pathlib import Path

from licensing.rules.codes import Code, ObligationCode, WarningCode

PAGE = (Path(__file__).parents[2] / "docs" / "validation-codes.md").read_text()


def test_every_code_is_documented_in_the_order_of_severity() -> None:
    """Codes, warnings and obligations: all of them, no other, in the order of the code."""
    assert re.findall(r"^\| `([A-Z_]+)` \|", PAGE, flags=re.MULTILINE) == [*Code, *WarningCode, *ObligationCode]

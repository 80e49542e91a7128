"""The `.lic` file survives what people and mail programs do to files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licensing.armour import BEGIN, END, LONGEST_FILE, armour, read_armour
from licensing.signing import MalformedToken

TOKENS = st.text(alphabet="ABCXYZabcxyz0189-_.", min_size=1, max_size=400)


@given(TOKENS)
def test_the_token_comes_back(token: str) -> None:
    """Wrapping and unwrapping gives the same token, in lines of at most 64 columns."""
    text = armour(token)
    assert read_armour(text) == token
    lines = text.splitlines()
    assert (lines[0], lines[-1]) == (BEGIN, END)
    assert all(len(line) <= 64 for line in lines)
    assert text.endswith("\n")


@given(TOKENS, st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\n   ", " \n"]))
def test_line_ends_and_surroundings_do_not_matter(token: str, line_end: str) -> None:
    """A file that was quoted in a mail, indented, or saved with other line ends is still read."""
    mangled = "\ufeffDear customer,\n" + armour(token).replace("\n", line_end) + "Kind regards\n"
    assert read_armour(mangled) == token


@pytest.mark.parametrize(
    "text",
    [
        "",
        "aaa.bbb.ccc",
        BEGIN + "\naaa",
        "aaa\n" + END,
        END + "\naaa\n" + BEGIN,
        armour("aaa") + armour("bbb"),
        BEGIN + "\n" + END,
        armour("a" * LONGEST_FILE),
    ],
)
def test_what_is_no_license_file_is_refused(text: str) -> None:
    """Nothing, half a file, two certificates or a huge one: refused with one clear code."""
    with pytest.raises(MalformedToken) as refused:
        read_armour(text)
    assert refused.value.code == "TOKEN_MALFORMED"
    assert "BEGIN" in refused.value.message

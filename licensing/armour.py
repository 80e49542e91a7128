"""The `.lic` file: a licence certificate between two lines that people recognise, folded to survive mail programs.

    -----BEGIN SEATLEDGER LICENSE-----
    eyJhbGciOiJFZERTQSIsImtpZCI6Ii4uLiIsInR5cCI6InNlYXRsZWRnZXItbGljZW5zZ…
    -----END SEATLEDGER LICENSE-----

The text between the lines, without white space, is the token itself: no tool but a text editor is needed to get at it.
"""

from django.utils.translation import gettext

from licensing.signing import MalformedToken

BEGIN = "-----BEGIN SEATLEDGER LICENSE-----"
END = "-----END SEATLEDGER LICENSE-----"
COLUMNS = 64
LONGEST_FILE = 32_768


def armour(token: str) -> str:
    """The file for a token, with a line feed at its end."""
    folded = (token[start : start + COLUMNS] for start in range(0, len(token), COLUMNS))
    return "\n".join((BEGIN, *folded, END, ""))


def read_armour(text: str) -> str:
    """The token in a file; what stands before and after the two lines is ignored.

    Forgives every kind of line end, indentation and a byte order mark. Raises MalformedToken when the file is absurdly
    long, when a line is missing or when there is more than one certificate. It does not verify anything.
    """
    if len(text) > LONGEST_FILE or text.count(BEGIN) != 1 or text.count(END) != 1:
        raise _no_license_file()
    token = "".join(text.partition(BEGIN)[2].partition(END)[0].split())
    if not token:
        raise _no_license_file()
    return token


def _no_license_file() -> MalformedToken:
    return MalformedToken(gettext("This is not a licence file: one certificate between its BEGIN and END lines."))
